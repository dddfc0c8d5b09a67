//! The generator of the NAS Parallel Benchmarks' EP: s ← 5^13·s mod 2^46, points in doubles.
//!
//! Source: D. Bailey et al., "The NAS Parallel Benchmarks", RNR-94-007, 1994, section 2.3. Sample i
//! is the point (2·s_(2i+1)/2^46 − 1, 2·s_(2i+2)/2^46 − 1).
//!
//! Two ideas make the kernel fast. First, a state is kept as s·2^18, so that mod 2^46 is the
//! wrap-around of u64. Second, the samples of the range fill a matrix with [`COLUMNS`] columns row
//! by row. A step down a column multiplies the state by A = a^(2·COLUMNS) = 1 + D, where D is a
//! multiple of 2^16, since a^(2^k) − 1 is a multiple of 2^(k+2). So D³·2^18 vanishes mod 2^64, the
//! second differences of a column are constant, and a step needs two additions and no
//! multiplication.

use crate::level::kernel_at_levels;

/// a = 5^13.
const MULTIPLIER: u64 = 1_220_703_125;

/// Samples in a row of the matrix. It must be a power of two and at least 2^13 (see above).
pub(crate) const COLUMNS: u64 = 1 << 13;

/// D = a^(2·COLUMNS) − 1.
pub(crate) const STEP: u64 = power(2 * COLUMNS) - 1;

kernel_at_levels!(plain::<16>, plain::<8>, plain::<16>);

#[inline(always)]
fn plain<const L: usize>(seed: u64, first: u64, count: u64) -> u64 {
    hits::<_, L>(InDoubles, seed, first, count)
}

/// How to count the hits in rows of `L` neighbouring columns.
pub(crate) trait CountRows<const L: usize>: Copy {
    /// Counts the hits in `rows` rows, the first of which holds these points. The first point is
    /// that of the sample `first`.
    fn hits(self, points: &Points<L>, seed: u64, first: u64, rows: u64) -> u64;
}

/// Counts the hits among `count` samples from index `first` on, `L` columns at a time.
#[inline(always)]
pub(crate) fn hits<C: CountRows<L>, const L: usize>(
    counter: C,
    seed: u64,
    first: u64,
    count: u64,
) -> u64 {
    let next_group = power(2 * L as u64);
    let mut points = Points::<L>::at(seed, first);
    let mut hits = 0;
    for column in (0..count.min(COLUMNS)).step_by(L) {
        let left = count - column;
        // The rows in which all L columns are inside the range. Below them, one of the groups of
        // columns has up to L − 1 more samples.
        let rows = left.saturating_sub(L as u64 - 1).div_ceil(COLUMNS);
        hits += counter.hits(&points, seed, first.wrapping_add(column), rows);
        let rest = left.saturating_sub(rows * COLUMNS);
        if rest > 0 {
            hits += edge(seed, first.wrapping_add(column + rows * COLUMNS), rest);
        }
        points.multiply(next_group);
    }
    hits
}

/// Counts every point by the hit test in doubles.
#[derive(Clone, Copy)]
pub(crate) struct InDoubles;

impl<const L: usize> CountRows<L> for InDoubles {
    #[inline(always)]
    fn hits(self, points: &Points<L>, _: u64, _: u64, rows: u64) -> u64 {
        let (mut x, mut y) = (Column::new(&points.x), Column::new(&points.y));
        let mut hits = [0u64; L];
        for _ in 0..rows {
            for l in 0..L {
                hits[l] += is_hit(x.state[l], y.state[l]);
                x.step(l);
                y.step(l);
            }
        }
        hits.iter().sum()
    }
}

/// The states of `L` points, each times 2^18: one for x and one for y.
pub(crate) struct Points<const L: usize> {
    pub(crate) x: [u64; L],
    pub(crate) y: [u64; L],
}

impl<const L: usize> Points<L> {
    /// The points of the `L` samples from index `first` on.
    #[inline(always)]
    pub(crate) fn at(seed: u64, first: u64) -> Self {
        let mut state = state(seed, first);
        let mut points = Self { x: [0; L], y: [0; L] };
        for l in 0..L {
            points.x[l] = state;
            points.y[l] = state.wrapping_mul(MULTIPLIER);
            state = points.y[l].wrapping_mul(MULTIPLIER);
        }
        points
    }

    #[inline(always)]
    fn multiply(&mut self, factor: u64) {
        for l in 0..L {
            self.x[l] = self.x[l].wrapping_mul(factor);
            self.y[l] = self.y[l].wrapping_mul(factor);
        }
    }
}

/// The states in `L` neighbouring columns, with the differences that lead to the next row.
pub(crate) struct Column<const L: usize> {
    pub(crate) state: [u64; L],
    pub(crate) difference: [u64; L],
    pub(crate) second_difference: [u64; L],
}

impl<const L: usize> Column<L> {
    #[inline(always)]
    pub(crate) fn new(top: &[u64; L]) -> Self {
        let difference = top.map(|state| state.wrapping_mul(STEP));
        let second_difference = difference.map(|difference| difference.wrapping_mul(STEP));
        Self { state: *top, difference, second_difference }
    }

    #[inline(always)]
    fn step(&mut self, l: usize) {
        self.state[l] = self.state[l].wrapping_add(self.difference[l]);
        self.difference[l] = self.difference[l].wrapping_add(self.second_difference[l]);
    }
}

/// Counts the hits of a few samples one by one.
#[inline(never)]
fn edge(seed: u64, first: u64, count: u64) -> u64 {
    let mut x = state(seed, first);
    let mut hits = 0;
    for _ in 0..count {
        let y = x.wrapping_mul(MULTIPLIER);
        hits += is_hit(x, y);
        x = y.wrapping_mul(MULTIPLIER);
    }
    hits
}

/// s_(2·sample+1)·2^18, the state that makes the sample's x.
fn state(seed: u64, sample: u64) -> u64 {
    // An index of 2^63 or more wraps here. That is right, because the period divides 2^64.
    (seed << 18).wrapping_mul(power(sample.wrapping_mul(2).wrapping_add(1)))
}

/// a^k mod 2^64.
const fn power(k: u64) -> u64 {
    let (mut result, mut square, mut k) = (1u64, MULTIPLIER, k);
    while k > 0 {
        if k % 2 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        k /= 2;
    }
    result
}

/// 1 if x² + y² <= 1 for the coordinates that two states make, else 0. Rust never turns this into a
/// fused multiply-add.
#[inline(always)]
pub(crate) fn is_hit(x: u64, y: u64) -> u64 {
    let (x, y) = (coordinate(x), coordinate(y));
    u64::from(x * x + y * y <= 1.0)
}

/// 2s/2^46 − 1 for the state s·2^18, exactly: the bits of s become the fraction of a double in
/// [2, 4), less 3.
#[inline(always)]
fn coordinate(state: u64) -> f64 {
    f64::from_bits(state >> 12 | 0x4000_0000_0000_0000) - 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u64 = 271_828_183;

    #[test]
    fn first_states() {
        let states = [32883653486115, 55063727434591, 39106144873291, 46899331031975];
        let points = Points::<2>::at(SEED, 0);
        let [x, y] = [points.x, points.y].map(|states| states.map(|state| state >> 18));
        assert_eq!([x[0], y[0], x[1], y[1]], states);
    }

    #[test]
    fn jump_to_state_2_to_the_17() {
        assert_eq!((SEED << 18).wrapping_mul(power(1 << 17)) >> 18, 7493776032983);
    }

    #[test]
    fn third_differences_vanish() {
        assert_eq!(STEP.wrapping_mul(STEP).wrapping_mul(STEP) << 18, 0);
    }

    #[test]
    fn coordinates_are_exact() {
        for state in [1u64, 32883653486115, (1 << 46) - 1] {
            let expected = 2.0 * state as f64 / (1u64 << 46) as f64 - 1.0;
            assert_eq!(coordinate(state << 18), expected);
        }
    }

    /// Each of these answers is wrong under one of the two ways to fuse the sum of squares.
    #[test]
    fn no_fused_multiply_add() {
        assert_eq!(is_hit(59445998844731 << 18, 60666002853813 << 18), 1);
        assert_eq!(is_hit(36357420868763 << 18, 70349183987167 << 18), 0);
    }
}
