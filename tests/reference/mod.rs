//! A slow and simple reference for the exact generators. It follows SAMPLER.md and shares no code
//! with the kernels: it makes one sample after the other, in wide integers that never wrap, from
//! the start of the block.
//!
//! Every detail that is easy to get wrong is a field, so a mutant is the reference with one field
//! changed.
#![allow(dead_code, reason = "not every test uses all of it")]

use libpi::{BLOCK, Generator};
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use std::ops::Range;

/// The multiplier of `npb`.
const MULTIPLIER: u128 = 5u128.pow(13);

/// The modulus of `npb`.
const MODULUS: u128 = 1 << 46;

/// The number of values of a 32-bit word.
const WORD: u64 = 1 << 32;

/// The details that are easy to get wrong.
#[derive(Clone, Copy)]
pub struct Reference {
    pub philox_rounds: u32,
    /// How many bits of the block number go into the counter.
    pub philox_counter_bits: u32,
    /// The words that make the points of an even and an odd sample.
    pub philox_points: [[usize; 2]; 2],
    /// A point of 32-bit words is a hit if x² + y² is below this.
    pub limit: u128,
    /// x² + y², rounded as in doubles, in units of 2^-92.
    pub npb_sum: fn(u128, u128) -> u128,
    /// The number, within the block's 64 words, of the first of the four words that seed a lane.
    pub xoshiro_words: fn(u128) -> u128,
}

/// The reference without a mutation.
pub const REFERENCE: Reference = Reference {
    philox_rounds: 10,
    philox_counter_bits: 64,
    philox_points: [[0, 1], [2, 3]],
    limit: 1 << 62,
    npb_sum: |xx, yy| rounded(rounded(xx) + rounded(yy)),
    xoshiro_words: |lane| 4 * lane,
};

impl Reference {
    /// Counts the hits among `count` samples from index `first` on.
    pub fn hits(&self, generator: Generator, seed: u64, first: u64, count: u64) -> u64 {
        let samples = u128::from(first)..u128::from(first) + u128::from(count);
        match generator {
            Generator::Philox => self.philox(seed, samples),
            Generator::Npb => self.npb(seed, samples),
            Generator::Xoshiro => self.xoshiro(seed, samples),
            Generator::Textbook | Generator::Problem(_) => panic!("{generator} has no reference"),
        }
    }

    fn philox(&self, seed: u64, samples: Range<u128>) -> u64 {
        let is_hit = |sample: &u128| {
            let words = self.philox_block(seed, sample / 2);
            let [x, y] = self.philox_points[(sample % 2) as usize].map(|word| words[word] as u32);
            self.is_hit(x.cast_signed(), y.cast_signed())
        };
        samples.filter(is_hit).count() as u64
    }

    fn philox_block(&self, seed: u64, block: u128) -> [u64; 4] {
        let block = (block % (1 << self.philox_counter_bits)) as u64;
        let mut c = [block % WORD, block / WORD, 0, 0];
        let mut k = [seed % WORD, seed / WORD];
        for _ in 0..self.philox_rounds {
            let product0 = 0xD251_1F53 * c[0];
            let product1 = 0xCD9E_8D57 * c[2];
            c = [
                (product1 / WORD) ^ c[1] ^ k[0],
                product1 % WORD,
                (product0 / WORD) ^ c[3] ^ k[1],
                product0 % WORD,
            ];
            k = [(k[0] + 0x9E37_79B9) % WORD, (k[1] + 0xBB67_AE85) % WORD];
        }
        c
    }

    fn npb(&self, seed: u64, samples: Range<u128>) -> u64 {
        let mut state = u128::from(seed) * power(MULTIPLIER, 2 * samples.start) % MODULUS;
        let mut next = || {
            state = MULTIPLIER * state % MODULUS;
            state as u64
        };
        samples.filter(|_| self.is_npb_hit(next(), next())).count() as u64
    }

    /// The hit test of `npb` for the two states that make x and y.
    pub fn is_npb_hit(&self, x: u64, y: u64) -> bool {
        // The square of 2s/2^46 − 1 in units of 2^-92.
        let square = |state: u64| (2 * u128::from(state)).abs_diff(MODULUS).pow(2);
        (self.npb_sum)(square(x), square(y)) <= 1 << 92
    }

    fn xoshiro(&self, seed: u64, samples: Range<u128>) -> u64 {
        let block_size = u128::from(BLOCK);
        let mut hits = 0;
        for block in samples.start / block_size..samples.end.div_ceil(block_size) {
            for lane in 0..16 {
                let mut rng = lane_start(seed, 64 * block + (self.xoshiro_words)(lane));
                for sample in
                    (0..block_size).map(|t| block * block_size + t).skip(lane as usize).step_by(16)
                {
                    let output = rng.next_u64();
                    let [x, y] = [output, output >> 32].map(|word| (word as u32).cast_signed());
                    hits += u64::from(samples.contains(&sample) && self.is_hit(x, y));
                }
            }
        }
        hits
    }

    /// The hit test of `philox` and `xoshiro`.
    pub fn is_hit(&self, x: i32, y: i32) -> bool {
        let square = |c: i32| u128::from(c.unsigned_abs()).pow(2);
        square(x) + square(y) < self.limit
    }
}

/// xoshiro256++, started from the outputs number `word` to `word` + 3 of SplitMix64.
fn lane_start(seed: u64, word: u128) -> Xoshiro256PlusPlus {
    let golden_gamma = 0x9E37_79B9_7F4A_7C15;
    let start = (u128::from(seed) + word * golden_gamma) % (1 << 64);
    let mut words = SplitMix64::seed_from_u64(start as u64);
    let mut state = [0; 32];
    words.fill_bytes(&mut state);
    Xoshiro256PlusPlus::from_seed(state)
}

/// The nearest number that a double can hold; a tie goes to the even one.
pub fn rounded(number: u128) -> u128 {
    number as f64 as u128
}

/// base^exponent mod 2^46.
fn power(base: u128, exponent: u128) -> u128 {
    match exponent {
        0 => 1,
        odd if odd % 2 == 1 => base * power(base, odd - 1) % MODULUS,
        even => power(base * base % MODULUS, even / 2),
    }
}
