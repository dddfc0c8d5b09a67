"""The library's errors as Python's exceptions."""

from __future__ import annotations

from libpi._libpi import ffi, lib


class Error(RuntimeError):
    """What the library cannot do here, although the arguments are valid.

    For example, this CPU lacks the kernel, the system refuses to start threads, or a variable such
    as LIBPI_NUM_THREADS has an invalid value.

    Attributes:
        status: the library's status, one of the numbers LIBPI_ERROR_… of libpi.h
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type[Error], tuple[str, int]]:
        """Returns how to make it anew in another process: of a pool, or of an MPI job."""
        return type(self), (str(self), self.status)


#: The exceptions for statuses that blame an argument.
_KINDS: dict[int, type[Exception]] = {
    lib.LIBPI_ERROR_NAME: ValueError,
    lib.LIBPI_ERROR_SEED: ValueError,
    lib.LIBPI_ERROR_RANGE: OverflowError,
    lib.LIBPI_ERROR_THREADS: ValueError,
    lib.LIBPI_ERROR_HITS: ValueError,
    lib.LIBPI_ERROR_NO_SAMPLES: ValueError,
    lib.LIBPI_ERROR_PART: ValueError,
}


def failure(status: int) -> Exception:
    """Returns the exception for the status of this thread's last call."""
    message = text(lib.libpi_last_error())
    kind = _KINDS.get(status)
    return Error(message, status) if kind is None else kind(message)


def check(status: int) -> None:
    """Raises the exception for a status other than LIBPI_OK."""
    if status != lib.LIBPI_OK:
        raise failure(status)


def text(string: object) -> str:
    """Returns a C string as a str."""
    value: bytes = ffi.string(string)
    return value.decode()
