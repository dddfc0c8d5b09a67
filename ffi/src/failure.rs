//! Status codes, the last error of each thread, and the guard that turns panics into a status.

use libpi::Error;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// The result of a call: LIBPI_OK or one of the errors.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_status = i32;

/// Success: the out-parameters are written.
pub const LIBPI_OK: libpi_status = 0;
/// A pointer argument is NULL.
pub const LIBPI_ERROR_NULL: libpi_status = 1;
/// The generator is not LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
pub const LIBPI_ERROR_GENERATOR: libpi_status = 2;
/// There is no kernel, level or driver with this name.
pub const LIBPI_ERROR_NAME: libpi_status = 3;
/// The kernel or driver exists, but this build or this CPU cannot run it.
pub const LIBPI_ERROR_MISSING: libpi_status = 4;
/// The generator does not accept this seed.
pub const LIBPI_ERROR_SEED: libpi_status = 5;
/// first + count exceeds 2^64.
pub const LIBPI_ERROR_RANGE: libpi_status = 6;
/// The number of threads is neither 0 (the default) nor 1 to 1024, or it is above 1 for the driver
/// serial.
pub const LIBPI_ERROR_THREADS: libpi_status = 7;
/// The operating system refused to start more threads.
pub const LIBPI_ERROR_SPAWN: libpi_status = 8;
/// There are more hits than samples.
pub const LIBPI_ERROR_HITS: libpi_status = 9;
/// There are no samples, so there is no estimate.
pub const LIBPI_ERROR_NO_SAMPLES: libpi_status = 10;
/// The part number is not below the number of parts.
pub const LIBPI_ERROR_PART: libpi_status = 11;
/// The index is past the end of the list.
pub const LIBPI_ERROR_INDEX: libpi_status = 12;
/// The environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has an invalid value.
pub const LIBPI_ERROR_VARIABLE: libpi_status = 13;
/// libpi has a bug: please report the message.
pub const LIBPI_ERROR_PANIC: libpi_status = 14;

/// A status and its message.
pub(crate) struct Failure {
    status: libpi_status,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: libpi_status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn null(name: &str) -> Self {
        Self::new(LIBPI_ERROR_NULL, format!("{name} is NULL: pass a valid pointer"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Range { .. } => LIBPI_ERROR_RANGE,
            Error::Seed { .. } => LIBPI_ERROR_SEED,
            Error::Hits { .. } => LIBPI_ERROR_HITS,
            Error::Threads { .. } | Error::SerialThreads { .. } => LIBPI_ERROR_THREADS,
            Error::Unknown { .. } => LIBPI_ERROR_NAME,
            Error::Missing { .. } => LIBPI_ERROR_MISSING,
            Error::Spawn { .. } => LIBPI_ERROR_SPAWN,
            Error::Variable { .. } => LIBPI_ERROR_VARIABLE,
            // The core may gain errors that this table lacks: the message still explains them.
            _ => LIBPI_ERROR_PANIC,
        };
        Self::new(status, error.to_string())
    }
}

thread_local! {
    static LAST_ERROR: RefCell<Cow<'static, CStr>> = const { RefCell::new(Cow::Borrowed(c"")) };
}

/// Runs the body of an exported function. A failure or a panic becomes a status and the calling
/// thread's last error; a success clears the last error.
pub(crate) fn answer(body: impl FnOnce() -> Result<(), Failure>) -> libpi_status {
    let guarded = AssertUnwindSafe(|| {
        #[cfg(libpi_forced_panic)]
        if let Some(said) = std::env::var_os("LIBPI_FORCED_PANIC") {
            panic!("{}", said.display());
        }
        body()
    });
    let result = catch_unwind(guarded).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Failure::new(LIBPI_ERROR_PANIC, format!("libpi has a bug, please report it: {said}")))
    });
    match result {
        Ok(()) => {
            remember(Cow::Borrowed(c""));
            LIBPI_OK
        }
        Err(Failure { status, message }) => {
            let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
            remember(Cow::Owned(message));
            status
        }
    }
}

/// Replaces the calling thread's message. While a thread ends, for example in a destructor of its
/// thread-specific data, the message's storage may be gone: then the caller gets only the status.
fn remember(message: Cow<'static, CStr>) {
    let _ = LAST_ERROR.try_with(|last| last.replace(message));
}

/// The calling thread's last message. It is valid until the thread's next call.
pub(crate) fn last_error() -> *const c_char {
    LAST_ERROR.try_with(|last| last.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// Reads a C string.
///
/// # Safety
/// The pointer must be NULL or point to a string that ends with a NUL.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(name));
    }
    // SAFETY: the pointer is not NULL, so the caller promises that it points to a C string.
    unsafe { CStr::from_ptr(pointer) }.to_str().map_err(|_| {
        Failure::new(LIBPI_ERROR_NAME, format!("{name} is not UTF-8: use the names of `pi list`"))
    })
}

/// Checks the pointer of an out-parameter.
///
/// # Safety
/// The pointer must be NULL or point to writable memory.
pub(crate) unsafe fn out<T>(pointer: *mut T, name: &str) -> Result<Out<T>, Failure> {
    NonNull::new(pointer).map(Out).ok_or_else(|| Failure::null(name))
}

/// An out-parameter, which is written only after everything has succeeded. This is not a
/// reference, because a caller may pass the same address for two out-parameters.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    pub(crate) fn write(self, value: T) {
        // SAFETY: the caller of `out` promised that the memory is writable.
        unsafe { self.0.write(value) }
    }
}
