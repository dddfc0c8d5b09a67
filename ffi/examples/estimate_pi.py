"""Estimates pi through cffi, which reads the header after the C preprocessor has expanded it.

pip install cffi
python estimate_pi.py
"""

import re
import subprocess
from pathlib import Path

from cffi import FFI


def say(*command: str) -> str:
    """Returns what a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Loads libpi, counts hits and prints the estimate of pi."""
    header = Path(say("pkg-config", "--variable=includedir", "libpi")) / "libpi.h"
    ffi = FFI()
    ffi.cdef(say("cc", "-E", "-P", str(header)))
    libpi = ffi.dlopen("libpi.so.1")
    # The preprocessor removes the constants, so they come from the header itself.
    constants = dict(re.findall(r"^#define (LIBPI_\w+) (\d+)$", header.read_text(), re.MULTILINE))

    count, hits = 1_000_000, ffi.new("uint64_t *")
    if libpi.libpi_hits(int(constants["LIBPI_PHILOX"]), 42, 0, count, 0, hits):
        raise SystemExit(ffi.string(libpi.libpi_last_error()).decode())
    pi, standard_error = ffi.new("double *"), ffi.new("double *")
    libpi.libpi_estimate(hits[0], count, pi, standard_error)
    print(f"{hits[0]} hits of {count} samples")
    print(f"pi = {pi[0]:.6f}, standard error {standard_error[0]:.6f}")


if __name__ == "__main__":
    main()
