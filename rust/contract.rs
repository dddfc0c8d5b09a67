//! The contract between kernels and drivers: their function types, the allowed numbers of threads,
//! and the work of one thread.

use crate::error::{Error, Result};
use crate::samples::Samples;

/// The largest number of threads that a driver takes.
pub const MAX_THREADS: u32 = 1024;

/// A kernel: returns the number of hits among `count` samples from index `first` on.
///
/// Calling a kernel is unsafe: the CPU must have the kernel's level, the seed must suit its
/// generator, `first + count` must be at most 2^64 and `count` must be below 2^63.
pub type KernelFn = unsafe extern "C" fn(seed: u64, first: u64, count: u64) -> u64;

/// A driver's function: returns the hits of the kernel among the samples.
///
/// # Safety
/// The kernel can be called with this seed and any part of these samples from several threads at
/// once, and does not unwind. There are fewer than 2^63 samples and 1 to [`MAX_THREADS`] threads.
pub(crate) type DriverFn =
    unsafe fn(kernel: KernelFn, seed: u64, samples: Samples, threads: u32) -> Result<u64>;

/// Checks a number of threads.
///
/// # Errors
/// [`Error::Threads`] unless it is 1 to [`MAX_THREADS`].
#[inline]
pub fn check_threads(threads: i64) -> Result<u32> {
    match u32::try_from(threads) {
        Ok(number) if (1..=MAX_THREADS).contains(&number) => Ok(number),
        _ => Err(Error::Threads { threads, most: MAX_THREADS }),
    }
}

/// The work of one thread: returns the hits of its part. An empty part needs no call of the kernel.
///
/// # Safety
/// The same as for [`DriverFn`].
pub(crate) unsafe fn count_part(
    kernel: KernelFn,
    seed: u64,
    samples: Samples,
    part: u32,
    parts: u32,
) -> u64 {
    let part = samples.part(part.into(), parts.into());
    if part.count() == 0 {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe { kernel(seed, part.first(), part.count()) }
}
