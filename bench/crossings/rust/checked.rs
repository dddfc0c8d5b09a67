//! The caller in Rust, through libpi.h.

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

/// # Safety
/// `kernel` is a string; `batch` is not 0.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn libpi_loop_rust_checked(
    kernel: *const c_char,
    seed: u64,
    first: u64,
    count: u64,
    batch: u64,
) -> u64 {
    let (mut hits, mut done, mut found) = (0, 0, 0);
    while done < count {
        let size = batch.min(count - done);
        let first = first.wrapping_add(done);
        // SAFETY: both names are strings, and the answer may be written to.
        let status = unsafe {
            let (driver, found) = (c"serial".as_ptr(), &raw mut found);
            libpi_hits_with(kernel, driver, LIBPI_PHILOX, seed, first, size, 1, found)
        };
        if status != LIBPI_OK {
            return u64::MAX;
        }
        hits += found;
        done += size;
    }
    hits
}
