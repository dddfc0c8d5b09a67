# maturin makes this module: cffi's view of libpi.h and of the shared library.
from typing import Any

ffi: Any
lib: Any
