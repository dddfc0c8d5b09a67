//! The generator of NPB EP, vectorised by hand. `npb.rs` says what it computes.
//!
//! Two ideas make it faster than the plain kernel. First, the step down a column is a multiple of
//! 2^32, so the low 32 bits of a state never change, and the high 32 bits step by themselves. Second,
//! the high 32 bits, rounded to a float, decide a point unless it is close to the circle. If a point
//! of a chunk is that close, the kernel counts the chunk again in doubles. SAMPLER.md proves how
//! close that is.
//!
//! Two vectors are in flight: Zen 3 makes 15% more of them than of one, and three do not fit into
//! its registers.

use crate::level::kernel_at_levels;
use crate::npb::{COLUMNS, Column, CountRows, InDoubles, Points, STEP};
use crate::simd::{Floats, unroll};

kernel_at_levels!(neon: hits::<_, 2, 8>, avx2: hits::<_, 2, 16>, avx512: hits::<_, 2, 32>);

/// The circle's radius, squared, if the high 32 bits of states are coordinates.
const RADIUS_SQUARED: f32 = (1u64 << 62) as f32;

/// A point is on the side of the circle where floats see it if they see it further from the circle
/// than this (x² + y² − 2^62): see SAMPLER.md.
const BAND: f32 = (62u64 << 34) as f32;

/// The number of samples that are counted again if one of them is in the band. On average, one in
/// 2.7 million samples is.
const CHUNK: u64 = 1 << 13;

/// Counts the hits among `count` samples from index `first` on, `L` columns, which are `U` vectors,
/// at a time.
#[inline(always)]
fn hits<V: Floats, const U: usize, const L: usize>(v: V, seed: u64, first: u64, count: u64) -> u64 {
    crate::npb::hits::<_, L>(InFloats::<V, U>(v), seed, first, count)
}

/// Counts in floats, and in doubles where floats do not decide.
#[derive(Clone, Copy)]
struct InFloats<V, const U: usize>(V);

impl<V: Floats, const U: usize, const L: usize> CountRows<L> for InFloats<V, U> {
    #[inline(always)]
    fn hits(self, points: &Points<L>, seed: u64, first: u64, rows: u64) -> u64 {
        let v = self.0;
        let mut x = Heads::<V, U>::new(v, Column::new(&points.x));
        let mut y = Heads::<V, U>::new(v, Column::new(&points.y));
        let (mut hits, mut row) = (0, 0);
        while row < rows {
            let chunk = (rows - row).min(CHUNK / L as u64);
            hits += chunk_hits(v, &mut x, &mut y, chunk).unwrap_or_else(|| {
                let first = first.wrapping_add(row * COLUMNS);
                InDoubles.hits(&Points::<L>::at(seed, first), seed, first, chunk)
            });
            row += chunk;
        }
        hits
    }
}

/// Counts the hits in some rows, or returns none if floats do not decide each point.
#[inline(always)]
fn chunk_hits<V: Floats, const U: usize>(
    v: V,
    x: &mut Heads<V, U>,
    y: &mut Heads<V, U>,
    rows: u64,
) -> Option<u64> {
    let radius_squared = v.fill(-RADIUS_SQUARED);
    let mut hits = [v.none(); U];
    let mut least = [v.fill(RADIUS_SQUARED); U];
    for _ in 0..rows {
        unroll!(I < U, {
            let (a, b) = (v.nearest(x.state[I]), v.nearest(y.state[I]));
            let outside = v.square_add(a, v.square_add(b, radius_squared));
            hits[I] = v.count_negative(hits[I], outside);
            least[I] = v.least(least[I], outside);
            x.step(v, I);
            y.step(v, I);
        });
    }
    let mut sum = 0;
    let mut undecided = false;
    unroll!(I < U, {
        sum += v.total(hits[I]);
        undecided |= v.any_up_to(least[I], BAND);
    });
    (!undecided).then_some(sum)
}

/// The high 32 bits of the states in neighbouring columns, as signed coordinates, with the high 32
/// bits of the differences.
struct Heads<V: Floats, const U: usize> {
    state: [V::Word; U],
    difference: [V::Word; U],
    second_difference: [V::Word; U],
}

impl<V: Floats, const U: usize> Heads<V, U> {
    #[inline(always)]
    fn new<const L: usize>(v: V, column: Column<L>) -> Self {
        const { assert!(L == U * V::LANES) };
        // States are multiplied by 2^18, and so are their differences.
        const { assert!(STEP.trailing_zeros() + 18 >= 32, "the low halves never change") };
        // Adding 2^63 makes the high bits of 2s/2^46 the signed ones of 2s/2^46 − 1.
        let state = heads(v, &column.state.map(|state| state ^ 1 << 63));
        let difference = heads(v, &column.difference);
        let second_difference = heads(v, &column.second_difference);
        Self { state, difference, second_difference }
    }

    #[inline(always)]
    fn step(&mut self, v: V, i: usize) {
        self.state[i] = v.add(self.state[i], self.difference[i]);
        self.difference[i] = v.add(self.difference[i], self.second_difference[i]);
    }
}

/// The high 32 bits of words.
#[inline(always)]
fn heads<V: Floats, const U: usize, const L: usize>(v: V, words: &[u64; L]) -> [V::Word; U] {
    let heads = words.map(|word| (word >> 32) as u32);
    let mut vectors = [v.load(&heads); U];
    unroll!(I < U, { vectors[I] = v.load(&heads[I * V::LANES..]) });
    vectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npb;
    use crate::simd::test_with_all_vectors;

    /// A state, which makes the coordinate `at`·2^31 if it is a head.
    fn state(at: f64) -> u64 {
        (((at + 1.0) * 2f64.powi(45)) as u64).min((1 << 46) - 1) << 18
    }

    /// x² + y² − 2^62 in units of 2^32, if the heads of the states were exact.
    fn distance(x: u64, y: u64) -> f64 {
        let square = |state: u64| i128::from((state ^ 1 << 63).cast_signed()).pow(2);
        (square(x) + square(y) - (1 << 126)) as f64 / 2f64.powi(96)
    }

    /// The hits of one row in floats, if they decide.
    fn in_floats<V: Floats>(v: V, x: [u64; 16], y: [u64; 16]) -> Option<u64> {
        let [mut x, mut y] = [x, y].map(|states| {
            let state: [V::Word; 1] = heads(v, &states.map(|state| state ^ 1 << 63));
            Heads { state, difference: state, second_difference: state }
        });
        chunk_hits(v, &mut x, &mut y, 1)
    }

    /// Points at these distances from the circle, in all directions.
    fn points_at(distance: f64) -> impl Iterator<Item = (u64, u64)> {
        let radius = (1.0 + distance / 2f64.powi(30)).sqrt();
        let angles = (0..500).map(|i| f64::from(i) * std::f64::consts::TAU / 500.0);
        angles.map(move |angle| (state(radius * angle.cos()), state(radius * angle.sin())))
    }

    /// The points that floats misplace most if they are rounded to nearest, by more than 123·2^32: a
    /// hit that lies outside in floats, and a miss that lies inside. A search over the heads that
    /// round worst found them.
    const WORST: [(u64, u64); 2] =
        [(9988392107617, 10626224111615), (60353514847949, 59770024247295)];

    /// The bound of the proof in SAMPLER.md, in any rounding mode, lies less than one step of 2^34
    /// below the band. So a band that is narrower by one step is not proven.
    #[test]
    fn the_band_is_as_wide_as_the_proof_needs() {
        // A head is less than 1 below the coordinate, and floats up to 2^31 are up to 2^7 apart.
        let coordinate = 1.0 + 2f64.powi(7);
        // 2·(|X| + |Y|) is at most 2·√2·2^31 on the circle.
        let squares = coordinate * 2f64.sqrt() * 2f64.powi(32);
        // Floats up to 2^62 are up to 2^38 apart.
        let bound = squares + 2f64.powi(38);
        let band = f64::from(BAND);
        assert!(band - 2f64.powi(34) < bound && bound < band, "{bound} {band}");
    }

    #[test]
    fn the_worst_points_would_be_wrong_without_the_band() {
        let worst = WORST.map(|(x, y)| (x << 18, y << 18));
        assert_eq!(worst.map(|(x, y)| npb::is_hit(x, y)), [1, 0]);
        let float = |state: u64| ((state ^ 1 << 63).cast_signed() >> 32) as f32;
        let outside = worst.map(|(x, y)| {
            let inner = float(y).mul_add(float(y), -RADIUS_SQUARED);
            f64::from(float(x).mul_add(float(x), inner)) / 2f64.powi(32)
        });
        assert!(outside[0] > 123.0 && outside[1] < -123.0, "{outside:?}");
    }

    #[test]
    fn floats_decide_what_is_far_from_the_circle_and_nothing_wrongly() {
        test_with_all_vectors!(decide);
    }

    fn decide<V: Floats>(v: V) {
        let near = [
            0.0, 0.01, 1.0, 60.0, 120.0, 123.0, 124.0, 125.0, 130.0, 247.0, 249.0, 371.0, 373.0,
            1e4,
        ];
        let near = near.into_iter().flat_map(|d| points_at(d).chain(points_at(-d)));
        let far = [(0.0, 0.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 0.0), (0.0, 1.0)];
        let far = far.map(|(x, y)| (state(x), state(y)));
        let fused = [(59445998844731, 60666002853813), (36357420868763, 70349183987167)];
        let exact = fused.into_iter().chain(WORST).map(|(x, y)| (x << 18, y << 18));
        let mut undecided = 0;
        for (i, (x, y)) in near.chain(exact).chain(far).enumerate() {
            for lane in [i % V::LANES, (i + 1) % V::LANES] {
                // The other lanes hold hits, or misses.
                for other in [0.0, -1.0] {
                    let (mut xs, mut ys) = ([state(other); 16], [state(other); 16]);
                    (xs[lane], ys[lane]) = (x, y);
                    let expected: u64 = (0..V::LANES).map(|l| npb::is_hit(xs[l], ys[l])).sum();
                    let found = in_floats(v, xs, ys);
                    let is_decided = found == Some(expected);
                    assert!(is_decided || found.is_none(), "{x} {y}: {found:?}, not {expected}");
                    // Floats that are rounded to nearest misplace a point by less than 124·2^32.
                    assert!(is_decided || distance(x, y).abs() < 372.0, "{x} {y} is decided");
                    undecided += u32::from(!is_decided);
                }
            }
        }
        assert!(undecided > 1000, "{undecided}");
    }
}
