//! The exported C ABI of libpi. This crate holds no logic: each function checks its arguments,
//! calls the core, and turns errors and panics into a status and a message.

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

/// The version of the ABI, which is also the number in the SONAME libpi.so.1. It rises when
/// programs that were built for the old version can no longer run with the new one.
pub const LIBPI_ABI_VERSION: u32 = 1;

/// The generator of the random points: LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_generator = i32;

/// Philox4x32-10, a counter-based generator. Every seed is valid; 42 is the usual one.
pub const LIBPI_PHILOX: libpi_generator = 1;
/// The generator of the NAS Parallel Benchmarks EP. A seed must be odd and below 2^46; 271828183
/// is the usual one.
pub const LIBPI_NPB: libpi_generator = 2;
/// xoshiro256++ in blocks of 65536 samples. Every seed is valid; 42 is the usual one.
pub const LIBPI_XOSHIRO: libpi_generator = 3;
/// Each language's own generator, as a statistical baseline. The count depends on the kernel and on
/// how the range is split. Every seed is valid.
pub const LIBPI_TEXTBOOK: libpi_generator = 4;

/// A kernel: a function that returns the number of hits among the `count` samples from index
/// `first` on. libpi calls it from several threads at once. It must not unwind, longjmp or stop the
/// process.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_kernel = Option<unsafe extern "C" fn(seed: u64, first: u64, count: u64) -> u64>;

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
pub unsafe extern "C" fn libpi_hits(
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
        hits.write(count_hits(AUTO, AUTO, generator, seed, first, count, threads)?);
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
        // SAFETY: the caller keeps this function's Safety rules.
        let (kernel, driver) = unsafe { (text(kernel, "kernel")?, text(driver, "driver")?) };
        // SAFETY: the caller keeps this function's Safety rules.
        let hits = unsafe { out(hits, "hits") }?;
        hits.write(count_hits(kernel, driver, generator, seed, first, count, threads)?);
        Ok(())
    })
}

/// Runs the caller's own kernel under a driver of libpi, and writes to `hits` the sum of what the
/// kernel returns, modulo 2^64.
///
/// The driver splits the range into one part for each thread, as libpi_split does. It does not call
/// the kernel for an empty part. libpi cuts a range of more than 2^62 indices into consecutive
/// pieces of at most 2^62, and the driver splits one piece after the other. libpi passes the seed
/// on without reading it, so it may carry a pointer.
///
/// # Safety
/// `driver` must be NULL or point to a string that ends with a NUL. `hits` must be NULL or point to
/// writable memory. It must be safe to call `kernel` with this seed and any part of this range,
/// from several threads at once, and `kernel` must not unwind.
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
        // SAFETY: the caller keeps this function's Safety rules.
        let (driver, hits) = unsafe { (text(driver, "driver")?, out(hits, "hits")?) };
        let kernel = kernel.ok_or_else(|| Failure::null("kernel"))?;
        let samples = Samples::new(first, count)?;
        let (driver, threads) =
            Catalog::here().driver_and_threads(driver, number(threads), count)?;
        // SAFETY: the caller keeps this function's Safety rules.
        hits.write(unsafe { driver.hits(kernel, seed, samples, threads) }?);
        Ok(())
    })
}

/// Computes part `part` (from 0) of `parts` of a range, for callers that distribute a range
/// themselves. A part consists of whole blocks of 65536 samples, counted from index 0 and clipped
/// to the range. A part may be empty.
///
/// # Safety
/// `part_first` and `part_count` must be NULL or point to writable memory.
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
        // SAFETY: the caller keeps this function's Safety rules.
        let part_first = unsafe { out(part_first, "part_first") }?;
        // SAFETY: the caller keeps this function's Safety rules.
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

/// Computes the estimate of pi from `hits` hits among `count` samples, and its standard error.
///
/// # Safety
/// `pi` and `standard_error` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_estimate(
    hits: u64,
    count: u64,
    pi: *mut f64,
    standard_error: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (pi, standard_error) =
            unsafe { (out(pi, "pi")?, out(standard_error, "standard_error")?) };
        let estimate = estimate(hits, count)?;
        pi.write(estimate.pi);
        standard_error.write(estimate.standard_error);
        Ok(())
    })
}

/// Computes Wilson's 95% confidence interval for pi from `hits` hits among `count` samples.
///
/// # Safety
/// `lower` and `upper` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_interval(
    hits: u64,
    count: u64,
    lower: *mut f64,
    upper: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (lower, upper) = unsafe { (out(lower, "lower")?, out(upper, "upper")?) };
        let [low, high] = estimate(hits, count)?.confidence_interval;
        lower.write(low);
        upper.write(high);
        Ok(())
    })
}

/// Describes kernel number `index` (from 0) of the catalog: its generator, its full name, and in
/// `missing` the reason why it cannot run here, or NULL if it can. Returns LIBPI_ERROR_INDEX past
/// the last kernel. The strings live as long as the process.
///
/// # Safety
/// `generator`, `name` and `missing` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_kernel_at(
    index: u32,
    generator: *mut libpi_generator,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let generator = unsafe { out(generator, "generator") }?;
        // SAFETY: the caller keeps this function's Safety rules.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        let row = at(&Names::here().kernels, index, "kernels")?;
        generator.write(row.generator);
        row.write(name, missing);
        Ok(())
    })
}

/// Describes driver number `index` (from 0) of the catalog: its name, and in `missing` the reason
/// why it cannot run here, or NULL if it can. Returns LIBPI_ERROR_INDEX past the last driver. The
/// strings live as long as the process.
///
/// # Safety
/// `name` and `missing` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_driver_at(
    index: u32,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        at(&Names::here().drivers, index, "drivers")?.write(name, missing);
        Ok(())
    })
}

/// Returns what went wrong in this thread's last call: which value broke which rule, and what to
/// do. After a success it returns "". The string is valid until the thread's next call of libpi.
#[unsafe(no_mangle)]
pub extern "C" fn libpi_last_error() -> *const c_char {
    last_error()
}

/// Returns the version of the loaded library, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn libpi_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the LIBPI_ABI_VERSION of the loaded library. If it differs from the number that the
/// program was compiled with, the program must not call any other function.
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

/// The best kernel of a generator. It is looked up once, because a search takes longer than a small
/// count.
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

/// The number of threads that the caller asked for; 0 asks for the default.
fn number(threads: i32) -> Option<i64> {
    (threads != 0).then_some(threads.into())
}

fn estimate(hits: u64, count: u64) -> Result<Estimate, Failure> {
    Estimate::new(hits, count)?.ok_or_else(|| {
        Failure::new(LIBPI_ERROR_NO_SAMPLES, "0 samples give no estimate: count at least one")
    })
}

/// A kernel or driver of the catalog, as C strings that live as long as the process.
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

/// The catalog, as C strings.
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
            format!("there are {count} {what}, numbered from 0: index {index} is past the last"),
        )
    })
}
