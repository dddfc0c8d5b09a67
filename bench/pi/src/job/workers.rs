//! The workers of a run: the threads of a driver. Each is placed on its CPU and counted once.
//!
//! Before anything is timed, the driver runs a special kernel that counts no samples. On each thread the
//! kernel moves the thread to its CPU, and records the CPUs on which it may run. So threads are placed in
//! the same way under every driver, in whatever language it is written. Drivers pass the seed on without
//! reading it, so the seed carries the address of the data that the threads share. Nothing is global.

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
    /// The CPUs on which each worker could run after it was placed.
    seen: Vec<CpuMask>,
    /// The number of workers that must work: one for each thread, or one for each block if there are fewer
    /// blocks.
    expected: usize,
    /// The affinity mask of the calling thread, which may be a worker.
    caller: CpuMask,
}

/// The kernel to run, and the CPUs of its threads. A thread takes a seat, which stands for a CPU.
struct Seats {
    number: usize,
    kernel: KernelFn,
    seed: u64,
    /// The CPU of each seat. There are no seats if the system places the threads.
    cpus: Vec<CpuMask>,
    next: AtomicUsize,
    /// The error with which the system refused to move a thread, or 0.
    refusal: AtomicI32,
}

thread_local! {
    /// The number of the `Seats` and of the seat that this thread has taken.
    static SEAT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    /// The number of the last roll that this thread signed.
    static SIGNED: Cell<usize> = const { Cell::new(0) };
}

/// A new number for seats or a roll, from 1 on.
fn unique() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<'a> Workers<'a> {
    /// Places the workers for these samples, each on its CPU if CPUs are given, and counts them.
    ///
    /// # Errors
    /// The errors of [`Kernel::hits`].
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

    /// Calls every worker once, as for these samples. Returns the CPUs on which each may run now.
    ///
    /// # Errors
    /// The errors of [`Kernel::hits`].
    pub(crate) fn muster(&self, samples: Samples) -> Result<Vec<CpuMask>> {
        let (some, _) = samples.split_at(u64::from(self.threads) * BLOCK);
        // A rayon thread may take a second part before another thread has woken up. So each thread waits
        // for the others.
        let together = self.driver.name() == "rayon";
        let roll = Roll {
            number: unique(),
            seats: &self.seats,
            expected: if together { self.expected } else { 0 },
            seen: Mutex::default(),
            signed: Condvar::new(),
        };
        let address = (&raw const roll).expose_provenance() as u64;
        // SAFETY: drivers pass the address to the kernel, which may read it from any thread. The roll
        // outlives the call.
        unsafe { self.driver.hits(sign_roll, address, some, self.threads)? };
        // The driver may have restored the mask of the calling thread.
        self.seats.sit_again();
        Ok(roll.seen.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts the hits among the samples.
    ///
    /// # Errors
    /// The errors of [`Kernel::hits`].
    pub(crate) fn hits(&self, samples: Samples) -> Result<u64> {
        if self.seats.cpus.is_empty() {
            return self.kernel.hits(self.driver, self.seats.seed, samples, self.threads);
        }
        let address = (&raw const self.seats).expose_provenance() as u64;
        // SAFETY: drivers pass the address to the kernel, which may read it from any thread. The seats
        // outlive the call, and the seed suits the kernel.
        unsafe { self.driver.hits(seated, address, samples, self.threads) }
    }

    /// The CPUs on which each worker could run after it was placed.
    pub(crate) fn seen(&self) -> &[CpuMask] {
        &self.seen
    }

    /// Why workers are not on their CPUs, if the system refused to move them.
    pub(crate) fn refusal(&self) -> Option<io::Error> {
        let code = self.seats.refusal.load(Ordering::Relaxed);
        (code != 0).then(|| io::Error::from_raw_os_error(code))
    }

    /// An error message if the driver started fewer threads than requested.
    pub(crate) fn missing(&self) -> Option<String> {
        let seen = self.seen.len();
        (seen < self.expected).then(|| {
            format!(
                "only {seen} of {} threads ran: the runtime of {} limits them (OMP_THREAD_LIMIT?); unset \
                 the limit, or use --threads {seen}",
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

/// Runs the kernel on a thread that is on its CPU. It adds only a check whether the thread has its seat.
extern "C" fn seated(seats: u64, first: u64, count: u64) -> u64 {
    // SAFETY: this is the address of the seats, which live until the driver has returned.
    let seats = unsafe { &*std::ptr::with_exposed_provenance::<Seats>(seats as usize) };
    seats.sit();
    // SAFETY: the caller's promise; the seed suits the kernel.
    unsafe { (seats.kernel)(seats.seed, first, count) }
}

impl Seats {
    /// Moves the calling thread to its CPU, unless it has a seat already. New threads take the seats of
    /// threads that have ended, in turn.
    fn sit(&self) {
        if self.cpus.is_empty() || SEAT.get().0 == self.number {
            return;
        }
        let seat = self.next.fetch_add(1, Ordering::Relaxed) % self.cpus.len();
        SEAT.set((self.number, seat));
        self.move_to(seat);
    }

    /// Moves the calling thread to its CPU again, if it has a seat.
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

/// The roll that the workers sign: their number, and the CPUs on which each may run.
struct Roll<'a> {
    number: usize,
    seats: &'a Seats,
    /// The number of threads that wait for one another.
    expected: usize,
    seen: Mutex<Vec<CpuMask>>,
    signed: Condvar,
}

/// The longest time for which a thread waits for the others. A pool has promised that they come, but the
/// thread must not wait forever.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A kernel that counts no samples and signs the roll.
extern "C" fn sign_roll(roll: u64, _first: u64, _count: u64) -> u64 {
    // SAFETY: this is the address of the roll, which lives until the driver has returned.
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
    fn every_thread_signs_every_roll_once() {
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
    fn a_refused_cpu_is_reported_and_the_count_is_right() {
        for driver in drivers().chain(["serial"]) {
            let workers = workers(driver, 1_000_000, 1, &[8191]);
            assert!(workers.refusal().is_some(), "{driver}");
            assert_eq!(workers.hits(range(1_000_000)).unwrap(), 785_987, "{driver}");
        }
    }
}
