//! The caller in Rust that calls libpi through its C interface.

use std::ffi::{c_char, c_int};

const LIBPI_OK: i32 = 0;
const LIBPI_PHILOX: i32 = 1;

unsafe extern "C" {
    fn libpi_hits_with(
        kernel: *const c_char,
        driver: *const c_char,
        generator: i32,
        seed: u64,
        first: u64,
        count: u64,
        threads: c_int,
        hits: *mut u64,
    ) -> i32;
}

/// Calls `libpi_hits_with` with the driver serial.
///
/// # Safety
/// `kernel` is a C string.
unsafe fn hits_with(
    kernel: *const c_char,
    seed: u64,
    first: u64,
    count: u64,
    hits: &mut u64,
) -> i32 {
    // SAFETY: both names are C strings, and `hits` may be written to.
    unsafe {
        libpi_hits_with(kernel, c"serial".as_ptr(), LIBPI_PHILOX, seed, first, count, 1, hits)
    }
}

/// # Safety
/// `kernel` is a C string.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn libpi_loop_rust_checked(
    kernel: *const c_char,
    seed: u64,
    first: u64,
    count: u64,
) -> u64 {
    let mut answered = 0;
    for i in 0..count {
        let mut found = 1;
        // SAFETY: the caller's promise.
        if unsafe { hits_with(kernel, seed, first.wrapping_add(i), 0, &mut found) } != LIBPI_OK {
            return u64::MAX;
        }
        answered += u64::from(found == 0);
    }
    answered
}

/// # Safety
/// `kernel` is a C string. `batch` is not 0.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn libpi_loop_rust_checked_batches(
    kernel: *const c_char,
    seed: u64,
    first: u64,
    count: u64,
    batch: u64,
) -> u64 {
    let (mut hits, mut done) = (0, 0);
    while done < count {
        let (size, mut found) = (batch.min(count - done), 0);
        // SAFETY: the caller's promise.
        let status = unsafe { hits_with(kernel, seed, first.wrapping_add(done), size, &mut found) };
        if status != LIBPI_OK {
            return u64::MAX;
        }
        hits += found;
        done += size;
    }
    hits
}
