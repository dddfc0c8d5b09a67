//! Kernels that can fail: every driver hands out whole blocks of any length, adds up the hits, and
//! stops soon after a failure. Mutants of the rule are caught.

mod checks;

use checks::drivers;
use libpi::{BLOCK, Blocks, Catalog, Error, Result, Samples};
use proptest::prelude::*;
use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// A kernel that records its calls and fails where it is told to.
#[derive(Default)]
struct Probe {
    calls: Mutex<Vec<(Samples, ThreadId)>>,
    /// Fails in the calls whose first index is one of these, with the value beside it.
    fails_at: Vec<(u64, i32)>,
    has_failed: AtomicBool,
    /// The number of calls that began after a failure.
    late: AtomicU64,
}

impl Probe {
    fn failing(fails_at: &[(u64, i32)]) -> Self {
        Self { fails_at: fails_at.to_vec(), ..Self::default() }
    }

    /// A call of the kernel: the hits, or the error number.
    fn count(&self, samples: Samples) -> std::result::Result<u64, i32> {
        if self.has_failed.load(Ordering::SeqCst) {
            self.late.fetch_add(1, Ordering::SeqCst);
            // The driver gets the time to see the failure.
            thread::sleep(Duration::from_micros(200));
        }
        self.calls.lock().unwrap().push((samples, thread::current().id()));
        match self.fails_at.iter().find(|(first, _)| *first == samples.first()) {
            Some(&(_, value)) => {
                self.has_failed.store(true, Ordering::SeqCst);
                Err(value)
            }
            None => Ok(weight(samples)),
        }
    }

    /// The ranges of the calls in ascending order.
    fn sorted(&self) -> Vec<Samples> {
        let mut calls: Vec<_> = self.calls.lock().unwrap().iter().map(|call| call.0).collect();
        calls.sort_by_key(|samples| samples.first());
        calls
    }
}

/// What the probe counts in a range. The sum over the parts of a range is the weight of the range,
/// modulo 2^64.
fn weight(samples: Samples) -> u64 {
    let f = |x: u64| x.wrapping_mul(x).wrapping_mul(3).wrapping_add(x);
    f(samples.first().wrapping_add(samples.count())).wrapping_sub(f(samples.first()))
}

unsafe extern "C" fn probe(context: *mut c_void, first: u64, count: u64, hits: *mut u64) -> i32 {
    // SAFETY: the context of every run is a probe.
    let probe = unsafe { &*context.cast::<Probe>() };
    let answer = probe.count(Samples::new(first, count).expect("drivers stay inside 2^64"));
    // SAFETY: libpi passes a valid pointer. The hits of a call that fails must not count.
    unsafe { hits.write(answer.unwrap_or(999)) };
    answer.err().unwrap_or(0)
}

/// Runs a probe under a driver.
fn drive(driver: &str, probe_: &Probe, samples: Samples, block: u64, threads: u32) -> Result<u64> {
    let context = (&raw const *probe_).cast_mut().cast();
    let driver = Catalog::here().driver(driver)?;
    // SAFETY: the probe may be called from any thread, and does not unwind.
    unsafe { driver.hits_in_context(probe, context, Blocks::new(samples, block)?, threads) }
}

/// The calls that count each block of the range once, found block by block.
fn blocks_of(samples: Samples, block: u64) -> Vec<Samples> {
    let end = u128::from(samples.first()) + u128::from(samples.count());
    let mut at = u128::from(samples.first());
    let mut blocks = Vec::new();
    while at < end {
        let next = ((at / u128::from(block) + 1) * u128::from(block)).min(end);
        blocks.push(Samples::new(at as u64, (next - at) as u64).unwrap());
        at = next;
    }
    blocks
}

/// Something that runs a probe over a range in blocks with several threads.
type Run<'a> = &'a dyn Fn(&Probe, Samples, u64, u32) -> Result<u64>;

/// What is wrong with a run in which nothing fails.
fn wrong_success(run: Run, samples: Samples, block: u64, threads: u32) -> Option<String> {
    let probe = Probe::default();
    let hits = run(&probe, samples, block, threads);
    let calls = probe.sorted();
    let is_sum = hits == Ok(if samples.count() == 0 { 0 } else { weight(samples) });
    let are_blocks = if block != 0 {
        calls == blocks_of(samples, block)
    } else {
        calls.iter().all(|call| call.count() > 0 && call.count() <= 1 << 20)
            && calls.iter().flat_map(|call| blocks_of(*call, BLOCK)).collect::<Vec<_>>()
                == blocks_of(samples, BLOCK)
    };
    (!is_sum || !are_blocks).then(|| format!("{hits:?} {calls:?}"))
}

/// What is wrong with a run that fails.
fn wrong_failure(run: Run, threads: u32) -> Option<String> {
    let samples = Samples::new(7, 3 * 2000).unwrap();
    let all = blocks_of(samples, 3);
    let at = |number: usize| all[number * (all.len() - 1) / 4].first();
    for fails_at in [
        &[(at(0), 1)][..],
        &[(at(1), -1)],
        &[(at(2), i32::MIN)],
        &[(at(4), i32::MAX)],
        &[(at(0), 2), (at(1), 3), (at(2), 4), (at(3), 5)],
    ] {
        let probe = Probe::failing(fails_at);
        let outcome = run(&probe, samples, 3, threads);
        let is_kept = fails_at.iter().any(|&(_, value)| outcome == Err(Error::Kernel { value }));
        let late = probe.late.load(Ordering::SeqCst);
        if !is_kept || late > 20 * u64::from(threads) {
            return Some(format!("{outcome:?}, {late} late calls after {fails_at:?}"));
        }
    }
    None
}

const RANGES: [(u64, u64); 7] = [
    (0, 0),
    (5, 1),
    (0, 7 * 65536),
    (65530, 12),
    (12_345, 5 * 65536 + 7),
    ((1 << 63) - 70_000, 140_001),
    (u64::MAX - 199_999, 200_000),
];

#[test]
fn every_driver_counts_each_block_once() {
    for (driver, threads) in drivers() {
        for (first, count) in RANGES {
            for &threads in threads {
                for block in [0, 997, 65536, 100_000, 1 << 40, (1 << 63) - 1] {
                    let run: Run = &|p, s, b, t| drive(driver.name(), p, s, b, t);
                    let samples = Samples::new(first, count).unwrap();
                    let wrong = wrong_success(run, samples, block, threads);
                    let name = driver.name();
                    assert_eq!(wrong, None, "{name} {threads} {block}: {first} + {count}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_block_is_never_split(
        first in any::<u64>(), shift in 0u32..64, block in 1u64..9000, blocks in 0u64..60,
        extra in 0u64..9000, threads in 1u32..6,
    ) {
        let first = first >> shift;
        let count = (blocks * block + extra).min(first.wrapping_neg().wrapping_sub(1));
        let samples = Samples::new(first, count).unwrap();
        for (driver, _) in drivers() {
            let threads = if driver.is_serial() { 1 } else { threads };
            let run: Run = &|p, s, b, t| drive(driver.name(), p, s, b, t);
            prop_assert_eq!(wrong_success(run, samples, block, threads), None);
        }
    }
}

#[test]
fn every_driver_stops_after_a_failure_and_keeps_one_error_number() {
    for (driver, threads) in drivers() {
        for &threads in threads {
            let run: Run = &|p, s, b, t| drive(driver.name(), p, s, b, t);
            assert_eq!(wrong_failure(run, threads), None, "{} with {threads}", driver.name());
        }
    }
}

/// Without the stop, these ranges would keep the computer busy for years.
#[test]
fn the_longest_ranges_stop_too() {
    let whole = Samples::new(1, u64::MAX).unwrap();
    for (driver, threads) in drivers() {
        for &threads in threads {
            for block in [1, 3, 1 << 16, 1 << 62, (1 << 63) - 1] {
                // Each part fails in its first call.
                let probe = Probe { has_failed: AtomicBool::new(false), ..Probe::default() };
                let context = (&raw const probe).cast_mut().cast();
                let blocks = Blocks::new(whole, block).unwrap();
                // SAFETY: the kernel may be called from any thread, and does not unwind.
                let hits = unsafe { driver.hits_in_context(fails, context, blocks, threads) };
                assert_eq!(hits, Err(Error::Kernel { value: -7 }), "{}", driver.name());
            }
        }
    }
}

unsafe extern "C" fn fails(_: *mut c_void, _: u64, count: u64, _: *mut u64) -> i32 {
    assert!(0 < count && count < 1 << 63);
    -7
}

/// The kernel may leave its hits alone: they are 0.
#[test]
fn hits_that_are_not_written_are_none() {
    unsafe extern "C" fn silent(_: *mut c_void, _: u64, _: u64, hits: *mut u64) -> i32 {
        // SAFETY: libpi passes a valid pointer.
        if unsafe { *hits } == 0 { 0 } else { 1 }
    }
    for (driver, threads) in drivers() {
        let blocks = Blocks::new(Samples::new(5, 100_000).unwrap(), 10).unwrap();
        // SAFETY: the kernel may be called from any thread, and does not unwind.
        let hits = unsafe {
            driver.hits_in_context(silent, std::ptr::null_mut(), blocks, threads[threads.len() - 1])
        };
        assert_eq!(hits, Ok(0), "{}", driver.name());
    }
}

#[test]
fn serial_calls_the_kernel_on_the_callers_thread_alone_and_others_never_on_the_main_thread() {
    let samples = Samples::new(0, 300_000).unwrap();
    for (driver, threads) in drivers() {
        let probe = Probe::default();
        drive(driver.name(), &probe, samples, 100, threads[threads.len() - 1]).unwrap();
        let here = thread::current().id();
        let callers: Vec<_> = probe.calls.lock().unwrap().iter().map(|call| call.1).collect();
        if driver.is_serial() {
            assert!(callers.iter().all(|caller| *caller == here));
        } else if !driver.name().starts_with("openmp") {
            assert!(callers.iter().all(|caller| *caller != here), "{}", driver.name());
        }
    }
}

#[test]
fn lengths_outside_of_the_rule_are_refused() {
    let samples = Samples::new(0, 10).unwrap();
    for block in [1 << 63, (1 << 63) + 1, u64::MAX] {
        let error = Blocks::new(samples, block).unwrap_err();
        assert_eq!(error, Error::Block { block, most: (1 << 63) - 1, default: BLOCK });
        assert!(error.to_string().contains("from 1 to 9223372036854775807"), "{error}");
    }
    for block in [0, 1, 3, BLOCK, (1 << 63) - 1] {
        assert!(Blocks::new(samples, block).is_ok(), "{block}");
    }
}

#[test]
fn a_missing_driver_or_a_wrong_number_of_threads_calls_nothing() {
    let samples = Samples::new(0, 10).unwrap();
    for (driver, _) in drivers() {
        for threads in [0, 1025] {
            let probe = Probe::default();
            let error = drive(driver.name(), &probe, samples, 1, threads).unwrap_err();
            assert!(matches!(error, Error::Threads { .. }));
            assert!(probe.calls.lock().unwrap().is_empty());
        }
    }
}

#[test]
fn auto_takes_threads_from_two_given_blocks_on() {
    libpi::cpus::set_default_threads(Some(8)).unwrap();
    let choice = |name, threads, count, block| {
        let blocks = Blocks::new(Samples::new(0, count).unwrap(), block).unwrap();
        let (driver, threads) =
            Catalog::here().driver_and_threads_for(name, threads, blocks).unwrap();
        (driver.name(), threads)
    };
    assert_eq!(choice("auto", None, 0, 5), ("serial", 1));
    assert_eq!(choice("auto", None, 5, 5), ("serial", 1));
    assert_eq!(choice("auto", None, 6, 5), ("threads", 2));
    assert_eq!(choice("auto", None, 3, 1), ("threads", 3));
    assert_eq!(choice("auto", None, 100, 1), ("threads", 8));
    assert_eq!(choice("auto", None, u64::MAX, 1), ("threads", 8));
    assert_eq!(choice("auto", Some(5), 3, 1), ("threads", 5));
    assert_eq!(choice("auto", Some(1), 300, 1), ("serial", 1));
    assert_eq!(choice("threads", None, 3, 1), ("threads", 8));
    assert_eq!(choice("serial", None, 300, 1), ("serial", 1));
    // Without a length of the caller's own, the number of indices decides.
    assert_eq!(choice("auto", None, 999_999, 0), ("serial", 1));
    assert_eq!(choice("auto", None, 1_000_000, 0), ("threads", 8));
}

/// A slow driver for mutants: the parts one after the other, each from its block number up to, but
/// not including, another.
fn slowly(
    probe: &Probe,
    samples: Samples,
    block: u64,
    threads: u32,
    stops: bool,
    cut: impl Fn(Samples) -> Vec<Samples>,
) -> Result<u64> {
    let length = if block == 0 { BLOCK } else { block };
    let blocks = blocks_of(samples, length);
    let (mut total, mut failure) = (0u64, None);
    for part in 0..threads as usize {
        let of = |part: usize| blocks.len() * part / threads as usize;
        for call in blocks[of(part)..of(part + 1)].iter().flat_map(|block| cut(*block)) {
            if stops && failure.is_some() {
                break;
            }
            match probe.count(call) {
                Ok(hits) => total = total.wrapping_add(hits),
                Err(value) => failure = failure.or(Some(value)),
            }
        }
    }
    failure.map_or(Ok(total), |value| Err(Error::Kernel { value }))
}

fn whole(block: Samples) -> Vec<Samples> {
    vec![block]
}

fn in_two(block: Samples) -> Vec<Samples> {
    let half = block.count() / 2;
    let part = |first, count| Samples::new(first, count).unwrap();
    [part(block.first(), half), part(block.first() + half, block.count() - half)]
        .into_iter()
        .filter(|part| part.count() > 0)
        .collect()
}

#[test]
fn mutants_are_caught() {
    let samples = Samples::new(12_345, 70_000).unwrap();
    let right: Run = &|p, s, b, t| slowly(p, s, b, t, true, whole);
    let split: Run = &|p, s, b, t| slowly(p, s, b, t, true, in_two);
    let deaf: Run = &|p, s, b, t| slowly(p, s, b, t, false, whole);
    let silent: Run = &|p, s, b, t| slowly(p, s, b, t, true, whole).or(Ok(0));
    assert_eq!(wrong_success(right, samples, 997, 3), None);
    assert_eq!(wrong_failure(right, 3), None);
    assert!(wrong_success(split, samples, 997, 3).is_some(), "a block that is split");
    assert!(wrong_failure(deaf, 3).is_some(), "a failure that is not looked at");
    assert!(wrong_failure(silent, 3).is_some(), "hits after a failure");
}
