//! A peer: the crate `rand` with rayon. `StdRng` (ChaCha12) is its default generator, `SmallRng` (xoshiro256++)
//! its fast one. Each part of the samples has a generator of its own.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use rayon::ThreadPool;
use rayon::prelude::*;

/// The increment of SplitMix64: other ranges of the same seed draw other numbers.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

fn hits(mut rng: impl Rng, count: u64) -> u64 {
    let mut hits = 0;
    for _ in 0..count {
        let (x, y): (f64, f64) = rng.random();
        hits += u64::from(x * x + y * y < 1.0);
    }
    hits
}

/// Counts on this thread.
pub(crate) fn serial<R: Rng + SeedableRng>(seed: u64, first: u64, count: u64) -> u64 {
    let start = first.wrapping_mul(GOLDEN_GAMMA).wrapping_add(seed);
    hits(R::seed_from_u64(start), count)
}

/// Counts in as many parts as the pool has threads. The seeds of the parts are random numbers, too.
pub(crate) fn parallel<R>(pool: &ThreadPool, seed: u64, first: u64, count: u64) -> u64
where
    R: Rng + SeedableRng + Send,
{
    let start = first.wrapping_mul(GOLDEN_GAMMA).wrapping_add(seed);
    let mut seeds = StdRng::seed_from_u64(start);
    let number = pool.current_num_threads() as u64;
    let part = |part| (R::from_rng(&mut seeds), count / number + u64::from(part < count % number));
    let parts: Vec<(R, u64)> = (0..number).map(part).collect();
    pool.install(|| parts.into_par_iter().map(|(rng, count)| hits(rng, count)).sum())
}
