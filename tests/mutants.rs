//! Mutation tests: each test makes a typical mistake on purpose and expects the checks to catch it.

mod checks;
mod reference;

use checks::{awkward, first_wrong, first_wrong_npb_point, first_wrong_point, first_wrong_split};
use libpi::Generator::{self, Npb, Philox, Xoshiro};
use libpi::{Samples, known::KnownCount};
use reference::{REFERENCE, Reference, rounded};

/// Known counts up to this length catch all mutants.
const LONGEST: u64 = 1_000_003;

#[track_caller]
fn assert_caught(generator: Generator, kernel: impl Fn(u64, u64, u64) -> u64) {
    assert_ne!(
        first_wrong(generator, LONGEST, kernel),
        None,
        "no check caught a mutant of {generator}"
    );
}

#[track_caller]
fn assert_formula_caught(generator: Generator, mutant: Reference) {
    assert_caught(generator, |seed, first, count| mutant.hits(generator, seed, first, count));
}

/// Expects that the checks catch a kernel that counts the range `mutant(first, count)` instead of
/// (first, count).
#[track_caller]
fn assert_range_caught(mutant: impl Fn(u64, u64) -> (u64, u64)) {
    for generator in checks::EXACT {
        assert_caught(generator, |seed, first, count| {
            let (first, count) = mutant(first, count);
            REFERENCE.hits(generator, seed, first, count)
        });
    }
}

#[test]
fn without_a_mutation_nothing_is_caught() {
    for generator in checks::EXACT {
        let kernel = |seed, first, count| REFERENCE.hits(generator, seed, first, count);
        assert_eq!(first_wrong(generator, LONGEST, kernel), None);
    }
    assert_eq!(first_wrong_point(|x, y| REFERENCE.is_hit(x, y)), None);
    assert_eq!(first_wrong_npb_point(|x, y| REFERENCE.is_npb_hit(x, y)), None);
    assert_eq!(first_wrong_driver(|samples, part, parts| samples.part(part, parts)), None);
}

#[test]
fn off_by_one_at_the_tail() {
    assert_range_caught(|first, count| (first, count - 1));
    assert_range_caught(|first, count| (first, count + u64::from(first.wrapping_add(count) != 0)));
}

#[test]
fn off_by_one_at_the_start() {
    assert_range_caught(|first, count| (first + 1, count - 1));
    assert_range_caught(|first, count| (first - first % 2, count + first % 2));
}

#[test]
fn remainder_dropped() {
    for lanes in [2, 4, 8, 16, 32] {
        assert_range_caught(|first, count| (first, count / lanes * lanes));
    }
}

#[test]
fn index_truncated_to_32_bits() {
    assert_range_caught(|first, count| (first % (1 << 32), count));
}

#[test]
fn seed_truncated_or_ignored() {
    for generator in checks::EXACT {
        for kept in [0, (1 << 32) - 1] {
            assert_caught(generator, |seed, first, count| {
                REFERENCE.hits(generator, seed & kept | 1, first, count)
            });
        }
    }
    for kept in [(1 << 45) - 1, (1 << 40) - 1] {
        assert_caught(Npb, |seed, first, count| REFERENCE.hits(Npb, seed & kept, first, count));
    }
}

/// `npb` cannot show this mistake, because its period divides 2^63.
#[test]
fn index_without_its_highest_bit() {
    for generator in [Philox, Xoshiro] {
        assert_caught(generator, |seed, first, count| {
            REFERENCE.hits(generator, seed, first % (1 << 63), count)
        });
    }
}

#[test]
fn philox_words_paired_wrongly() {
    for philox_points in [[[0, 2], [1, 3]], [[2, 3], [0, 1]], [[0, 1], [0, 1]], [[0, 3], [1, 2]]] {
        assert_formula_caught(Philox, Reference { philox_points, ..REFERENCE });
    }
}

#[test]
fn philox_round_missing() {
    assert_formula_caught(Philox, Reference { philox_rounds: 9, ..REFERENCE });
}

#[test]
fn philox_counter_truncated_to_32_bits() {
    assert_formula_caught(Philox, Reference { philox_counter_bits: 32, ..REFERENCE });
}

#[test]
fn npb_multiply_add_fused() {
    let fused: [fn(u128, u128) -> u128; 2] =
        [|xx, yy| rounded(xx + rounded(yy)), |xx, yy| rounded(rounded(xx) + yy)];
    let caught_by = fused.map(|npb_sum| {
        let mutant = Reference { npb_sum, ..REFERENCE };
        first_wrong_npb_point(|x, y| mutant.is_npb_hit(x, y)).expect("a point catches the mutant")
    });
    let [(x, y), swapped] = caught_by;
    assert_eq!(swapped, (y, x), "a point and its mirror image catch one form each");
}

#[test]
fn xoshiro_lane_seeded_from_its_neighbours_words() {
    let mutants: [fn(u128) -> u128; 4] = [
        |lane| 4 * lane.max(1),
        |lane| 4 * (lane + 1),
        |lane| 4 * lane + u128::from(lane == 15),
        |lane| lane,
    ];
    for xoshiro_words in mutants {
        assert_formula_caught(Xoshiro, Reference { xoshiro_words, ..REFERENCE });
    }
}

/// Lanes in another order give the right counts of whole blocks, and wrong counts of parts of
/// blocks.
#[test]
fn xoshiro_lanes_swapped() {
    assert_formula_caught(Xoshiro, Reference { xoshiro_words: |lane| 4 * (lane ^ 1), ..REFERENCE });
    assert_formula_caught(
        Xoshiro,
        Reference { xoshiro_words: |lane| 4 * (15 - lane), ..REFERENCE },
    );
}

#[test]
fn hits_on_the_circle() {
    let mutant = Reference { limit: (1 << 62) + 1, ..REFERENCE };
    assert_eq!(first_wrong_point(|x, y| mutant.is_hit(x, y)), Some((i32::MIN, 0)));
}

#[test]
fn hit_test_in_doubles() {
    let unit = |c: i32| f64::from(c) / 2f64.powi(31);
    let is_hit = |x, y| unit(x) * unit(x) + unit(y) * unit(y) < 1.0;
    assert_eq!(first_wrong_point(is_hit), Some((2147483524, 729778)));
}

#[test]
fn hit_test_with_a_signed_sum() {
    let square = |c: i32| i64::from(c) * i64::from(c);
    let is_hit = |x, y| square(x).wrapping_add(square(y)) < 1 << 62;
    assert_eq!(first_wrong_point(is_hit), Some((i32::MIN, i32::MIN)));
}

/// The first wrong count of a driver that splits ranges by `split(samples, part, parts)`.
fn first_wrong_driver(split: impl Fn(Samples, u64, u64) -> Samples) -> Option<(KnownCount, u32)> {
    let kernel = libpi::Catalog::here().kernel(Philox, "rust").unwrap();
    first_wrong_split(&awkward(Philox), &[1, 2, 3, 5], |known, threads| {
        let parts = (0..threads.into()).map(|part| split(known.samples(), part, threads.into()));
        parts.map(|part| checks::count(kernel, known.seed, part.first(), part.count())).sum()
    })
}

#[test]
fn same_piece_counted_by_two_threads() {
    assert_ne!(
        first_wrong_driver(|samples, part, parts| samples.part(part.max(1) % parts, parts)),
        None
    );
}

#[test]
fn remainder_dropped_by_a_driver() {
    let equal = |samples: Samples, part, parts| {
        let share = samples.count() / parts;
        Samples::new(samples.first() + part * share, share).unwrap()
    };
    assert_ne!(first_wrong_driver(equal), None);
}

#[test]
fn last_part_dropped_by_a_driver() {
    let without_last = |samples: Samples, part, parts| {
        if part + 1 == parts && parts > 1 {
            Samples::new(0, 0).unwrap()
        } else {
            samples.part(part, parts)
        }
    };
    assert_ne!(first_wrong_driver(without_last), None);
}
