//! Checks for kernels and drivers. Tests of real code and of mutants use the same checks.
#![allow(dead_code, reason = "not every test uses all of it")]

mod points;

use libpi::known::{COUNTS, KnownCount};
use libpi::{BLOCK, Catalog, Driver, Generator, Kernel, Samples};
pub use points::points;

/// The generators whose counts are exact.
pub const EXACT: [Generator; 3] = [Generator::Philox, Generator::Npb, Generator::Xoshiro];

/// The first point for which a hit test gives the wrong answer.
pub fn first_wrong_point(is_hit: impl Fn(i32, i32) -> bool) -> Option<(i32, i32)> {
    points().find(|&(x, y, hit)| is_hit(x, y) != hit).map(|(x, y, _)| (x, y))
}

/// Pairs of states of `npb`, and whether their points are hits. A fused multiply-add moves each of
/// the first two points across the circle; whether it moves the pair as given or swapped depends on which
/// product is fused.
///
/// The generator never draws these two points. All points that two consecutive states can make are at
/// least 3.6e-14 away from the circle, so no count shows whether multiplications were fused. That
/// is why the tests call the hit tests directly, and `symbols.rs` searches for fused instructions.
pub const NPB_POINTS: [(u64, u64, bool); 10] = [
    (59445998844731, 60666002853813, true),
    (36357420868763, 70349183987167, false),
    // Points near the edges of the guard band of the kernels that are vectorised by hand. In floats
    // they are on the wrong side of the circle, by -244.9, -122.2, +122.1 and +243.4 in units of
    // 2^32: the first and the last one if floats are rounded down or up, the others if to nearest.
    (60126539022335, 60000261111807, false),
    (60253094805503, 59872409288703, false),
    (60202295492609, 59923885981697, true),
    (60586870194176, 59528840232960, true),
    // Just inside and outside of the band's edges, at -249.9, -247.3, +246.7 and +249.6.
    (12767737426500, 62303264096735, true),
    (43536693259325, 69362997827721, true),
    (39374448764239, 250383829615, false),
    (67581857664083, 21460550798323, false),
];

/// The pairs of states, as given and swapped.
pub fn npb_points() -> impl Iterator<Item = (u64, u64, bool)> {
    NPB_POINTS.into_iter().flat_map(|(x, y, hit)| [(x, y, hit), (y, x, hit)])
}

/// The first pair of states for which a hit test of `npb` gives the wrong answer.
pub fn first_wrong_npb_point(is_hit: impl Fn(u64, u64) -> bool) -> Option<(u64, u64)> {
    npb_points().find(|&(x, y, hit)| is_hit(x, y) != hit).map(|(x, y, _)| (x, y))
}

/// The first known count, among those of at most `longest` samples, that a kernel gets wrong.
pub fn first_wrong(
    generator: Generator,
    longest: u64,
    kernel: impl Fn(u64, u64, u64) -> u64,
) -> Option<KnownCount> {
    let mut counts = COUNTS
        .iter()
        .copied()
        .filter(|known| known.generator == generator && known.count <= longest);
    counts.find(|known| kernel(known.seed, known.first, known.count) != known.hits)
}

/// The driver `serial`.
pub fn serial() -> &'static Driver {
    Catalog::here().driver("serial").expect("it is always there")
}

/// The hits of a kernel on the calling thread.
pub fn count(kernel: &Kernel, seed: u64, first: u64, count: u64) -> u64 {
    let samples = Samples::new(first, count).expect("a range inside 2^64");
    kernel.hits(serial(), seed, samples, 1).expect("a kernel that can run and a seed that suits it")
}

/// The exact kernels that can run here, of all levels.
pub fn exact_kernels() -> impl Iterator<Item = &'static Kernel> {
    let kernels = Catalog::here().kernels.iter();
    kernels.filter(|kernel| kernel.generator().is_exact() && kernel.missing().is_none())
}

/// The drivers that can run here, with the numbers of threads to try.
pub fn drivers() -> impl Iterator<Item = (&'static Driver, &'static [u32])> {
    let drivers = Catalog::here().drivers.iter().filter(|driver| driver.missing().is_none());
    drivers.map(|driver| (driver, if driver.is_serial() { &[1][..] } else { &[1, 2, 3, 5] }))
}

/// Ranges that are awkward to split: they start or end inside blocks, do not divide evenly, have
/// fewer blocks than threads, or are empty.
pub const AWKWARD: [(u64, u64); 9] = [
    (0, 7 * BLOCK),
    (12_345, 5 * BLOCK + 7),
    (BLOCK - 6, 12),
    (BLOCK - 1, 2 * BLOCK + 2),
    (3 * BLOCK, 1),
    ((1 << 33) - 99_999, 200_001),
    ((1 << 63) - 3 * BLOCK - 1, 6 * BLOCK + 3),
    (5 * BLOCK - 277_777, 277_777),
    (77, 0),
];

/// The counts of the [`AWKWARD`] ranges and of one range that ends at 2^64. The base-level kernel
/// in Rust computes them with the driver `serial`.
pub fn awkward(generator: Generator) -> Vec<KnownCount> {
    let base = format!("rust@{}", libpi::Level::ALL[0]);
    let kernel = Catalog::here().kernel(generator, &base).unwrap();
    let seed = generator.default_seed();
    let at_the_end = (4 * BLOCK + 11u64).wrapping_neg();
    let ranges = AWKWARD.into_iter().chain([(at_the_end, at_the_end.wrapping_neg())]);
    let hits = |(first, length)| count(kernel, seed, first, length);
    ranges
        .map(|(first, count)| KnownCount {
            generator,
            seed,
            first,
            count,
            hits: hits((first, count)),
        })
        .collect()
}

/// The first count, with the number of threads, that a driver gets wrong.
pub fn first_wrong_split(
    known: &[KnownCount],
    threads: &[u32],
    hits: impl Fn(&KnownCount, u32) -> u64,
) -> Option<(KnownCount, u32)> {
    let tries =
        threads.iter().flat_map(|&threads| known.iter().map(move |&known| (known, threads)));
    tries.into_iter().find(|(known, threads)| hits(known, *threads) != known.hits)
}

/// The parts of a range that are not empty.
pub fn parts(samples: Samples, parts: u32) -> Vec<Samples> {
    let parts = (0..parts.into()).map(|part| samples.part(part, parts.into()));
    parts.filter(|part| part.count() > 0).collect()
}
