//! The counts that the kernels of a generator must have: known ones, or for a problem of the user's own
//! those of its first kernel.

use super::SHORT;
use crate::job::ranks::Ranks;
use libpi::known::KnownCount;
use libpi::{AUTO, BLOCK, Catalog, Generator, Samples};
use pi_harness::failure::CheckFailed;
use pi_harness::loaded::ranges;
use std::time::{Duration, Instant};

/// The most indices of a problem in the count that is timed.
const MOST: u64 = 1 << 24;

/// The time from which a problem's count is long enough to be timed.
const LONG: Duration = Duration::from_millis(20);

/// The counts of an exact generator.
pub(super) struct Known {
    /// A count that is long enough to be timed, and has parts for several workers.
    pub(super) timed: KnownCount,
    pub(super) others: Vec<KnownCount>,
}

impl Known {
    /// # Errors
    /// If the first kernel of a problem contradicts itself. All ranks have this error.
    pub(super) fn of(
        generator: Generator,
        catalog: &Catalog,
        ranks: &Ranks,
    ) -> anyhow::Result<Self> {
        if generator.is_problem() {
            return Self::of_problem(generator, catalog, ranks);
        }
        let others = KnownCount::up_to(SHORT, generator).collect();
        Ok(Self { timed: KnownCount::to_time(generator), others })
    }

    /// Counts with the first kernel of a problem on the first rank, serially.
    fn of_problem(problem: Generator, catalog: &Catalog, ranks: &Ranks) -> anyhow::Result<Self> {
        let counts = ranks.of_first(|| Ok(numbers(&count(problem, catalog)?)))?;
        let mut others = counts_of(problem, &counts);
        let timed = others.pop().expect("the first rank has counted");
        Ok(Self { timed, others })
    }
}

/// The counts of a problem's ranges, and at last the one to be timed.
fn count(problem: Generator, catalog: &Catalog) -> anyhow::Result<Vec<KnownCount>> {
    let kernel = catalog.kernel(problem, AUTO)?;
    let serial = catalog.driver("serial")?;
    let hits = |seed, first, count| kernel.hits(serial, seed, Samples::new(first, count)?, 1);
    let mut counts = ranges::counted(problem, hits)?;
    if let Some(fault) = ranges::fault(&counts) {
        let name = kernel.full_name();
        return Err(CheckFailed(format!("kernel {problem}/{name} {fault}")).into());
    }
    let seed = problem.default_seed();
    let mut indices = 2 * BLOCK;
    loop {
        let start = Instant::now();
        let hits = hits(seed, 0, indices)?;
        if start.elapsed() >= LONG || indices >= MOST {
            counts.push(KnownCount { generator: problem, seed, first: 0, count: indices, hits });
            return Ok(counts);
        }
        indices *= 2;
    }
}

/// The numbers of counts, for the other ranks.
fn numbers(counts: &[KnownCount]) -> Vec<[u64; 4]> {
    counts.iter().map(|known| [known.seed, known.first, known.count, known.hits]).collect()
}

fn counts_of(problem: Generator, numbers: &[[u64; 4]]) -> Vec<KnownCount> {
    let one = |&[seed, first, count, hits]: &[u64; 4]| KnownCount {
        generator: problem,
        seed,
        first,
        count,
        hits,
    };
    numbers.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use libpi::Kernel;

    extern "C" fn evens(_: u64, first: u64, count: u64) -> u64 {
        (first + count).div_ceil(2) - first.div_ceil(2)
    }

    extern "C" fn half(_: u64, _: u64, count: u64) -> u64 {
        count / 2
    }

    fn known(function: libpi::KernelFn) -> anyhow::Result<Known> {
        let problem = Generator::problem("evens");
        // SAFETY: the functions are pure and take any seed.
        let kernel = unsafe { Kernel::new(problem, "mine", None, function) };
        Known::of(problem, &Catalog::here().with([kernel]), &Ranks::alone())
    }

    #[test]
    fn the_counts_of_a_problem_are_those_of_its_first_kernel() {
        let Known { timed, others } = known(evens).unwrap();
        // The kernel is fast, so the longest count is timed.
        assert_eq!((timed.first, timed.count, timed.hits), (0, MOST, MOST / 2));
        assert!(others.iter().all(|k| k.hits == evens(k.seed, k.first, k.count)));
        assert!(others.iter().any(|k| k.first % 2 == 1 && k.count % 2 == 1));
        assert_eq!(counts_of(timed.generator, &numbers(&others)), others);
    }

    #[test]
    fn a_first_kernel_that_contradicts_itself_is_an_error() {
        let error = known(half).err().unwrap().to_string();
        assert!(error.starts_with("kernel evens/mine is not additive"), "{error}");
    }
}
