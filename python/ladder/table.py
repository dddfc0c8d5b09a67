"""The table of rungs, ladder.toml, and what each rung needs."""

import shutil
import sys
import tokenize
import tomllib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import built

FOLDER = Path(__file__).resolve().parent

#: The tokens that are no code. NEWLINE ends a statement.
LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


@dataclass(frozen=True)
class Row:
    """A rung. ladder.toml explains each field."""

    name: str
    title: str
    generator: str
    kernel: str
    driver: str
    workers: str
    limit: str
    modules: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    python: str = ""
    built: str = ""
    sources: list[str] = field(default_factory=list)
    needs: str = ""

    @property
    def file(self) -> str:
        """The program, in the folder of the table."""
        return f"{self.name}.py"

    @property
    def cell(self) -> str:
        """The cell's name without its numbers of ranks and threads."""
        return f"{self.generator}/{self.kernel}/{self.driver}"

    @property
    def is_exact(self) -> bool:
        """Whether the count follows from seed and range alone."""
        return self.generator != "textbook"

    @property
    def estimates_pi(self) -> bool:
        """Whether its hits are points inside the circle."""
        return self.generator != "square"

    def describe(self, ranks: int, workers: int) -> str:
        """The workers in words: so many ranks with so many workers each."""
        if self.workers == "hybrid":
            return f"{plural(ranks, 'rank', 'ranks')} of {plural(workers, 'thread', 'threads')}"
        if self.workers == "ranks":
            return plural(ranks, "rank", "ranks")
        if self.workers == "processes":
            return plural(workers, "process", "processes")
        return plural(workers, "thread", "threads")

    def lines(self) -> int:
        """The lines of code of the program and of what it calls in other languages."""
        return sum(lines_of_code(FOLDER / file) for file in (self.file, *self.sources))

    def missing(self) -> str | None:
        """Says what the rung needs and this machine lacks. None if it lacks nothing."""
        if self.python == "free-threaded":
            if free_threaded_python() is None:
                return "it needs a Python without a global lock: python3.14t or python3.13t"
        elif self.python and sys.version_info < tuple(map(int, self.python.split("."))):
            return f"it needs Python {self.python} or later; this is {sys.version.split()[0]}"
        for module in self.modules:
            if not is_importable(module):
                return f"there is no module {module}: {self.needs or 'make setup-ladder'}"
        for command in self.commands:
            if shutil.which(command) is None:
                return f"there is no command {command}: {self.needs or 'make setup-ladder'}"
        if self.built and built.find(self.built) is None:
            return built.missing(self.built)
        return None


def plural(number: int, one: str, more: str) -> str:
    """A number with its word."""
    return f"{number} {one if number == 1 else more}"


def is_importable(module: str) -> bool:
    """Whether a module is installed. It is not imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # The package that should hold it is missing.
        return False


def free_threaded_python() -> str | None:
    """The newest Python without a global interpreter lock that is on the PATH."""
    return shutil.which("python3.14t") or shutil.which("python3.13t")


def rows() -> list[Row]:
    """All rungs, in the order in which they are taught."""
    with (FOLDER / "ladder.toml").open("rb") as file:
        return [Row(**row) for row in tomllib.load(file)["rung"]]


def of_file(path: str) -> Row:
    """The rung of a file."""
    name = Path(path).name
    return next(row for row in rows() if row.file == name)


def lines_of_code(file: Path) -> int:
    """The lines of a program that hold code: neither blank, nor comments, nor docstrings."""
    if file.suffix != ".py":
        # In C, a line inside a long comment begins with a star.
        comments = ("! ", "# ", "//", "/*", "* ", "*/")
        code = (line.strip() for line in file.read_text().splitlines())
        return sum(bool(line) and not line.startswith(comments) for line in code)
    with tokenize.open(file) as text:
        tokens = [t for t in tokenize.generate_tokens(text.readline) if t.type not in LAYOUT]
    before = [None, *(token.type for token in tokens)]
    lines: set[int] = set()
    for token, last in zip(tokens, before, strict=False):
        is_docstring = token.type == tokenize.STRING and last in (None, tokenize.NEWLINE)
        if token.type != tokenize.NEWLINE and not is_docstring:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines)
