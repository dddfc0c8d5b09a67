//! The runner of crossings into shared libraries: the loops of `direct` linked to a library of the
//! callees, and `libpi_hits_with` of libpi.so.

mod checked;

use checked::libpi_loop_rust_checked;
use pi_crossings::runner::{self, Generator, Request, Work};
use pi_crossings::{Caller, CheckedLoop, Language, kernel};
use std::ffi::{CStr, CString, c_char};
use std::process::ExitCode;

fn main() -> ExitCode {
    runner::main(choose)
}

fn choose(request: &Request) -> Result<Work, String> {
    let &Request { generator, seed, samples, batch, .. } = request;
    let (first, count) = (samples.first(), samples.count());
    // Said for both drivers: which languages there are.
    let direct = Caller::of(request.caller)?.direct(request.callee)?;
    match (generator, &*request.driver) {
        (Generator::Crossing, "shared") => Ok(Box::new(move || Ok(direct(seed, first, count)))),
        (_, "checked") => {
            let calls = checked(request.caller);
            let name = CString::new(kernel(request.callee)?.0).map_err(|e| e.to_string())?;
            Ok(Box::new(move || {
                // SAFETY: the name is a string, and a batch was checked to have a sample.
                match unsafe { calls(name.as_ptr(), seed, first, count, batch) } {
                    u64::MAX => Err(last_error()),
                    hits => Ok(hits),
                }
            }))
        }
        (_, driver) => Err(format!(
            "unknown driver '{driver}': use shared or checked, for batches checked; pi-crossings \
             has the others"
        )),
    }
}

fn checked(caller: Language) -> CheckedLoop {
    match caller {
        Language::Rust => libpi_loop_rust_checked,
        Language::C => libpi_loop_c_checked,
        #[cfg(built_fortran)]
        Language::Fortran => libpi_loop_fortran_checked,
        #[cfg(not(built_fortran))]
        Language::Fortran => unreachable!("it was found to be missing before"),
    }
}

fn last_error() -> String {
    // SAFETY: libpi.so answers with a string that lives until this thread's next call.
    unsafe { CStr::from_ptr(libpi_last_error()) }.to_string_lossy().into_owned()
}

unsafe extern "C" {
    fn libpi_last_error() -> *const c_char;
    fn libpi_loop_c_checked(
        kernel: *const c_char,
        seed: u64,
        first: u64,
        count: u64,
        batch: u64,
    ) -> u64;
    #[cfg(built_fortran)]
    fn libpi_loop_fortran_checked(
        kernel: *const c_char,
        seed: u64,
        first: u64,
        count: u64,
        batch: u64,
    ) -> u64;
}
