//! The runner for crossings into shared libraries: the loops of `direct`, linked to a library with
//! the callees, and the loops that call `libpi_hits_with` of libpi.so.

mod checked;

use checked::{libpi_loop_rust_checked, libpi_loop_rust_checked_batches};
use pi_crossings::runner::{self, Generator, Request, Work};
use pi_crossings::{Caller, CheckedBatchLoop, CheckedLoop, Language, kernel};
use std::ffi::{CStr, CString, c_char};
use std::process::ExitCode;

pi_crossings::keep_answers_apart!(pi_crossings::answer);

fn main() -> ExitCode {
    runner::main(choose)
}

fn choose(request: &Request) -> Result<Work, String> {
    let &Request { generator, seed, samples, batch, .. } = request;
    let (first, count) = (samples.first(), samples.count());
    let direct = Caller::of(request.caller)?.direct(request.callee)?;
    let (checked, checked_batches) = checked_loops(request.caller);
    let (name, _) = kernel(request.callee)?;
    let name = CString::new(name).map_err(|error| error.to_string())?;
    let work: Work = match (generator, &*request.driver) {
        (Generator::Crossing, "shared") => Box::new(move || Ok(direct(seed, first, count))),
        (Generator::Crossing, "checked") => Box::new(move || {
            // SAFETY: the name is a C string.
            answered(unsafe { checked(name.as_ptr(), seed, first, count) })
        }),
        (Generator::Batch, "checked") => Box::new(move || {
            // SAFETY: the name is a C string, and a batch has at least one sample.
            answered(unsafe { checked_batches(name.as_ptr(), seed, first, count, batch) })
        }),
        (_, driver) => {
            return Err(format!(
                "unknown driver '{driver}': use shared or checked (for batches: checked); \
                 pi-crossings has the others"
            ));
        }
    };
    Ok(work)
}

/// The count of a checked loop, or libpi's message about the call that failed.
fn answered(hits: u64) -> Result<u64, String> {
    if hits == u64::MAX {
        // SAFETY: libpi.so returns a string that lives until this thread's next call.
        let message = unsafe { CStr::from_ptr(libpi_last_error()) };
        return Err(message.to_string_lossy().into_owned());
    }
    Ok(hits)
}

fn checked_loops(caller: Language) -> (CheckedLoop, CheckedBatchLoop) {
    match caller {
        Language::Rust => (libpi_loop_rust_checked, libpi_loop_rust_checked_batches),
        Language::C => (libpi_loop_c_checked, libpi_loop_c_checked_batches),
        #[cfg(built_fortran)]
        Language::Fortran => (libpi_loop_fortran_checked, libpi_loop_fortran_checked_batches),
        #[cfg(not(built_fortran))]
        Language::Fortran => unreachable!("Caller::of has already refused this caller"),
    }
}

/// Declares the checked loops of a caller.
macro_rules! checked {
    ($calls:ident, $batches:ident) => {
        unsafe extern "C" {
            fn $calls(kernel: *const c_char, seed: u64, first: u64, count: u64) -> u64;
            fn $batches(k: *const c_char, seed: u64, first: u64, count: u64, batch: u64) -> u64;
        }
    };
}

checked!(libpi_loop_c_checked, libpi_loop_c_checked_batches);
#[cfg(built_fortran)]
checked!(libpi_loop_fortran_checked, libpi_loop_fortran_checked_batches);

unsafe extern "C" {
    fn libpi_last_error() -> *const c_char;
}
