//! Shared by the benches: checks a cell, then times it.

use criterion::{Criterion, Throughput};
use libpi::known::{KnownCount, is_plausible};
use libpi::{Driver, Kernel, Samples, cell_name};
use std::hint::black_box;
use std::time::Duration;

/// The number of samples that a statistical kernel counts in one iteration.
const STATISTICAL: u64 = 1 << 20;

/// Settings for few and short measurements, because there are many cells, and one iteration counts
/// millions of samples.
pub fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
}

/// Benches a cell under its own name, in samples per second. A wrong count ends the bench, so that no time
/// is reported for it.
pub fn bench(criterion: &mut Criterion, kernel: &Kernel, driver: &Driver, threads: u32) {
    let name = cell_name(kernel, driver, 1, threads).to_string();
    let generator = kernel.generator();
    let seed = generator.default_seed();
    let count =
        if generator.is_exact() { KnownCount::to_time(generator).count } else { STATISTICAL };
    let samples = Samples::new(0, count).expect("the range is valid");
    let run = |samples| kernel.hits(driver, seed, samples, threads).expect("the cell can run here");

    let hits = run(samples);
    if generator.is_exact() {
        assert_eq!(hits, KnownCount::to_time(generator).hits, "{name} counts wrong");
    } else {
        assert!(is_plausible(hits, count), "{name} is more than five sigma from pi");
    }
    // criterion joins group and function with a slash, which gives the cell's name.
    let (group, function) = name.split_once('/').expect("a cell's name has parts");
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(count));
    // A kernel is a pure function, so the compiler could move its call out of the loop. The black boxes
    // prevent this.
    group.bench_function(function, |bencher| bencher.iter(|| black_box(run(black_box(samples)))));
    group.finish();
}
