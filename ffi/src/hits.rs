//! Counting hits with the kernels of libpi.

use crate::failure::{Failure, answer, out, text};
use crate::generator::{c_name, checked, libpi_generator};
use crate::status::libpi_status;
use libpi::{AUTO, Catalog, Driver, Generator, Kernel, Progress, Samples};
use std::ffi::c_char;
use std::sync::OnceLock;

/// Counts the hits among the samples [first, first + count) of a generator, with the best kernel
/// for this CPU. The result depends only on `generator`, `seed`, `first` and `count`, except for
/// LIBPI_TEXTBOOK.
///
/// `threads` is 1 to 1024, or 0 for the default: one thread for each usable CPU, unless
/// LIBPI_NUM_THREADS, OMP_NUM_THREADS or RAYON_NUM_THREADS asks for another number. No thread
/// outlives the call.
///
/// # Safety
/// `hits` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_hits(
    generator: libpi_generator,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let hits = unsafe { out(hits, "hits") }?;
        hits.write(Count::new([AUTO; 2], generator, seed, first, count, threads)?.hits()?);
        Ok(())
    })
}

/// Does the same as libpi_hits with a kernel and a driver that the caller chooses by name. A kernel
/// is for example "auto", "fortran" or "rust@x86-64-v3", a driver "auto" or "openmp-c".
/// libpi_kernel_at, libpi_driver_at and the command `pi list` show the names.
///
/// The drivers rayon, openmp-c and openmp-fortran keep their threads after the call: do not use one
/// of them before a fork and again in the child.
///
/// # Safety
/// `kernel` and `driver` must be NULL or point to strings that end with a NUL. `hits` must be NULL
/// or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_hits_with(
    kernel: *const c_char,
    driver: *const c_char,
    generator: libpi_generator,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (kernel, driver) = unsafe { (text(kernel, "kernel")?, text(driver, "driver")?) };
        // SAFETY: the caller keeps this function's Safety rules.
        let hits = unsafe { out(hits, "hits") }?;
        let count = Count::new([kernel, driver], generator, seed, first, count, threads)?;
        hits.write(count.hits()?);
        Ok(())
    })
}

/// A count that is ready to run.
pub(crate) struct Count {
    kernel: &'static Kernel,
    driver: &'static Driver,
    seed: u64,
    samples: Samples,
    threads: u32,
}

impl Count {
    /// Checks the arguments and chooses what they leave open.
    #[inline(always)]
    pub(crate) fn new(
        [kernel, driver]: [&str; 2],
        generator: libpi_generator,
        seed: u64,
        first: u64,
        count: u64,
        threads: i32,
    ) -> Result<Self, Failure> {
        let generator = checked(generator)?;
        let samples = Samples::new(first, count)?;
        let catalog = Catalog::here();
        let kernel =
            if kernel == AUTO { best(generator)? } else { catalog.kernel(generator, kernel)? };
        let (driver, threads) = catalog.driver_and_threads(driver, number(threads), count)?;
        Ok(Self { kernel, driver, seed, samples, threads })
    }

    #[inline(always)]
    fn hits(&self) -> Result<u64, Failure> {
        Ok(self.kernel.hits(self.driver, self.seed, self.samples, self.threads)?)
    }

    pub(crate) fn hits_with_progress(
        &self,
        goes_on: impl FnMut(u64) -> bool,
    ) -> Result<Progress, Failure> {
        let Self { kernel, driver, seed, samples, threads } = *self;
        Ok(kernel.hits_with_progress(driver, seed, samples, threads, goes_on)?)
    }
}

/// The best kernel of a generator. It is looked up once, because a search takes longer than a small
/// count.
#[inline]
fn best(generator: Generator) -> Result<&'static Kernel, Failure> {
    static BEST: [OnceLock<&Kernel>; Generator::ALL.len()] =
        [const { OnceLock::new() }; Generator::ALL.len()];
    // The generators are numbered from 1.
    let place = &BEST[(c_name(generator) - 1) as usize];
    match place.get() {
        Some(kernel) => Ok(kernel),
        None => found_best(generator, place),
    }
}

#[cold]
fn found_best(
    generator: Generator,
    place: &OnceLock<&'static Kernel>,
) -> Result<&'static Kernel, Failure> {
    let kernel = Catalog::here().kernel(generator, AUTO)?;
    Ok(place.get_or_init(|| kernel))
}

/// The number of threads that the caller asked for; 0 asks for the default.
pub(crate) fn number(threads: i32) -> Option<i64> {
    (threads != 0).then_some(threads.into())
}
