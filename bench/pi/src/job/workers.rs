//! The workers of a run: the threads that a driver gives to it, each placed and seen once.
//!
//! They are mustered before anything is timed: the driver runs a kernel of ours that counts nothing,
//! moves its thread to the CPU that is meant for it, and notes the CPUs it finds. So placing is the same
//! under every driver, whichever language it is written in. Drivers pass the seed on unread: in its
//! place travels the address of what the threads share, and nothing is global.

use libpi::cpus::CpuMask;
use libpi::{BLOCK, Driver, Kernel, KernelFn, Result, Samples};
use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The threads of a driver, which run a kernel.
pub(crate) struct Workers<'a> {
    kernel: &'a Kernel,
    driver: &'a Driver,
    threads: u32,
    seats: Seats,
    /// The CPUs that each worker found at first, when it had been placed.
    seen: Vec<CpuMask>,
    /// As many as must work: the threads asked for, or one for each block where those are fewer.
    expected: usize,
    /// The mask of the calling thread, which may be a worker.
    caller: CpuMask,
}

/// What is to run, and on which CPUs.
struct Seats {
    number: usize,
    kernel: KernelFn,
    seed: u64,
    /// The CPU of each; none if threads are left alone.
    cpus: Vec<CpuMask>,
    next: AtomicUsize,
    /// The error with which the system refused to move a thread; 0 if it did not.
    refusal: AtomicI32,
}

thread_local! {
    /// The number of the seats among which this thread has taken one, and which.
    static SEAT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    /// The number of the last roll that this thread signed.
    static SIGNED: Cell<usize> = const { Cell::new(0) };
}

/// A number for seats or a roll: from 1 on.
fn unique() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<'a> Workers<'a> {
    /// Places workers for these samples, on a CPU each if CPUs are given, and sees them.
    ///
    /// # Errors
    /// As [`Kernel::hits`].
    pub(crate) fn new(
        kernel: &'a Kernel,
        driver: &'a Driver,
        seed: u64,
        samples: Samples,
        threads: u32,
        cpus: &[usize],
    ) -> Result<Self> {
        kernel.generator().check_seed(seed)?;
        let seats = Seats {
            number: unique(),
            kernel: kernel.function()?,
            seed,
            cpus: cpus.iter().map(|&cpu| [cpu].into_iter().collect()).collect(),
            next: AtomicUsize::new(0),
            refusal: AtomicI32::new(0),
        };
        let expected = u64::from(threads).min(samples.blocks()) as usize;
        let caller = CpuMask::of_this_thread();
        let mut workers =
            Self { kernel, driver, threads, seats, seen: Vec::new(), expected, caller };
        workers.seen = workers.muster(samples)?;
        Ok(workers)
    }

    /// Has every worker come once, as for these samples; the CPUs on which each may run now.
    ///
    /// # Errors
    /// As [`Kernel::hits`].
    pub(crate) fn muster(&self, samples: Samples) -> Result<Vec<CpuMask>> {
        let (some, _) = samples.split_at(u64::from(self.threads) * BLOCK);
        // A thread of rayon's may take a second part before another one has woken up.
        let together = self.driver.name() == "rayon";
        let roll = Roll {
            number: unique(),
            seats: &self.seats,
            expected: if together { self.expected } else { 0 },
            seen: Mutex::default(),
            signed: Condvar::new(),
        };
        let address = (&raw const roll).expose_provenance() as u64;
        // SAFETY: drivers hand the address to the kernel, which may read it from any thread, and the
        // roll outlives the call.
        unsafe { self.driver.hits(sign_roll, address, some, self.threads)? };
        // The driver may have given the calling thread its mask back.
        self.seats.sit_again();
        Ok(roll.seen.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The hits among samples.
    ///
    /// # Errors
    /// As [`Kernel::hits`].
    pub(crate) fn hits(&self, samples: Samples) -> Result<u64> {
        if self.seats.cpus.is_empty() {
            return self.kernel.hits(self.driver, self.seats.seed, samples, self.threads);
        }
        let address = (&raw const self.seats).expose_provenance() as u64;
        // SAFETY: drivers hand the address to the kernel, which may read it from any thread, and the
        // seats outlive the call; the seed suits the kernel.
        unsafe { self.driver.hits(seated, address, samples, self.threads) }
    }

    /// The CPUs that each worker found when it had been placed.
    pub(crate) fn seen(&self) -> &[CpuMask] {
        &self.seen
    }

    /// Why workers are not on the CPUs that were meant for them, if the system refused that.
    pub(crate) fn refusal(&self) -> Option<io::Error> {
        let code = self.seats.refusal.load(Ordering::Relaxed);
        (code != 0).then(|| io::Error::from_raw_os_error(code))
    }

    /// Says so if the driver has fewer threads than it was asked for.
    pub(crate) fn missing(&self) -> Option<String> {
        let seen = self.seen.len();
        (seen < self.expected).then(|| {
            format!(
                "{seen} of {} threads ran: the runtime of {} gives no more (OMP_THREAD_LIMIT?); unset \
                 it or use --threads {seen}",
                self.threads,
                self.driver.name()
            )
        })
    }
}

impl Drop for Workers<'_> {
    fn drop(&mut self) {
        if SEAT.get().0 == self.seats.number {
            let _ = self.caller.apply_to_this_thread();
        }
    }
}

/// The kernel on a thread that has its place: a look at whether it has is all that is added.
extern "C" fn seated(seats: u64, first: u64, count: u64) -> u64 {
    // SAFETY: the address is that of the seats, which live until the driver has returned.
    let seats = unsafe { &*std::ptr::with_exposed_provenance::<Seats>(seats as usize) };
    seats.sit();
    // SAFETY: the caller's promise; the seed suits the kernel.
    unsafe { (seats.kernel)(seats.seed, first, count) }
}

impl Seats {
    /// Moves the calling thread to its CPU, if it has not been there. New threads take the seats of
    /// those that are gone, in turn.
    fn sit(&self) {
        if self.cpus.is_empty() || SEAT.get().0 == self.number {
            return;
        }
        let seat = self.next.fetch_add(1, Ordering::Relaxed) % self.cpus.len();
        SEAT.set((self.number, seat));
        self.move_to(seat);
    }

    /// Moves the calling thread to its CPU once more, if it has one.
    fn sit_again(&self) {
        let (number, seat) = SEAT.get();
        if number == self.number {
            self.move_to(seat);
        }
    }

    fn move_to(&self, seat: usize) {
        if let Err(error) = self.cpus[seat].apply_to_this_thread() {
            self.refusal.store(error.raw_os_error().unwrap_or(libc::EPERM), Ordering::Relaxed);
        }
    }
}

/// Who has come, and where each may run.
struct Roll<'a> {
    number: usize,
    seats: &'a Seats,
    /// How many wait for one another.
    expected: usize,
    seen: Mutex<Vec<CpuMask>>,
    signed: Condvar,
}

/// How long a thread waits for the others, which a pool has promised: for ever would be no good.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The kernel that counts nothing.
extern "C" fn sign_roll(roll: u64, _first: u64, _count: u64) -> u64 {
    // SAFETY: the address is that of the roll, which lives until the driver has returned.
    let roll = unsafe { &*std::ptr::with_exposed_provenance::<Roll>(roll as usize) };
    roll.sign();
    0
}

impl Roll<'_> {
    fn sign(&self) {
        if SIGNED.replace(self.number) == self.number {
            return;
        }
        self.seats.sit();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(CpuMask::of_this_thread());
        self.signed.notify_all();
        let are_missing = |seen: &mut Vec<CpuMask>| seen.len() < self.expected;
        drop(self.signed.wait_timeout_while(seen, LONGEST_WAIT, are_missing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libpi::Catalog;

    const SEED: u64 = 42;

    fn workers(driver: &str, count: u64, threads: u32, cpus: &[usize]) -> Workers<'static> {
        let catalog = Catalog::here();
        let kernel = catalog.kernel(libpi::Generator::Philox, "rust").unwrap();
        let driver = catalog.driver(driver).unwrap();
        Workers::new(kernel, driver, SEED, range(count), threads, cpus).unwrap()
    }

    fn range(count: u64) -> Samples {
        Samples::new(1, count).unwrap()
    }

    /// The drivers of this build that start threads.
    fn drivers() -> impl Iterator<Item = &'static str> {
        let drivers = Catalog::here().drivers.iter();
        drivers.filter(|d| d.missing().is_none() && !d.is_serial()).map(Driver::name)
    }

    #[test]
    fn every_thread_comes_once_to_every_muster() {
        for driver in drivers() {
            for (count, threads, expected) in
                [(1_000_000, 1, 1), (1_000_000, 3, 3), (3 * BLOCK, 7, 4), (1, 7, 1), (0, 2, 0)]
            {
                let workers = workers(driver, count, threads, &[]);
                assert_eq!(workers.seen().len(), expected, "{driver} {count} {threads}");
                assert_eq!(workers.missing(), None);
                assert_eq!(workers.muster(range(count)).unwrap().len(), expected, "{driver}");
            }
        }
        assert_eq!(workers("serial", 1_000_000, 1, &[]).seen().len(), 1);
    }

    #[test]
    fn workers_are_placed_and_count_the_same() {
        let before = CpuMask::of_this_thread();
        let cpu = before.cpus().last().unwrap();
        let alone: CpuMask = [cpu].into_iter().collect();
        for driver in drivers().chain(["serial"]) {
            let threads = if driver == "serial" { 1 } else { 3 };
            let free = workers(driver, 1_000_000, threads, &[]).hits(range(1_000_000)).unwrap();
            let placed = workers(driver, 1_000_000, threads, &[cpu; 3]);
            for _ in 0..3 {
                assert_eq!(placed.hits(range(1_000_000)).unwrap(), free, "{driver}");
                let seen = placed.muster(range(1_000_000)).unwrap();
                assert_eq!(seen, vec![alone; threads as usize], "{driver}");
            }
            assert!(placed.refusal().is_none());
            drop(placed);
            assert_eq!(CpuMask::of_this_thread(), before, "{driver}");
        }
    }

    #[test]
    fn a_cpu_that_cannot_be_had_is_told_and_costs_no_count() {
        for driver in drivers().chain(["serial"]) {
            let workers = workers(driver, 1_000_000, 1, &[8191]);
            assert!(workers.refusal().is_some(), "{driver}");
            assert_eq!(workers.hits(range(1_000_000)).unwrap(), 785_987, "{driver}");
        }
    }
}
