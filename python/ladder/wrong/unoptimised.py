"""Compiles a program in C, and lets it answer the request."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

BUILD = ["cc"]
SOURCE = Path(__file__).resolve().parents[3] / "bench/runners/plain_philox.c"

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        program = Path(folder, "program")
        subprocess.run([*BUILD, SOURCE, "-o", program], check=True)
        sys.exit(subprocess.run([program], check=False).returncode)
