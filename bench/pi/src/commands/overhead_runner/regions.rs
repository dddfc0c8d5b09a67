//! Parallel regions: calls of a driver that give each thread one block, with a kernel that does nothing.

use super::{Request, told_of};
use crate::job::workers::Workers;
use anyhow::anyhow;
use libpi::{BLOCK, Catalog, Generator, Kernel, Level, Samples};
use pi_protocol::{Answer, Run, timed};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// In which state the threads of a pool are when a region begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// The last region has just ended, so they may still wait actively.
    Warm,
    /// The calling thread has worked alone for [`ALONE`], so they sleep.
    Cold,
}

/// Runtimes let threads wait actively for some milliseconds before they sleep.
const ALONE: Duration = Duration::from_millis(10);

impl Threads {
    /// The state that a kernel's name means.
    pub(super) fn of(kernel: &str) -> Option<Self> {
        match kernel {
            "warm" => Some(Self::Warm),
            "cold" => Some(Self::Cold),
            _ => None,
        }
    }
}

/// A kernel that does nothing: all samples are hits.
extern "C" fn nothing(_seed: u64, _first: u64, count: u64) -> u64 {
    count
}

/// Times regions. The count is the number of regions; each right one is a hit.
pub(super) fn answer(catalog: &Catalog, request: &Request) -> anyhow::Result<Answer> {
    let &Request { kernel, workers: threads, samples, calls, .. } = request;
    let state = Threads::of(kernel)
        .ok_or_else(|| anyhow!("unknown kernel '{kernel}': use warm or cold"))?;
    let (driver, threads) =
        catalog.driver_and_threads(request.driver, Some(threads.into()), u64::MAX)?;
    // SAFETY: the function takes any arguments.
    let kernel = unsafe { Kernel::new(Generator::Philox, "nothing", Level::Base, nothing) };
    let seed = Generator::Philox.default_seed();
    let blocks = Samples::new(0, u64::from(threads) * BLOCK)?;
    let workers = Workers::new(&kernel, driver, seed, blocks, threads, &[])?;
    let region = || -> libpi::Result<u64> {
        let hits = black_box(&workers).hits(black_box(blocks))?;
        Ok(u64::from(hits == blocks.count()))
    };
    let warm = || (0..samples.count()).map(|_| region()).sum();
    let cold = || {
        let mut all = Run { seconds: 0.0, hits: 0 };
        for _ in 0..samples.count() {
            work_alone();
            let Run { seconds, hits } = timed(region)?;
            all.seconds += seconds;
            all.hits += hits;
        }
        Ok(all)
    };
    let run = || match state {
        Threads::Warm => timed(warm),
        Threads::Cold => cold(),
    };
    calls.warm_up(run)?;
    let runs = calls.runs(run)?;
    Ok(Answer { runs, ..told_of(&workers, blocks)? })
}

/// Keeps the calling thread on its CPU, as serial work between two regions does.
fn work_alone() {
    let begin = Instant::now();
    while begin.elapsed() < ALONE {
        std::hint::spin_loop();
    }
}
