//! The driver `rayon`: a parallel iterator over the parts, in a pool with the requested number of
//! threads.
//!
//! Each number of threads has one pool, which is kept, because starting a pool may take longer than
//! a run. After a fork the child process must not use this driver: it has the pool but not its
//! threads.

use crate::contract::{KernelFn, count_part};
use crate::cpus::workers;
use crate::error::{Error, Result};
use crate::samples::Samples;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The driver's function.
///
/// # Safety
/// The same as for [`DriverFn`](crate::contract::DriverFn).
pub(crate) unsafe fn run(
    kernel: KernelFn,
    seed: u64,
    samples: Samples,
    threads: u32,
) -> Result<u64> {
    let count = |part| {
        // SAFETY: the caller's promise.
        unsafe { count_part(kernel, seed, samples, part, threads) }
    };
    let hits = || (0..threads).into_par_iter().map(count).reduce(|| 0, u64::wrapping_add);
    Ok(pool(threads)?.install(hits))
}

fn pool(threads: u32) -> Result<Arc<ThreadPool>> {
    static POOLS: Mutex<Option<HashMap<u32, Arc<ThreadPool>>>> = Mutex::new(None);
    // The map is valid even if a thread panicked while it held the lock: only finished pools enter
    // it.
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_default();
    if let Some(pool) = pools.get(&threads) {
        return Ok(Arc::clone(pool));
    }
    let cpus = workers::mask_for_workers();
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads as usize)
        .start_handler(move |_| workers::enter(cpus))
        .build()
        .map_err(|error| Error::Spawn { threads, reason: error.to_string() })?;
    let pool = Arc::new(pool);
    pools.insert(threads, Arc::clone(&pool));
    Ok(pool)
}
