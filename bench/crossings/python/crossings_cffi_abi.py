"""cffi in ABI mode: it reads the declarations when it runs. It needs no build."""

import os.path
from typing import Any

from cffi import FFI

ffi = FFI()
ffi.cdef("""
    uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
    uint64_t libpi_philox_c(uint64_t seed, uint64_t first, uint64_t count);
""")
library: Any = ffi.dlopen(os.path.join(os.path.dirname(__file__), "libcallees_c.so"))
callee = library.libpi_callee_c
kernel = library.libpi_philox_c
