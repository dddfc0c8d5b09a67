//! Every driver gives the same counts with every kernel and several numbers of threads, and gives
//! its threads the right parts.

mod checks;
mod recorder;

use checks::{AWKWARD, EXACT, awkward, drivers, exact_kernels, first_wrong_split, parts};
use libpi::{BLOCK, Catalog, Error, Generator, MAX_THREADS, Samples};
use std::thread;

#[test]
fn every_driver_with_every_kernel_gives_the_same_counts() {
    for generator in EXACT {
        let known = awkward(generator);
        for kernel in exact_kernels().filter(|kernel| kernel.generator() == generator) {
            for (driver, threads) in drivers() {
                let wrong = first_wrong_split(&known, threads, |known, threads| {
                    kernel.hits(driver, known.seed, known.samples(), threads).unwrap()
                });
                let cell = libpi::cell_name(kernel, driver, 1, 0);
                assert_eq!(wrong, None, "{cell}");
            }
        }
    }
}

/// Each part is counted once. Empty parts cause no call.
#[test]
fn every_driver_hands_out_the_parts() {
    for (driver, threads) in drivers() {
        for (first, count) in AWKWARD {
            let samples = Samples::new(first, count).unwrap();
            for &threads in threads {
                let (hits, calls) = recorder::run(driver, samples, threads);
                let calls: Vec<_> = calls.iter().map(recorder::Call::samples).collect();
                assert_eq!(calls, parts(samples, threads), "{} with {threads}", driver.name());
                assert_eq!(hits, count, "{} with {threads}", driver.name());
            }
        }
    }
}

/// Ranges that are too long to count for real are split and summed exactly, and each call of the
/// kernel has fewer than 2^63 samples.
#[test]
fn every_driver_takes_ranges_up_to_the_longest() {
    let ranges = [
        (0, 1 << 62),
        (0, (1 << 62) + 1),
        (1, (1 << 63) - 1),
        (12_345, 1 << 63),
        (0, u64::MAX),
        (1, u64::MAX),
        (u64::MAX, 1),
        (1 << 63, 1 << 63),
    ];
    for (driver, threads) in drivers() {
        for (&threads, (first, count)) in
            threads.iter().flat_map(|t| ranges.map(|range| (t, range)))
        {
            let (hits, calls) = recorder::run(driver, Samples::new(first, count).unwrap(), threads);
            let name = format!("{} with {threads}: {first} + {count}", driver.name());
            assert_eq!(hits, count, "{name}");
            let mut next = u128::from(first);
            for call in calls {
                assert_eq!(u128::from(call.first), next, "{name}");
                assert!((1..1 << 63).contains(&call.count), "{name}: {}", call.count);
                next += u128::from(call.count);
            }
            assert_eq!(next, u128::from(first) + u128::from(count), "{name}");
        }
    }
}

/// Rayon's pools are shared, and an OpenMP region may be entered from any thread.
#[test]
fn drivers_may_be_used_from_several_threads_at_once() {
    let generator = Generator::Philox;
    let kernel = Catalog::here().kernel(generator, "auto").unwrap();
    let known = awkward(generator);
    for (driver, threads) in drivers() {
        let work = || {
            first_wrong_split(&known, threads, |known, threads| {
                kernel.hits(driver, known.seed, known.samples(), threads).unwrap()
            })
        };
        thread::scope(|scope| {
            let users: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            for user in users {
                assert_eq!(user.join().unwrap(), None, "{}", driver.name());
            }
        });
    }
}

/// With the largest number of threads, the parts are right for a few blocks and for many.
#[test]
fn drivers_take_up_to_the_most_threads() {
    let kernel = Catalog::here().kernel(Generator::Philox, "auto").unwrap();
    let ranges = [(54_321, 30 * BLOCK), (54_321, (1 << 61) + 99)];
    let [few, many] = ranges.map(|(first, count)| Samples::new(first, count).unwrap());
    for (driver, _) in drivers().filter(|(driver, _)| !driver.is_serial()) {
        // Rayon keeps its pools, and a thousand threads that look for work would slow down the
        // other tests.
        let most = if driver.name() == "rayon" { 64 } else { MAX_THREADS };
        for samples in [few, many] {
            let (hits, calls) = recorder::run(driver, samples, most);
            let calls: Vec<_> = calls.iter().map(recorder::Call::samples).collect();
            assert_eq!(calls, parts(samples, most), "{}", driver.name());
            assert_eq!(hits, samples.count(), "{}", driver.name());
        }
        for threads in [0, MAX_THREADS + 1] {
            let error = kernel.hits(driver, 42, few, threads);
            assert_eq!(error, Err(Error::Threads { threads: threads.into(), most: MAX_THREADS }));
        }
    }
}

#[test]
fn missing_drivers_say_why() {
    let catalog = Catalog::here();
    let names: Vec<_> = catalog.drivers.iter().map(libpi::Driver::name).collect();
    assert_eq!(names, ["serial", "threads", "rayon", "openmp-c", "openmp-fortran"]);
    let kernel = catalog.kernel(Generator::Philox, "auto").unwrap();
    for driver in &catalog.drivers {
        let hits = kernel.hits(driver, 42, Samples::new(0, 1).unwrap(), 1);
        match driver.missing() {
            None => assert!(hits.is_ok() && catalog.driver(driver.name()).is_ok()),
            Some(reason) => {
                let name = format!("driver {}", driver.name());
                let error = Error::Missing { name, reason: reason.to_owned() };
                assert_eq!(hits, Err(error.clone()));
                assert_eq!(catalog.driver(driver.name()).err(), Some(error));
            }
        }
    }
}
