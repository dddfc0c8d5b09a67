"""Python kernels under every driver, through the example's `drive`: hits, exceptions, threads."""

import ctypes
import threading

from failing_kernel import LIBPI, drive

LIBPI.libpi_driver_at.argtypes = [ctypes.c_uint32] + 2 * [ctypes.POINTER(ctypes.c_char_p)]


def drivers() -> list[str]:
    """Returns the drivers that can run here."""
    names, name, missing = ["auto"], ctypes.c_char_p(), ctypes.c_char_p()
    while LIBPI.libpi_driver_at(len(names) - 1, name, missing) == 0:
        names.append(name.value.decode() if missing.value is None else "auto")
    return names


def main() -> None:
    """Checks every driver."""
    here = threading.get_ident()
    for driver in drivers():
        callers = set()

        def kernel(indices: range) -> int:
            callers.add(threading.get_ident())
            return sum(i % 3 == 0 for i in indices)

        assert drive(driver, kernel, 1000, 7) == 334, driver
        assert callers == {here} or driver != "serial"

        def raising(indices: range) -> int:
            return 1 // (indices.start - 700)

        try:
            drive(driver, raising, 2000, 700)
            raise SystemExit(f"{driver}: no exception")
        except ZeroDivisionError:
            pass
    try:
        drive("auto", len, 10, 1 << 63)
        raise SystemExit("no error")
    except RuntimeError as error:
        assert "blocks of 9223372036854775808 indices" in str(error), error
    LIBPI.libpi_status_text.restype = ctypes.c_char_p
    assert LIBPI.libpi_status_text(0) == b"success"
    print("all as the header says")


main()
