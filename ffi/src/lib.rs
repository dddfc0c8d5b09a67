//! The exported C ABI of libpi. This crate holds no logic: each function checks its arguments,
//! calls the core, and turns errors and panics into a status and a message.
//!
//! The functions are `extern "C-unwind"`, which is the same ABI as `extern "C"`, because the
//! cancellation of the calling thread may leave them: see [`cancellation`].

mod cancellation;
mod catalog;
mod drive;
mod estimate;
mod failure;
mod generator;
mod hits;
mod message;
mod progress;
mod status;
mod threads;

pub use catalog::{libpi_driver_at, libpi_kernel_at};
pub use drive::{
    libpi_context_kernel, libpi_drive, libpi_drive_context, libpi_kernel, libpi_split,
};
pub use estimate::{libpi_estimate, libpi_interval};
pub use generator::{LIBPI_NPB, LIBPI_PHILOX, LIBPI_TEXTBOOK, LIBPI_XOSHIRO, libpi_generator};
pub use hits::{libpi_hits, libpi_hits_with};
pub use message::{libpi_last_error, libpi_last_kernel_error, libpi_status_text};
pub use progress::{libpi_hits_progress, libpi_progress};
pub use status::*;
pub use threads::{libpi_set_threads, libpi_threads};

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
