"""ctypes, a part of Python. It needs no build."""

from ctypes import CDLL, c_uint64
from pathlib import Path

library = CDLL(str(Path(__file__).with_name("libcallees_c.so")))
callee = library.libpi_callee_c
kernel = library.libpi_philox_c
for function in (callee, kernel):
    function.argtypes = (c_uint64, c_uint64, c_uint64)
    function.restype = c_uint64
