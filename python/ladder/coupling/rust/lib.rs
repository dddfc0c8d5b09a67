//! The sampler in Rust, called through PyO3; rayon runs its loop in parallel.
//!
//! Build: cargo rustc --profile $PROFILE --manifest-path $SRC/rust/Cargo.toml
//!     --target-dir ../../.. -- ${LEVEL:+-C target-cpu=$LEVEL} &&
//!     cp ../../libsampler_pyo3.so sampler_pyo3.so

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use rayon::{ThreadPoolBuilder, prelude::*};

/// Philox4x32-10 (Salmon and others, SC11): ten rounds turn the number of a block into four words.
// Inlined, so that the compiler sees all of the loop and makes vector instructions of it.
#[inline(always)]
fn philox(seed: u64, block: u64) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = [block as u32, (block >> 32) as u32, 0, 0];
    let [mut k0, mut k1] = [seed as u32, (seed >> 32) as u32];
    for _ in 0..10 {
        let [p0, p1] = [0xD251_1F53 * u64::from(c0), 0xCD9E_8D57 * u64::from(c2)];
        [c0, c1] = [(p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32];
        [c2, c3] = [(p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32];
        k0 = k0.wrapping_add(0x9E37_79B9);
        k1 = k1.wrapping_add(0xBB67_AE85);
    }
    [c0, c1, c2, c3]
}

/// Two words, read with a sign, are a point. The circle has the radius 2^31.
fn inside(word_x: u32, word_y: u32) -> u64 {
    let (x, y) = (i64::from(word_x.cast_signed()), i64::from(word_y.cast_signed()));
    u64::from((x * x).cast_unsigned() + (y * y).cast_unsigned() < 1 << 62)
}

/// A block makes the samples 2 * block and 2 * block + 1.
fn hit(seed: u64, sample: u64) -> u64 {
    let [w0, w1, w2, w3] = philox(seed, sample / 2);
    if sample.is_multiple_of(2) { inside(w0, w1) } else { inside(w2, w3) }
}

#[pymodule]
mod sampler_pyo3 {
    use super::*;

    /// Counts the samples from `first` on that lie inside the circle, on `threads` threads.
    #[pyfunction]
    fn hits(py: Python, seed: u64, first: u64, count: u64, threads: usize) -> PyResult<u64> {
        if count == 0 {
            return Ok(0);
        }
        let last = first + (count - 1);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let blocks = (first / 2..last / 2 + 1).into_par_iter();
        let block_hits = move |block| {
            let [w0, w1, w2, w3] = philox(seed, block);
            inside(w0, w1) + inside(w2, w3)
        };
        let mut hits = py.detach(|| pool.install(|| blocks.map(block_hits).sum::<u64>()));
        // The first and the last block may reach beyond the range by a sample.
        if first % 2 == 1 {
            hits -= hit(seed, first - 1);
        }
        if last.is_multiple_of(2) {
            hits -= hit(seed, last + 1);
        }
        Ok(hits)
    }
}
