//! A kernel that only records its calls, to show which parts a driver gives to its threads.
#![allow(dead_code, reason = "not every test uses all of it")]

use libpi::cpus::CpuMask;
use libpi::{Driver, Samples};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A call of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub first: u64,
    pub count: u64,
    /// The mask of the thread that made the call.
    pub cpus: CpuMask,
}

impl Call {
    pub fn samples(&self) -> Samples {
        Samples::new(self.first, self.count).expect("drivers stay inside 2^64")
    }
}

/// The recorded calls by seed. Each run has its own seed, because several runs may go on at once.
static CALLS: Mutex<BTreeMap<u64, Vec<Call>>> = Mutex::new(BTreeMap::new());

/// Records the call and returns `count`, as if all points were hits.
extern "C" fn record(seed: u64, first: u64, count: u64) -> u64 {
    let call = Call { first, count, cpus: CpuMask::of_this_thread() };
    CALLS.lock().expect("no thread panics with the lock").entry(seed).or_default().push(call);
    count
}

/// What a driver returns for the recording kernel, and the calls that it made, sorted by first
/// index.
pub fn run(driver: &Driver, samples: Samples, threads: u32) -> (u64, Vec<Call>) {
    static SEED: AtomicU64 = AtomicU64::new(0);
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the kernel may be called with anything from any thread, and does not unwind.
    let hits =
        unsafe { driver.hits(record, seed, samples, threads) }.expect("a driver that can run");
    let calls = CALLS.lock().expect("no thread panics with the lock").remove(&seed);
    let mut calls = calls.unwrap_or_default();
    calls.sort_by_key(|call| call.first);
    (hits, calls)
}
