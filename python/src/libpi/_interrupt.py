"""Long calls of the library that Ctrl-C ends, and that tell their progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from libpi._libpi import ffi

#: A progress function: it gets the number of samples that are done, and of all.
Progress = Callable[[int, int], object]


class Raised:
    """Carries an exception from a callback, through the library, to the caller."""

    def __init__(self) -> None:
        self.exception: BaseException | None = None

    def keep(self, _kind: object, exception: BaseException, _traceback: object) -> None:
        """Keeps the first exception. cffi calls this in place of printing it."""
        if self.exception is None:
            self.exception = exception

    def again(self) -> None:
        """Raises the exception, if there is one."""
        if self.exception is not None:
            raise self.exception


def watcher(progress: Progress | None, raised: Raised) -> object:
    """Returns the C callback that the library calls between spans.

    Python acts on signals while the callback runs. So a KeyboardInterrupt is raised in it, and the
    library ends the call after this span.
    """

    def between_spans(_: object, done: int, count: int) -> int:
        if progress is not None:
            progress(done, count)
        return 0

    return ffi.callback(
        "int32_t(void *, uint64_t, uint64_t)", between_spans, error=1, onerror=raised.keep
    )


@contextmanager
def shown(progress: bool | Progress) -> Iterator[Progress | None]:
    """Gives the progress function: none for False, a bar for True (if tqdm is installed)."""
    if not isinstance(progress, bool):
        if not callable(progress):
            kind = type(progress).__name__
            raise TypeError(f"progress is {progress!r}, a {kind}: pass a bool or a function")
        yield progress
        return
    if not progress:
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with tqdm(unit=" samples", unit_scale=True) as bar:

        def update(done: int, count: int) -> None:
            bar.total = count
            bar.update(done - bar.n)

        yield update
