//! The ranges in which the kernels of a problem are compared. The counts of a problem of the user's own
//! are known from its first kernel only.

use libpi::Generator;
use libpi::known::KnownCount;

/// Seed, first index and number of indices. The two ranges of [`HALVES`] make up that of [`WHOLE`]. The
/// ranges are short, because a kernel may be slow, and reach across 2^31 and 2^32.
const RANGES: [(u64, u64, u64); 8] = [
    (42, 0, 1),
    (42, 1, 1),
    (42, 0, 10_007),
    (42, 10_007, 10_007),
    (42, 0, 20_014),
    (7, 65_533, 7),
    (42, (1 << 31) - 50, 101),
    (42, (1 << 32) - 71, 141),
];

const HALVES: [usize; 2] = [2, 3];
const WHOLE: usize = 4;

/// The counts of a problem's ranges. `count` counts one of them.
///
/// # Errors
/// The first error of `count`.
pub fn counted<E>(
    problem: Generator,
    mut count: impl FnMut(u64, u64, u64) -> Result<u64, E>,
) -> Result<Vec<KnownCount>, E> {
    let one = |&(seed, first, indices): &(u64, u64, u64)| {
        let hits = count(seed, first, indices)?;
        Ok(KnownCount { generator: problem, seed, first, count: indices, hits })
    };
    RANGES.iter().map(one).collect()
}

/// What is wrong with the counts of a problem's first kernel, if anything is: a count must be additive
/// and at most the number of indices.
pub fn fault(counts: &[KnownCount]) -> Option<String> {
    if let Some(KnownCount { first, count, hits, .. }) =
        counts.iter().find(|one| one.hits > one.count)
    {
        return Some(format!(
            "counts {hits} hits among {count} indices from {first} on: an index counts once at most"
        ));
    }
    let [one, other] = HALVES.map(|half| counts[half]);
    let whole = counts[WHOLE];
    (one.hits + other.hits != whole.hits).then(|| {
        format!(
            "is not additive: it counts {} hits among {} indices from {} on, {} among {} from {} on, \
             and {} among all {}",
            one.hits, one.count, one.first, other.hits, other.count, other.first, whole.hits, whole.count
        )
    })
}

/// What is wrong with a count, if anything is.
pub fn difference(known: &KnownCount, hits: u64) -> Option<String> {
    (hits != known.hits).then(|| {
        format!(
            "{hits} instead of {} hits (seed {}, first {}, count {})",
            known.hits, known.seed, known.first, known.count
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: impl Fn(u64, u64, u64) -> u64) -> Option<String> {
        let exact = |seed, first, indices| Ok::<u64, ()>(count(seed, first, indices));
        fault(&counted(Generator::problem("primes"), exact).unwrap())
    }

    #[test]
    fn a_count_is_additive_and_at_most_the_number_of_indices() {
        // Every third index.
        assert_eq!(of(|_, first, indices| (first + indices).div_ceil(3) - first.div_ceil(3)), None);
        let twice = of(|_, _, indices| 2 * indices).unwrap();
        assert!(twice.contains("counts 2 hits among 1 indices from 0 on"), "{twice}");
        let rounds = of(|_, _, indices| indices / 3).unwrap();
        assert!(rounds.contains("is not additive: it counts 3335 hits among 10007"), "{rounds}");
    }

    #[test]
    fn the_first_error_ends_the_counts() {
        let mut calls = 0;
        let counts = counted(Generator::problem("primes"), |_, first, _| {
            calls += 1;
            if first == 1 { Err("no") } else { Ok(0) }
        });
        assert_eq!((counts, calls), (Err("no"), 2));
    }
}
