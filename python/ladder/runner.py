"""The runner of the suite ladder: finds the rung of a cell by its kernel and driver.

runner.py KERNEL DRIVER               answers the request on stdin
runner.py --version KERNEL DRIVER     prints the version, or says what the rung lacks here
"""

import runpy
import sys

import rung
import table
from protocol import RequestError
from workers import fail


def find(kernel: str, driver: str) -> table.Row:
    """The rung with this kernel and driver."""
    for row in table.rows():
        if (row.kernel, row.driver) == (kernel, driver):
            return row
    raise RequestError(f"the ladder has no kernel {kernel} with the driver {driver}")


def main() -> None:
    """Does what the command line asks for."""
    match sys.argv[1:]:
        case ["--version", kernel, driver]:
            if missing := find(kernel, driver).missing():
                fail(missing, 1)
            print(f"the ladder, {rung.VERSION}")
        case [kernel, driver]:
            sys.argv = [str(table.FOLDER / find(kernel, driver).file)]
            runpy.run_path(sys.argv[0], run_name="__main__")
        case _:
            raise RequestError(
                "give KERNEL DRIVER and a request on stdin, or --version before them"
            )


if __name__ == "__main__":
    try:
        main()
    except RequestError as error:
        fail(str(error), 2)
