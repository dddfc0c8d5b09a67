//! The drivers for the caller's own kernels, and the rule by which they split a range.

use crate::callback::{
    ContextKernelCall, KernelCall, libpi_call_context_kernel, libpi_call_kernel,
};
use crate::caller::{libpi_context_kernel, libpi_kernel};
use crate::failure::{Failure, answer, out, text};
use crate::hits::number;
use crate::status::{LIBPI_ERROR_PART, libpi_status};
use libpi::{Blocks, Catalog, Samples};
use std::ffi::{c_char, c_void};

/// Runs the caller's own kernel under a driver of libpi, and writes to `hits` the sum of what the
/// kernel returns, modulo 2^64.
///
/// The driver splits the range into one part for each thread, as libpi_split does. It does not call
/// the kernel for an empty part. libpi cuts a range of more than 2^62 indices into consecutive
/// pieces of at most 2^62, and the driver splits one piece after the other. libpi passes the seed
/// on without reading it, so it may carry a pointer.
///
/// # Safety
/// `driver` must be NULL or point to a string that ends with a NUL. `hits` must be NULL or point to
/// writable memory. It must be safe to call `kernel` with this seed and any part of this range,
/// from several threads at once, and `kernel` must not unwind.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_drive(
    driver: *const c_char,
    kernel: libpi_kernel,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (driver, hits) = unsafe { (text(driver, "driver")?, out(hits, "hits")?) };
        kernel.ok_or_else(|| Failure::null("kernel"))?;
        let call = KernelCall { kernel, seed };
        let call = (&raw const call).expose_provenance() as u64;
        let samples = Samples::new(first, count)?;
        let (driver, threads) =
            Catalog::here().driver_and_threads(driver, number(threads), count)?;
        // SAFETY: the caller keeps this function's Safety rules.
        hits.write(unsafe { driver.hits(libpi_call_kernel, call, samples, threads) }?);
        Ok(())
    })
}

/// Runs the caller's own kernel, which can fail, under a driver of libpi, and writes to `hits` the
/// sum of the hits, modulo 2^64: a sum of 2^64 or more loses what is above, and is no error.
///
/// `context` is passed to every call; libpi does not read it, so it may be NULL. If `threads` is
/// not 1, several threads use it at once.
///
/// `block` is the number of indices in a block, 1 to 2^63 - 1, or 0 for 65536. Blocks are counted
/// from index 0 and clipped to the range. A block is never split between threads, and each call of
/// the kernel counts one block; if `block` is 0, it counts up to 16 blocks of 65536. So a kernel
/// with few costly indices takes a small block, and one with many cheap indices a large one. If
/// `block` is not 0 and `threads` is 0, the driver auto starts threads from two blocks on, one for
/// each usable CPU but no more than blocks; if `block` is 0, it starts them from 10^6 indices on.
///
/// When the kernel fails, libpi starts no further call of it, waits for the calls that other threads
/// are in, and returns LIBPI_ERROR_KERNEL; `hits` is not written. libpi_last_kernel_error() returns
/// the kernel's error number; if several calls fail at once, that of one of them.
///
/// Errors: LIBPI_ERROR_NULL (`driver`, `kernel`, `hits`), LIBPI_ERROR_NAME, LIBPI_ERROR_MISSING,
/// LIBPI_ERROR_RANGE, LIBPI_ERROR_BLOCK, LIBPI_ERROR_THREADS, LIBPI_ERROR_SPAWN,
/// LIBPI_ERROR_VARIABLE, LIBPI_ERROR_KERNEL.
///
/// # Safety
/// `driver` must be NULL or point to a string that ends with a NUL. `hits` must be NULL or point to
/// writable memory. It must be safe to call `kernel` with this context and any part of this range,
/// from several threads at once, and `kernel` must not unwind.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_drive_context(
    driver: *const c_char,
    kernel: libpi_context_kernel,
    context: *mut c_void,
    first: u64,
    count: u64,
    block: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (driver, hits) = unsafe { (text(driver, "driver")?, out(hits, "hits")?) };
        kernel.ok_or_else(|| Failure::null("kernel"))?;
        let mut call = ContextKernelCall { kernel, context };
        let call = (&raw mut call).cast();
        let blocks = Blocks::new(Samples::new(first, count)?, block)?;
        let (driver, threads) =
            Catalog::here().driver_and_threads_for(driver, number(threads), blocks)?;
        // SAFETY: the caller keeps this function's Safety rules.
        let total =
            unsafe { driver.hits_in_context(libpi_call_context_kernel, call, blocks, threads) };
        hits.write(total?);
        Ok(())
    })
}

/// Computes part `part` (from 0) of `parts` of a range, for callers that distribute a range
/// themselves. A part consists of whole blocks of 65536 samples, counted from index 0 and clipped
/// to the range. A part may be empty.
///
/// # Safety
/// `part_first` and `part_count` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_split(
    first: u64,
    count: u64,
    parts: u64,
    part: u64,
    part_first: *mut u64,
    part_count: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let part_first = unsafe { out(part_first, "part_first") }?;
        // SAFETY: the caller keeps this function's Safety rules.
        let part_count = unsafe { out(part_count, "part_count") }?;
        let samples = Samples::new(first, count)?;
        if part >= parts {
            return Err(Failure::new(
                LIBPI_ERROR_PART,
                format!("part {part} of {parts}: parts are numbered from 0 to parts - 1"),
            ));
        }
        let piece = samples.part(part, parts);
        part_first.write(piece.first());
        part_count.write(piece.count());
        Ok(())
    })
}
