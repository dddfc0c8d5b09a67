//! The versions of the library and of its ABI.

use std::ffi::c_char;

/// The version of the ABI, which is also the number in the SONAME libpi.so.1. It rises when
/// programs that were built for the old version can no longer run with the new one.
pub const LIBPI_ABI_VERSION: u32 = 1;

/// Returns the version of the loaded library, such as "0.1.0". The string lives as long as the
/// process.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the LIBPI_ABI_VERSION of the loaded library. If it differs from the number that the
/// program was compiled with, the program must not call any other function.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_abi_version() -> u32 {
    LIBPI_ABI_VERSION
}
