//! The textbook kernels are statistical. Each piece has its own seed, so the same split gives the
//! same count again.

mod checks;

use checks::{count, drivers, parts};
use libpi::known::is_plausible;
use libpi::{BLOCK, Catalog, Generator, Kernel, Samples};
use std::collections::BTreeSet;

/// Enough samples for the check of five standard deviations.
const ENOUGH: u64 = 1 << 20;

fn kernels() -> impl Iterator<Item = &'static Kernel> {
    let of_textbook = |kernel: &&Kernel| kernel.generator() == Generator::Textbook;
    Catalog::here().kernels.iter().filter(of_textbook).filter(|kernel| kernel.missing().is_none())
}

/// The counts of 16 pieces. If all are equal to those of another run, the points were almost surely
/// the same.
fn pieces(kernel: &Kernel, seed: u64, first: u64) -> Vec<u64> {
    (0..16).map(|piece| count(kernel, seed, first + piece * 10_000, 10_000)).collect()
}

#[test]
fn disjoint_pieces_and_other_seeds_draw_different_points() {
    for kernel in kernels() {
        let name = kernel.full_name();
        let counts = pieces(kernel, 42, 0);
        assert!(BTreeSet::from_iter(&counts).len() > 8, "{name}: {counts:?}");
        assert_ne!(counts, pieces(kernel, 42, 1), "{name}: another start");
        assert_ne!(counts, pieces(kernel, 43, 0), "{name}: another seed");
        assert_ne!(
            counts,
            pieces(kernel, 42 + (1 << 32), 0),
            "{name}: a seed that differs high up"
        );
    }
}

#[test]
fn a_piece_repeats() {
    for kernel in kernels() {
        let counts = pieces(kernel, 42, 0);
        count(kernel, 7, 77, 777);
        assert_eq!(counts, pieces(kernel, 42, 0), "{}", kernel.full_name());
    }
}

#[test]
fn no_samples_no_hits() {
    for kernel in kernels() {
        assert_eq!(count(kernel, 42, 5, 0), 0, "{}", kernel.full_name());
    }
}

#[test]
fn counts_are_plausible_under_every_driver() {
    for kernel in kernels() {
        for (driver, threads) in drivers() {
            for (seed, &threads) in [0, 42, u64::MAX].into_iter().zip(threads.iter().cycle()) {
                let samples = Samples::new(0, ENOUGH).unwrap();
                let hits = kernel.hits(driver, seed, samples, threads).unwrap();
                let cell = libpi::cell_name(kernel, driver, 1, threads);
                assert!(is_plausible(hits, ENOUGH), "{cell}, seed {seed}: {hits}");
            }
        }
    }
}

/// A driver gives the sum of its parts, each of which gives the same count when it is counted
/// again.
#[test]
fn a_driver_gives_the_sum_of_its_parts() {
    let samples = Samples::new(BLOCK / 2, 7 * BLOCK).unwrap();
    for kernel in kernels() {
        for (driver, threads) in drivers() {
            for &threads in threads {
                let serially: u64 = parts(samples, threads)
                    .iter()
                    .map(|part| count(kernel, 42, part.first(), part.count()))
                    .sum();
                let cell = libpi::cell_name(kernel, driver, 1, threads);
                assert_eq!(kernel.hits(driver, 42, samples, threads), Ok(serially), "{cell}");
            }
        }
    }
}

/// The check itself accepts up to five standard deviations and no more.
#[test]
fn counts_beyond_five_standard_deviations_are_not_plausible() {
    let expected = (ENOUGH as f64 * std::f64::consts::FRAC_PI_4) as u64;
    let deviation = (1.6422 / 4.0 * (ENOUGH as f64).sqrt()) as u64;
    assert!(is_plausible(expected + 4 * deviation, ENOUGH));
    assert!(is_plausible(expected - 4 * deviation, ENOUGH));
    assert!(!is_plausible(expected + 6 * deviation, ENOUGH));
    assert!(!is_plausible(expected - 6 * deviation, ENOUGH));
}
