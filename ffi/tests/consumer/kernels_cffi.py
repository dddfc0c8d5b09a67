"""A kernel through cffi: its exception becomes the error number that the callback names."""

import subprocess
import sys

from cffi import FFI


def main(header: str) -> None:
    """Checks hits, an exception and a progress function with the header of an installation."""
    ffi = FFI()
    ffi.cdef(subprocess.check_output(["cc", "-E", "-P", header], text=True))
    libpi = ffi.dlopen("libpi.so.1")
    raised = []

    def keep(kind: type, error: BaseException, trace: object) -> None:
        raised.append(error)

    @ffi.callback("libpi_context_kernel", error=3, onerror=keep)
    def kernel(context, first: int, count: int, hits) -> int:
        if first >= 700:
            raise ValueError(f"index {first}")
        hits[0] = count
        return 0

    @ffi.callback("libpi_progress")
    def stop(user_data, done: int, count: int) -> int:
        return 1

    hits, done = ffi.new("uint64_t *"), ffi.new("uint64_t *")
    assert libpi.libpi_drive_context(b"auto", kernel, ffi.NULL, 0, 700, 10, 2, hits) == 0
    assert hits[0] == 700 and not raised
    status = libpi.libpi_drive_context(b"auto", kernel, ffi.NULL, 0, 800, 10, 2, hits)
    assert ffi.string(libpi.libpi_status_text(status)) == b"the caller's kernel failed"
    assert libpi.libpi_last_kernel_error() == 3 and isinstance(raised[0], ValueError)
    status = libpi.libpi_hits_progress(
        b"auto", b"serial", 1, 42, 0, 1 << 40, 1, stop, ffi.NULL, hits, done
    )
    assert ffi.string(libpi.libpi_status_text(status)).endswith(b"stopped the count")
    assert 0 < hits[0] < done[0]
    print("all as the header says")


main(sys.argv[1])
