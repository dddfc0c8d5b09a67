//! The callee in Rust. The build script compiles this file alone, to an object like those of the
//! callees in C and Fortran: nothing that calls it sees inside.

/// A kernel by its type, which only computes (3 seed xor first) − count.
#[unsafe(no_mangle)]
pub extern "C" fn libpi_callee_rust(seed: u64, first: u64, count: u64) -> u64 {
    (seed.wrapping_mul(3) ^ first).wrapping_sub(count)
}
