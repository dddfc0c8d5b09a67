"""Each program of "Spot the bug" is caught by the check that its page names until it is mended."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "python/ladder/wrong"
#: What the programs share.
SHARED = {"spot.py", "kernel.py"}


@dataclass
class Bug:
    """A section of the page."""

    name: str
    text: str

    @property
    def program(self):
        return FOLDER / self.name

    @property
    def command(self):
        """The words of the command that catches it, if pi check-runner can."""
        found = re.search(r"```sh\n(pi check-runner .*)\n```", self.text)
        return shlex.split(found[1]) if found else None

    @property
    def rule(self):
        """The rule of pi check-runner that it breaks."""
        return self.command[self.command.index("--rule") + 1]

    @property
    def words(self):
        """What the command says."""
        return re.search(r"It says `([^`]*)`", self.text)[1]

    def mended(self):
        """The program after the patch of the page."""
        lines = re.search(r"```diff\n(.*?)```", self.text, re.DOTALL)[1].splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        source = self.program.read_text()
        assert source.count(old) == 1, f"the patch does not fit {self.name}"
        return source.replace(old, new)


def bugs():
    sections = (FOLDER / "README.md").read_text().split("\n## ")[1:]
    return [Bug(re.match(r"`(\w+\.py)`", text)[1], text) for text in sections]


CAUGHT = [bug for bug in bugs() if bug.command]


@pytest.fixture
def check():
    """Runs a command of the page, with another program perhaps."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [target / profile / "pi" for profile in ("debug", "release")]
    built = [pi for pi in built if pi.exists()]
    if not built:
        pytest.skip("there is no command pi: make build")
    pi = max(built, key=lambda path: path.stat().st_mtime)

    def run(bug, program, rule):
        words = list(bug.command)
        words[0], words[-2:] = str(pi), [sys.executable, str(program)]
        words[words.index("--rule") + 1] = rule
        return subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture
def mend(tmp_path):
    """Writes the mended program, with what it needs around it."""

    def write(bug):
        folder = tmp_path / bug.program.parent.relative_to(ROOT)
        folder.mkdir(parents=True)
        for name in SHARED:
            (folder / name).symlink_to(FOLDER / name)
        (tmp_path / "bench").symlink_to(ROOT / "bench")
        (folder / bug.name).write_text(bug.mended())
        return folder / bug.name

    return write


def skip_what_is_missing(bug):
    if bug.name == "unoptimised.py" and shutil.which("cc") is None:
        pytest.skip("there is no compiler cc")
    if bug.name == "threads_on_one_cpu.py" and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("with one CPU all threads must share it")


def test_the_page_has_every_program():
    names = {path.name for path in FOLDER.glob("*.py")} - SHARED
    assert names == {bug.name for bug in bugs()}


@pytest.mark.parametrize("bug", CAUGHT, ids=lambda bug: bug.name)
def test_its_check_catches_it_until_it_is_mended(bug, check, mend):
    skip_what_is_missing(bug)
    assert bug.command[-2:] == ["python", str(bug.program.relative_to(ROOT))]
    said = check(bug, bug.program, bug.rule)
    assert said.returncode == 1, said.stderr
    assert f"FAILED  {bug.rule}" in said.stdout
    assert bug.words in said.stdout
    said = check(bug, mend(bug), bug.rule)
    assert said.returncode == 0, said.stdout
    # A program that stops with an error would count as one that refuses.
    assert f"ok      {bug.rule}" in said.stdout


@pytest.mark.parametrize("bug", CAUGHT, ids=lambda bug: bug.name)
def test_it_looks_right_with_one_worker(bug, check):
    skip_what_is_missing(bug)
    said = check(bug, bug.program, "makes one run without warm-up")
    assert said.returncode == 0, said.stdout


def test_the_others_name_a_test_of_the_harness(mend):
    [bug] = [bug for bug in bugs() if not bug.command]
    test, file = re.search(r"The test\n`(\w+)` in\n\[`[\w.]+`\]\(([^)]*)\)", bug.text).groups()
    assert f"fn {test}()" in (FOLDER / file).read_text()
    for program in (bug.program, mend(bug)):
        command = [sys.executable, str(program), "100", "2"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert re.fullmatch(r"2 processes are \d+\.\d times as fast as one\n", said.stdout)
