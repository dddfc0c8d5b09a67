//! Benches of the crossings that need no shared library, under the names of the cells. See
//! `bench/CROSSINGS.md`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pi_crossings::{Caller, KNOWN_ANSWER, callee, pairs};
use std::hint::black_box;
use std::time::Duration;

/// One iteration is a million calls.
fn crossings(criterion: &mut Criterion) {
    for (from, to) in pairs() {
        // Languages that were not built are left out.
        let (Ok(caller), Ok(callee)) = (Caller::of(from), callee(to)) else { continue };
        if from == to {
            bench(criterion, &format!("{from}-{to}/floor"), |seed, count| {
                (caller.floor)(seed, 0, count)
            });
        }
        if let Ok(direct) = caller.direct(to) {
            bench(criterion, &format!("{from}-{to}/direct"), |seed, count| direct(seed, 0, count));
        }
        bench(criterion, &format!("{from}-{to}/pointer"), |seed, count| {
            // SAFETY: the callees take any arguments.
            unsafe { (caller.pointer)(callee, seed, 0, count) }
        });
    }
}

/// Benches a loop, in calls per second. A wrong answer ends the bench before it reports a time.
fn bench(criterion: &mut Criterion, crossing: &str, calls: impl Fn(u64, u64) -> u64) {
    let (count, answer) = KNOWN_ANSWER;
    assert_eq!(calls(42, count), answer, "crossing/{crossing}/1x1 answers wrong");
    let mut group = criterion.benchmark_group("crossing");
    group.throughput(Throughput::Elements(count));
    group.bench_function(format!("{crossing}/1x1"), |bencher| {
        bencher.iter(|| calls(black_box(42), black_box(count)))
    });
    group.finish();
}

/// Few and short measurements, as in the other benches.
fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = benches; config = config(); targets = crossings }
criterion_main!(benches);
