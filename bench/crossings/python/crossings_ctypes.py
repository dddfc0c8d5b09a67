"""ctypes, a part of Python. It needs no build."""

import os.path
from ctypes import CDLL, c_uint64

library = CDLL(os.path.join(os.path.dirname(__file__), "libcallees_c.so"))
callee = library.libpi_callee_c
kernel = library.libpi_philox_c
for function in (callee, kernel):
    function.argtypes = (c_uint64, c_uint64, c_uint64)
    function.restype = c_uint64
