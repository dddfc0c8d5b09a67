//! The driver `rayon`: a parallel iterator over the parts, in a pool with the requested number of
//! threads.
//!
//! Each number of threads has one pool, which is kept, because starting a pool may take longer than
//! a run. A child of a fork has the pools of its parent but not their threads, so it makes new ones.

use crate::contract::{KernelFn, count_part};
use crate::cpus::workers;
use crate::error::{Error, Result};
use crate::fork;
use crate::limits::{STACK, check_room};
use crate::samples::Samples;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::collections::HashMap;
use std::sync::atomic::{AtomicPtr, Ordering};
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

/// The pools of a process, by their numbers of threads.
struct Pools {
    generation: u32,
    by_threads: Mutex<HashMap<u32, Arc<ThreadPool>>>,
}

impl Pools {
    /// The pools of this process. Those of its parent are left as they are: their threads cannot be
    /// ended from here, and a thread that is not here may have locked them.
    fn of_this_process() -> &'static Self {
        static POOLS: AtomicPtr<Pools> = AtomicPtr::new(std::ptr::null_mut());
        let known = POOLS.load(Ordering::Acquire);
        let generation = fork::generation();
        // SAFETY: what the cell holds is never freed.
        if let Some(pools) = unsafe { known.as_ref() }.filter(|p| p.generation == generation) {
            return pools;
        }
        let new = Box::into_raw(Box::new(Self { generation, by_threads: Mutex::default() }));
        match POOLS.compare_exchange(known, new, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: what the cell holds is never freed.
            Ok(_) => unsafe { &*new },
            Err(others) => {
                // SAFETY: the box did not get into the cell, so nobody else knows it.
                drop(unsafe { Box::from_raw(new) });
                // SAFETY: what the cell holds is never freed.
                unsafe { &*others }
            }
        }
    }
}

fn pool(threads: u32) -> Result<Arc<ThreadPool>> {
    let pools = &Pools::of_this_process().by_threads;
    // The map is valid even if a thread panicked while it held the lock: only finished pools enter
    // it.
    let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(Arc::clone(pool));
    }
    let cpus = workers::mask_for_workers();
    check_room(threads, STACK).map_err(|error| Error::not_started(threads, error))?;
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads as usize)
        .start_handler(move |_| workers::enter(cpus))
        .build()
        .map_err(|error| Error::not_started(threads, error))?;
    let pool = Arc::new(pool);
    pools.insert(threads, Arc::clone(&pool));
    Ok(pool)
}
