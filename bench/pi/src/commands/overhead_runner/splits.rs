//! Ranges that are split statically, as the drivers do it, or dealt block by block, while the CPUs are idle
//! or one of them is busy.

use super::busy::Busy;
use super::{Request, told_of};
use crate::job::workers::Workers;
use libpi::{Catalog, Driver, Generator, KernelFn, Samples};
use pi_harness::analysis::overhead::Split;
use pi_protocol::{Answer, Run, timed};
use std::sync::atomic::{AtomicU64, Ordering};

/// Times the counting of samples.
pub(super) fn answer(
    catalog: &'static Catalog,
    request: &Request,
    generator: Generator,
) -> anyhow::Result<Answer> {
    let &Request { workers: threads, samples, calls, .. } = request;
    let split = Split::of(request.driver);
    let kernel = catalog.kernel(generator, request.kernel)?;
    let (driver, threads) =
        catalog.driver_and_threads(split.driver, Some(threads.into()), u64::MAX)?;
    let seed = request.seed.unwrap_or(generator.default_seed());
    let workers = Workers::new(kernel, driver, seed, samples, threads, &[])?;
    let deal = Deal { kernel: kernel.function()?, seed, samples, block: request.block };
    let mut busy = split.is_busy.then(Busy::start).transpose()?;
    let mut run = || -> anyhow::Result<Run> {
        let run = timed(|| match split.is_dynamic {
            true => deal.hits(driver, threads),
            false => workers.hits(samples),
        })?;
        busy.as_mut().map_or(Ok(()), Busy::ensure_there)?;
        Ok(run)
    };
    calls.warm_up(&mut run)?;
    let runs = calls.runs(&mut run)?;
    let busy_cpu = busy.map(|busy| busy.cpu);
    let mut answer = Answer { runs, ..told_of(&workers, samples)? };
    answer.tell("kernel", kernel.full_name());
    busy_cpu.iter().for_each(|cpu| answer.tell("busy_cpu", cpu));
    Ok(answer)
}

/// Samples that are dealt in blocks.
#[derive(Clone, Copy)]
struct Deal {
    kernel: KernelFn,
    seed: u64,
    samples: Samples,
    block: u64,
}

/// Samples that are being dealt: the blocks from number `next` on are left.
struct Dealing {
    deal: Deal,
    next: AtomicU64,
}

impl Deal {
    /// Counts the samples. The driver starts its threads as ever, but each of them takes the next block
    /// until none is left. So every driver deals in the same way.
    fn hits(self, driver: &Driver, threads: u32) -> libpi::Result<u64> {
        let dealing = Dealing { deal: self, next: AtomicU64::new(0) };
        let address = (&raw const dealing).expose_provenance() as u64;
        // SAFETY: drivers pass the address to the kernel, which may read it from any thread. What it leads
        // to outlives the call, and the seed suits the kernel.
        unsafe { driver.hits(take_blocks, address, self.samples, threads) }
    }
}

/// A kernel that leaves its own part and counts blocks until none is left.
extern "C" fn take_blocks(dealing: u64, _first: u64, _count: u64) -> u64 {
    // SAFETY: this is the address of the blocks, which live until the driver has returned.
    let dealing = unsafe { &*std::ptr::with_exposed_provenance::<Dealing>(dealing as usize) };
    let Deal { kernel, seed, samples, block } = dealing.deal;
    let mut hits = 0u64;
    loop {
        let begin = dealing.next.fetch_add(1, Ordering::Relaxed).saturating_mul(block);
        if begin >= samples.count() {
            return hits;
        }
        let count = block.min(samples.count() - begin);
        // SAFETY: the caller's promise: the CPU has the kernel's level and the seed suits it; a block is a
        // part of the samples.
        hits = hits.wrapping_add(unsafe { kernel(seed, samples.first() + begin, count) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dealt_blocks_of_any_size_give_the_same_count_under_every_driver() {
        let catalog = Catalog::here();
        let samples = Samples::new(1, 300_000).unwrap();
        let kernel = catalog.kernel(Generator::Philox, "rust").unwrap();
        let serial = catalog.driver("serial").unwrap();
        let right = kernel.hits(serial, 42, samples, 1).unwrap();
        for driver in catalog.drivers.iter().filter(|driver| driver.missing().is_none()) {
            let threads = if driver.is_serial() { 1 } else { 3 };
            for block in [1000, 65_536, 300_000, 300_001, u64::MAX] {
                let deal = Deal { kernel: kernel.function().unwrap(), seed: 42, samples, block };
                let hits = deal.hits(driver, threads).unwrap();
                assert_eq!(hits, right, "{} {block}", driver.name());
            }
        }
    }
}
