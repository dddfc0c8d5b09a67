//! Kernels that can fail. Such a kernel gets a pointer to its caller's data instead of a seed, and
//! returns an error number instead of only hits.
//!
//! The drivers know nothing of such kernels. Each drives [`count_blocks`] over block numbers: block
//! number b stands at the driver's indices from b · 65536 on, so every driver hands out whole
//! blocks, whatever their length. The address of the [`Run`] travels in place of the seed.

use crate::blocks::Blocks;
use crate::drivers::Driver;
use crate::error::{Error, Result};
use crate::samples::{BLOCK, Samples};
use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering};

/// A kernel that can fail: writes the number of hits among `count` indices from `first` on, and
/// returns 0, or returns an error number of its own.
///
/// `hits` points to a 0. libpi reads it only if the kernel returns 0.
pub type ContextKernelFn =
    unsafe extern "C" fn(context: *mut c_void, first: u64, count: u64, hits: *mut u64) -> i32;

/// The most blocks that a driver gets at once, so that its indices stay below 2^62.
const MOST_BLOCKS: u64 = (1 << 62) / BLOCK;

/// What the threads of a run share.
struct Run {
    kernel: ContextKernelFn,
    context: *mut c_void,
    blocks: Blocks,
    /// The block at the driver's index 0.
    start: u64,
    /// The error number of the kernel that failed first; 0 as long as none has.
    failure: AtomicI32,
}

impl Driver {
    /// Splits the blocks over the threads and adds up, modulo 2^64, the hits that the kernel
    /// writes. If the kernel fails, the other threads stop at the end of their current call; if it
    /// fails several times at once, one of the error numbers is kept.
    ///
    /// Each call of the kernel counts one block. If the caller did not choose the length of a
    /// block, it counts up to 16 blocks of 65536 indices. The driver `serial` makes all calls on
    /// the calling thread.
    ///
    /// # Errors
    /// [`Error::Kernel`] with the kernel's error number; the errors of [`hits`](Self::hits).
    ///
    /// # Safety
    /// The kernel can be called with this context and any part of the range from several threads at
    /// once, and does not unwind.
    pub unsafe fn hits_in_context(
        &self,
        kernel: ContextKernelFn,
        context: *mut c_void,
        blocks: Blocks,
        threads: u32,
    ) -> Result<u64> {
        let mut run = Run { kernel, context, blocks, start: 0, failure: AtomicI32::new(0) };
        let mut total = 0u64;
        loop {
            let count = (blocks.count() - run.start).min(MOST_BLOCKS);
            let indices = Samples::new(0, count * BLOCK)?;
            let address = (&raw const run).expose_provenance() as u64;
            // SAFETY: the address is that of a run that outlives the call, and the caller promises
            // the rest.
            let hits = unsafe { self.hits(count_blocks, address, indices, threads) }?;
            match run.failure.load(Ordering::Relaxed) {
                0 => total = total.wrapping_add(hits),
                value => return Err(Error::Kernel { value }),
            }
            run.start += count;
            if run.start == blocks.count() {
                return Ok(total);
            }
        }
    }
}

/// Counts whole blocks with a kernel that can fail. This is the kernel that the drivers run.
///
/// # Safety
/// `run` must be the address of a [`Run`], and its kernel can be called from this thread.
unsafe extern "C" fn count_blocks(run: u64, first: u64, count: u64) -> u64 {
    // SAFETY: the caller's promise. The threads only read the run, and change what is atomic.
    let run = unsafe { &*std::ptr::with_exposed_provenance::<Run>(run as usize) };
    let mut block = run.start + first / BLOCK;
    let end = block + count / BLOCK;
    let mut total = 0u64;
    while block < end && run.failure.load(Ordering::Relaxed) == 0 {
        let next = end.min(block.saturating_add(run.blocks.per_call()));
        let span = run.blocks.slice(block, next);
        let mut hits = 0;
        // SAFETY: the caller's promise; the span is a part of the range.
        let value = unsafe { (run.kernel)(run.context, span.first(), span.count(), &mut hits) };
        if value != 0 {
            // The first failure is kept. The caller sees it after the threads have ended.
            let _ = run.failure.compare_exchange(0, value, Ordering::Relaxed, Ordering::Relaxed);
        }
        total = total.wrapping_add(hits);
        block = next;
    }
    total
}
