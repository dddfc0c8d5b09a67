//! The exported C ABI of libpi. No logic lives here: a function checks its arguments, calls the
//! core, and turns errors and panics into a status and a message.

mod failure;

pub use failure::{
    LIBPI_ERROR_GENERATOR, LIBPI_ERROR_HITS, LIBPI_ERROR_INDEX, LIBPI_ERROR_MISSING,
    LIBPI_ERROR_NAME, LIBPI_ERROR_NO_SAMPLES, LIBPI_ERROR_NULL, LIBPI_ERROR_PANIC,
    LIBPI_ERROR_PART, LIBPI_ERROR_RANGE, LIBPI_ERROR_SEED, LIBPI_ERROR_SPAWN, LIBPI_ERROR_THREADS,
    LIBPI_ERROR_VARIABLE, LIBPI_OK, libpi_status,
};

use failure::{Failure, Out, answer, last_error, out, text};
use libpi::{AUTO, Catalog, Estimate, Generator, Kernel, Samples};
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// The version of the ABI, as in the SONAME libpi.so.1. It is raised when a program that was built
/// for the old one could not run with the new one.
pub const LIBPI_ABI_VERSION: u32 = 1;

/// Where the points come from: LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_generator = i32;

/// Philox4x32-10, counter-based. Any seed; 42 is usual.
pub const LIBPI_PHILOX: libpi_generator = 1;
/// The generator of NAS Parallel Benchmarks EP. Seeds are odd and below 2^46; 271828183 is usual.
pub const LIBPI_NPB: libpi_generator = 2;
/// xoshiro256++ in blocks of 65536 samples. Any seed; 42 is usual.
pub const LIBPI_XOSHIRO: libpi_generator = 3;
/// Each language's own generator, a statistical baseline: the count depends on the kernel and on
/// how the range is split. Any seed.
pub const LIBPI_TEXTBOOK: libpi_generator = 4;

/// A kernel: the number of hits among count samples from index first on. It is called from several
/// threads at once, and must neither unwind, nor longjmp, nor stop the process.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_kernel = Option<unsafe extern "C" fn(seed: u64, first: u64, count: u64) -> u64>;

/// Counts the hits among the samples [first, first + count) of a generator, with the best kernel on
/// this CPU. The count depends on generator, seed, first and count alone.
///
/// threads is 0 for the CPUs that may be used, or 1 to 1024. No thread outlives the call.
///
/// # Safety
/// `hits` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_hits(
    generator: libpi_generator,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let hits = unsafe { out(hits, "hits") }?;
        hits.write(count_hits(AUTO, AUTO, generator, seed, first, count, threads)?);
        Ok(())
    })
}

/// libpi_hits with a kernel and a driver chosen by the names that `pi list` and
/// libpi_kernel_at and libpi_driver_at give: "auto", "fortran", "rust@x86-64-v3"; "openmp-c".
/// The driver "rayon" keeps its threads: do not use it on both sides of a fork.
///
/// # Safety
/// `kernel` and `driver` are NULL or strings; `hits` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_hits_with(
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
        // SAFETY: the caller's promise.
        let (kernel, driver) = unsafe { (text(kernel, "kernel")?, text(driver, "driver")?) };
        // SAFETY: the caller's promise.
        let hits = unsafe { out(hits, "hits") }?;
        hits.write(count_hits(kernel, driver, generator, seed, first, count, threads)?);
        Ok(())
    })
}

/// Runs the caller's own kernel under a driver of libpi and adds up what it returns, modulo 2^64.
///
/// The range is split into one part a thread, whole blocks of 65536 indices counted from 0, as
/// libpi_split does; a kernel is not called for an empty part, and a part of 2^62 indices or more
/// comes in several calls. The seed is passed on unread, so it may carry a pointer.
///
/// # Safety
/// `driver` is NULL or a string; `hits` is NULL or may be written to; `kernel` may be called with
/// this seed and any part of this range, from several threads at once, and does not unwind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_drive(
    driver: *const c_char,
    kernel: libpi_kernel,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    hits: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let (driver, hits) = unsafe { (text(driver, "driver")?, out(hits, "hits")?) };
        let kernel = kernel.ok_or_else(|| Failure::null("kernel"))?;
        let samples = Samples::new(first, count)?;
        let (driver, threads) =
            Catalog::here().driver_and_threads(driver, number(threads), count)?;
        // SAFETY: the caller's promise.
        hits.write(unsafe { driver.hits(kernel, seed, samples, threads) }?);
        Ok(())
    })
}

/// Part `part` (from 0) of `parts` of a range, for those who distribute it themselves: whole blocks
/// of 65536 samples counted from index 0, clipped to the range. A part may be empty.
///
/// # Safety
/// `part_first` and `part_count` are NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_split(
    first: u64,
    count: u64,
    parts: u64,
    part: u64,
    part_first: *mut u64,
    part_count: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let part_first = unsafe { out(part_first, "part_first") }?;
        // SAFETY: the caller's promise.
        let part_count = unsafe { out(part_count, "part_count") }?;
        let samples = Samples::new(first, count)?;
        if part >= parts {
            return Err(Failure::new(
                LIBPI_ERROR_PART,
                format!("part {part} of {parts}: parts are numbered from 0 to parts - 1"),
            ));
        }
        let piece = samples.part(part, parts);
        part_first.write(piece.first());
        part_count.write(piece.count());
        Ok(())
    })
}

/// The estimate of pi from `hits` of `count` samples, and its standard error.
///
/// # Safety
/// `pi` and `standard_error` are NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_estimate(
    hits: u64,
    count: u64,
    pi: *mut f64,
    standard_error: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let (pi, standard_error) =
            unsafe { (out(pi, "pi")?, out(standard_error, "standard_error")?) };
        let estimate = estimate(hits, count)?;
        pi.write(estimate.pi);
        standard_error.write(estimate.standard_error);
        Ok(())
    })
}

/// Wilson's interval for pi at 95%, from `hits` of `count` samples.
///
/// # Safety
/// `lower` and `upper` are NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_interval(
    hits: u64,
    count: u64,
    lower: *mut f64,
    upper: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let (lower, upper) = unsafe { (out(lower, "lower")?, out(upper, "upper")?) };
        let [low, high] = estimate(hits, count)?.confidence_interval;
        lower.write(low);
        upper.write(high);
        Ok(())
    })
}

/// Kernel number `index` (from 0) of the catalog: its generator, its full name, and the reason why
/// it is missing, or NULL if it can run here. LIBPI_ERROR_INDEX past the last. The strings live as
/// long as the process.
///
/// # Safety
/// `generator`, `name` and `missing` are NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_kernel_at(
    index: u32,
    generator: *mut libpi_generator,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let generator = unsafe { out(generator, "generator") }?;
        // SAFETY: the caller's promise.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        let row = at(&Names::here().kernels, index, "kernels")?;
        generator.write(row.generator);
        row.write(name, missing);
        Ok(())
    })
}

/// Driver number `index` (from 0) of the catalog: its name, and the reason why it is missing, or
/// NULL if it can run here. LIBPI_ERROR_INDEX past the last. The strings live as long as the
/// process.
///
/// # Safety
/// `name` and `missing` are NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_driver_at(
    index: u32,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller's promise.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        at(&Names::here().drivers, index, "drivers")?.write(name, missing);
        Ok(())
    })
}

/// What went wrong in this thread's last call: which value, which rule, which remedy; "" after a
/// success. Valid until the thread's next call of libpi.
#[unsafe(no_mangle)]
pub extern "C" fn libpi_last_error() -> *const c_char {
    last_error()
}

/// The version of the library that is loaded, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn libpi_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The LIBPI_ABI_VERSION of the library that is loaded. A program that finds another number than
/// the one it was compiled with must not call anything else.
#[unsafe(no_mangle)]
pub extern "C" fn libpi_abi_version() -> u32 {
    LIBPI_ABI_VERSION
}

fn count_hits(
    kernel: &str,
    driver: &str,
    generator: libpi_generator,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
) -> Result<u64, Failure> {
    let generator = checked(generator)?;
    let samples = Samples::new(first, count)?;
    let catalog = Catalog::here();
    let kernel =
        if kernel == AUTO { best(generator)? } else { catalog.kernel(generator, kernel)? };
    let (driver, threads) = catalog.driver_and_threads(driver, number(threads), count)?;
    Ok(kernel.hits(driver, seed, samples, threads)?)
}

/// The best kernel of a generator, looked up once: a search would cost more than a small count.
fn best(generator: Generator) -> Result<&'static Kernel, Failure> {
    static BEST: [OnceLock<&Kernel>; Generator::ALL.len()] =
        [const { OnceLock::new() }; Generator::ALL.len()];
    let place = &BEST[generator as usize];
    match place.get() {
        Some(kernel) => Ok(kernel),
        None => {
            let kernel = Catalog::here().kernel(generator, AUTO)?;
            Ok(place.get_or_init(|| kernel))
        }
    }
}

fn checked(generator: libpi_generator) -> Result<Generator, Failure> {
    Generator::ALL.into_iter().find(|known| c_name(*known) == generator).ok_or_else(|| {
        Failure::new(
            LIBPI_ERROR_GENERATOR,
            format!(
                "unknown generator {generator}: use LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or \
                 LIBPI_TEXTBOOK"
            ),
        )
    })
}

fn c_name(generator: Generator) -> libpi_generator {
    match generator {
        Generator::Philox => LIBPI_PHILOX,
        Generator::Npb => LIBPI_NPB,
        Generator::Xoshiro => LIBPI_XOSHIRO,
        Generator::Textbook => LIBPI_TEXTBOOK,
    }
}

/// The number of threads asked for, if one is.
fn number(threads: i32) -> Option<i64> {
    (threads != 0).then_some(threads.into())
}

fn estimate(hits: u64, count: u64) -> Result<Estimate, Failure> {
    Estimate::new(hits, count)?.ok_or_else(|| {
        Failure::new(LIBPI_ERROR_NO_SAMPLES, "0 samples give no estimate: count at least one")
    })
}

/// A kernel's or driver's names as C strings, which callers keep.
struct Row {
    generator: libpi_generator,
    name: CString,
    missing: Option<CString>,
}

impl Row {
    fn new(generator: libpi_generator, name: &str, missing: Option<&str>) -> Self {
        let string = |text: &str| CString::new(text).unwrap_or_default();
        Self { generator, name: string(name), missing: missing.map(string) }
    }

    fn write(&self, name: Out<*const c_char>, missing: Out<*const c_char>) {
        name.write(self.name.as_ptr());
        missing.write(self.missing.as_ref().map_or(std::ptr::null(), |reason| reason.as_ptr()));
    }
}

/// The catalog's names.
struct Names {
    kernels: Vec<Row>,
    drivers: Vec<Row>,
}

impl Names {
    fn here() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| {
            let catalog = Catalog::here();
            let kernel = |k: &Kernel| Row::new(c_name(k.generator()), &k.full_name(), k.missing());
            Self {
                kernels: catalog.kernels.iter().map(kernel).collect(),
                drivers: catalog
                    .drivers
                    .iter()
                    .map(|d| Row::new(0, d.name(), d.missing()))
                    .collect(),
            }
        })
    }
}

fn at<'a>(rows: &'a [Row], index: u32, what: &str) -> Result<&'a Row, Failure> {
    rows.get(index as usize).ok_or_else(|| {
        let count = rows.len();
        Failure::new(
            LIBPI_ERROR_INDEX,
            format!("there are {count} {what}, numbered from 0: {index} is past them"),
        )
    })
}
