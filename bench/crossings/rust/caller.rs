//! The caller in Rust.

use libpi::KernelFn;

unsafe extern "C" {
    pub(crate) safe fn libpi_callee_rust(seed: u64, first: u64, count: u64) -> u64;
    pub(crate) safe fn libpi_callee_c(seed: u64, first: u64, count: u64) -> u64;
    #[cfg(built_fortran)]
    pub(crate) safe fn libpi_callee_fortran(seed: u64, first: u64, count: u64) -> u64;
}

fn callee_inlined(seed: u64, first: u64, count: u64) -> u64 {
    (seed.wrapping_mul(3) ^ first).wrapping_sub(count)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn libpi_loop_rust_floor(seed: u64, first: u64, count: u64) -> u64 {
    let mut answer = seed;
    for i in 0..count {
        answer = callee_inlined(answer, first.wrapping_add(i), 1);
    }
    answer
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn libpi_loop_rust_direct_rust(seed: u64, first: u64, count: u64) -> u64 {
    let mut answer = seed;
    for i in 0..count {
        answer = libpi_callee_rust(answer, first.wrapping_add(i), 1);
    }
    answer
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn libpi_loop_rust_direct_c(seed: u64, first: u64, count: u64) -> u64 {
    let mut answer = seed;
    for i in 0..count {
        answer = libpi_callee_c(answer, first.wrapping_add(i), 1);
    }
    answer
}

#[cfg(built_fortran)]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn libpi_loop_rust_direct_fortran(seed: u64, first: u64, count: u64) -> u64 {
    let mut answer = seed;
    for i in 0..count {
        answer = libpi_callee_fortran(answer, first.wrapping_add(i), 1);
    }
    answer
}

/// # Safety
/// The same as for [`KernelFn`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn libpi_loop_rust_pointer(
    callee: KernelFn,
    seed: u64,
    first: u64,
    count: u64,
) -> u64 {
    let mut answer = seed;
    for i in 0..count {
        // SAFETY: the caller's promise.
        answer = unsafe { callee(answer, first.wrapping_add(i), 1) };
    }
    answer
}

/// # Safety
/// The same as for [`KernelFn`]. `batch` is not 0.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn libpi_loop_rust_batches(
    kernel: KernelFn,
    seed: u64,
    first: u64,
    count: u64,
    batch: u64,
) -> u64 {
    let mut hits = 0;
    let mut done = 0;
    while done < count {
        let size = batch.min(count - done);
        // SAFETY: the caller's promise.
        hits += unsafe { kernel(seed, first.wrapping_add(done), size) };
        done += size;
    }
    hits
}
