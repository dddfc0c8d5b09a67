//! The callee in Rust. The build script compiles this file separately to an object, like the
//! callees in C and Fortran, so no caller can inline it.

/// It has the type of a kernel, and only computes (3 seed xor first) − count.
#[unsafe(no_mangle)]
pub extern "C" fn libpi_callee_rust(seed: u64, first: u64, count: u64) -> u64 {
    (seed.wrapping_mul(3) ^ first).wrapping_sub(count)
}
