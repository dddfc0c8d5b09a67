//! Long counts that report their progress and can be stopped.

use crate::callback::{ProgressCall, libpi_call_progress};
use crate::caller::libpi_progress;
use crate::failure::{Failure, answer, out, text};
use crate::generator::libpi_generator;
use crate::hits::Count;
use crate::status::{LIBPI_STOPPED, libpi_status};
use std::ffi::{c_char, c_void};

/// Does the same as libpi_hits_with in spans, and calls `callback` between them, so that a program
/// can show the progress of a long call and end it. Writes to `hits` the hits so far, and to `done`
/// the number of samples, from `first` on, that they were counted among.
///
/// A span takes about a quarter of a second; the first ones take less. So the callback is called
/// several times a second, unless a block of 65536 samples for each thread takes longer. Spans end
/// at multiples of 65536 indices. The last call has `done` = `count`. A range without samples
/// causes no call.
///
/// If the callback returns a number other than 0 before all samples are done, the call returns
/// LIBPI_STOPPED: this is no error, and `hits` and `done` are written. A later call with the first
/// sample at `first` + `done` counts the rest. Otherwise the call returns LIBPI_OK, and `done` is
/// `count`. The hits are exact in both cases, except for LIBPI_TEXTBOOK, whose counts depend on
/// the spans and so on the speed.
///
/// `user_data` is passed to every call of the callback; libpi does not read it, so it may be NULL.
///
/// Errors: LIBPI_ERROR_NULL (`kernel`, `driver`, `callback`, `hits`, `done`),
/// LIBPI_ERROR_GENERATOR, LIBPI_ERROR_NAME, LIBPI_ERROR_MISSING, LIBPI_ERROR_SEED,
/// LIBPI_ERROR_RANGE, LIBPI_ERROR_THREADS, LIBPI_ERROR_SPAWN, LIBPI_ERROR_VARIABLE. After an error
/// nothing is written.
///
/// # Safety
/// `kernel` and `driver` must be NULL or point to strings that end with a NUL. `hits` and `done`
/// must be NULL or point to writable memory. `callback` must not unwind.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_hits_progress(
    kernel: *const c_char,
    driver: *const c_char,
    generator: libpi_generator,
    seed: u64,
    first: u64,
    count: u64,
    threads: i32,
    callback: libpi_progress,
    user_data: *mut c_void,
    hits: *mut u64,
    done: *mut u64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let names = unsafe { [text(kernel, "kernel")?, text(driver, "driver")?] };
        callback.ok_or_else(|| Failure::null("callback"))?;
        let call = ProgressCall { progress: callback, user_data };
        // SAFETY: the caller keeps this function's Safety rules.
        let (hits, done) = unsafe { (out(hits, "hits")?, out(done, "done")?) };
        let counted = Count::new(names, generator, seed, first, count, threads)?
            // SAFETY: the caller keeps this function's Safety rules.
            .hits_with_progress(|done| unsafe { libpi_call_progress(&call, done, count) } == 0)?;
        hits.write(counted.hits);
        done.write(counted.done);
        if counted.done == count {
            return Ok(());
        }
        let done = counted.done;
        let message = format!("stopped by the callback after {done} of {count} samples");
        Err(Failure::new(LIBPI_STOPPED, message))
    })
}
