//! The textbook kernel: the simplest program in Rust, with the crate `rand`.
//!
//! It is a statistical baseline: the count depends on how the range is split.

use crate::splitmix::{GOLDEN_GAMMA, mix};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub(crate) mod at_level {
    pub(crate) use super::hits as base;
}

/// Counts the hits among `count` points. `seed` and `first` seed the generator.
pub(crate) extern "C" fn hits(seed: u64, first: u64, count: u64) -> u64 {
    let start = mix(seed.wrapping_add(first.wrapping_mul(GOLDEN_GAMMA)));
    let mut rng = StdRng::seed_from_u64(start);
    let mut hits = 0;
    for _ in 0..count {
        let x: f64 = rng.random();
        let y: f64 = rng.random();
        if x * x + y * y < 1.0 {
            hits += 1;
        }
    }
    hits
}
