"""cffi in API mode: it writes a module in C from the declarations, and compiles it.

Build: python $SRC/crossings_cffi_api.py
"""

if __name__ == "__main__":
    from cffi import FFI

    DECLARATIONS = """
        uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
        uint64_t libpi_philox_c(uint64_t seed, uint64_t first, uint64_t count);
    """
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source(
        "_crossings_cffi_api",
        f"#include <stdint.h>\n{DECLARATIONS}",
        libraries=["callees_c"],
        library_dirs=["."],
        extra_compile_args=["-O3"],
        extra_link_args=["-Wl,-rpath,$ORIGIN"],
    )
    ffi.compile()
else:
    from _crossings_cffi_api import lib  # type: ignore[import-not-found]

    callee = lib.libpi_callee_c
    kernel = lib.libpi_philox_c
