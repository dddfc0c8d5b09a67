"""The runner of the suite ladder: runs the rung of the cell that a request names.

runner.py                               answers the request on stdin
runner.py --version KERNEL DRIVER       prints the version, or says what the rungs lack here
"""

import os
import runpy
import sys

import rung
import table
from protocol import Request, RequestError
from workers import fail


def rungs(kernel: str, driver: str) -> list[table.Row]:
    """The rungs with this kernel and driver. Their generators differ."""
    found = [row for row in table.rows() if (row.kernel, row.driver) == (kernel, driver)]
    if not found:
        raise RequestError(f"the ladder has no kernel {kernel} with the driver {driver}")
    return found


def pass_on_stdin(text: bytes) -> None:
    """Puts the request back, so that the rung reads it on its stdin."""
    copy = os.memfd_create("request")
    os.write(copy, text)
    os.lseek(copy, 0, os.SEEK_SET)
    os.dup2(copy, 0)
    os.close(copy)
    sys.stdin = os.fdopen(0)


def answer() -> None:
    """Runs the rung that the request names, as if it had been started by itself."""
    text = sys.stdin.buffer.read()
    request = Request(text.decode(errors="replace"))
    kernel, driver, generator = map(request.text, ("kernel", "driver", "generator"))
    for row in rungs(kernel, driver):
        if row.generator == generator:
            break
    else:
        raise RequestError(f"the ladder has no {generator} of {kernel} with {driver}")
    pass_on_stdin(text)
    sys.argv = [str(table.FOLDER / row.file)]
    runpy.run_path(sys.argv[0], run_name="__main__")


def main() -> None:
    """Does what the command line asks for."""
    match sys.argv[1:]:
        case []:
            answer()
        case ["--version", kernel, driver]:
            for row in rungs(kernel, driver):
                if missing := row.missing():
                    fail(missing, 1)
            print(f"the ladder, {rung.VERSION}")
        case _:
            raise RequestError("give no arguments and a request, or --version KERNEL DRIVER")


if __name__ == "__main__":
    try:
        main()
    except RequestError as error:
        fail(str(error), 2)
