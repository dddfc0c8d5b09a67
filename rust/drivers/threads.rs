//! The driver `threads`: one scoped std thread per part. No thread outlives the call.

use crate::contract::{KernelFn, count_part};
use crate::cpus::workers;
use crate::error::{Error, Result};
use crate::limits::{STACK, check_room};
use crate::samples::Samples;
use std::thread;

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
    let cpus = workers::mask_for_workers();
    let work = |part| {
        workers::enter(cpus);
        // SAFETY: the caller's promise.
        unsafe { count_part(kernel, seed, samples, part, threads) }
    };
    thread::scope(|scope| {
        // A builder returns an error if no thread can be started; `scope.spawn` would panic.
        let start = |part| {
            check_room(1, STACK)?;
            thread::Builder::new().spawn_scoped(scope, move || work(part))
        };
        let workers: Vec<_> = (0..threads)
            .map(start)
            .collect::<std::io::Result<_>>()
            .map_err(|error| Error::not_started(threads, error))?;
        let hits = workers.into_iter().map(|worker| worker.join().expect("kernels do not panic"));
        Ok(hits.fold(0, u64::wrapping_add))
    })
}
