//! The default number of threads.

use crate::failure::answer;
use crate::hits::number;
use crate::status::libpi_status;
use libpi::cpus::{default_threads, default_threads_rule, set_default_threads};
use std::cell::RefCell;
use std::ffi::{CString, c_char};

/// Returns the number of threads that `threads` = 0 stands for now, 1 to 1024: the number that
/// libpi_set_threads has set, or else one for each usable CPU, unless LIBPI_NUM_THREADS,
/// OMP_NUM_THREADS or RAYON_NUM_THREADS asks for another number. Usable are the CPUs that the
/// affinity mask of the calling thread, the CPU quota of the control group and Slurm allow.
///
/// libpi asks the system when it first needs the number, again in a forked child, and when
/// libpi_set_threads(0) is called. It is deaf to changes in between.
///
/// Returns 0 if LIBPI_NUM_THREADS has an invalid value; libpi_last_error() then says so. As long as
/// it has one, calls with `threads` = 0 that would start threads give LIBPI_ERROR_VARIABLE.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_threads() -> i32 {
    let mut threads = 0;
    answer(|| {
        threads = default_threads()?;
        Ok(())
    });
    threads.cast_signed()
}

/// Sets the number of threads that `threads` = 0 stands for, 1 to 1024, for all threads of the
/// process. A forked child inherits it. It goes before the environment variables and the usable
/// CPUs. With 0, libpi forgets that number and asks the system again.
///
/// Errors: LIBPI_ERROR_THREADS, and then the number stays as it was; with 0,
/// LIBPI_ERROR_VARIABLE if LIBPI_NUM_THREADS has an invalid value.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_set_threads(threads: i32) -> libpi_status {
    answer(|| {
        set_default_threads(number(threads))?;
        Ok(())
    })
}

/// Returns which rule decides what libpi_threads() returns, if the system is asked now:
/// "libpi_set_threads", the name of an environment variable, or the name of a limit such as
/// "affinity mask" or "cgroup v2 quota". `pi info` explains each. The string is valid until the
/// calling thread's next call of this function.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_threads_rule() -> *const c_char {
    let mut rule = c"".as_ptr();
    answer(|| {
        let name = CString::new(default_threads_rule()).unwrap_or_default();
        // While a thread ends, its storage may be gone: then there is no name.
        let _ = RULE.try_with(|kept| {
            kept.replace(name);
            rule = kept.borrow().as_ptr();
        });
        Ok(())
    });
    rule
}

thread_local! {
    static RULE: RefCell<CString> = RefCell::default();
}
