//! The last error of each thread, and the guard that turns errors and panics into a status.

use crate::cancellation;
use crate::status::*;
use libpi::Error;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// A status and its message.
pub(crate) struct Failure {
    status: libpi_status,
    message: String,
    /// The error number of the caller's kernel; 0 if it did not fail.
    kernel_error: i32,
}

impl Failure {
    pub(crate) fn new(status: libpi_status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), kernel_error: 0 }
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
            Error::Kernel { .. } => LIBPI_ERROR_KERNEL,
            Error::Block { .. } => LIBPI_ERROR_BLOCK,
            // The core may gain errors that this table lacks: the message still explains them.
            _ => LIBPI_ERROR_PANIC,
        };
        let kernel_error = if let Error::Kernel { value } = error { value } else { 0 };
        Self { status, message: message(&error), kernel_error }
    }
}

/// The message in the terms of C, where a caller passes 0 threads instead of no number.
fn message(error: &Error) -> String {
    match error {
        Error::Threads { threads, most } => format!(
            "{threads} threads: the number must be from 1 to {most}, or 0 for one thread per \
             usable CPU"
        ),
        Error::SerialThreads { threads } => format!(
            "{threads} threads for the driver serial: it runs on 1 thread; pass 0 or choose \
             another driver"
        ),
        error => error.to_string(),
    }
}

/// What a thread remembers of its last call.
struct Last {
    message: Cow<'static, CStr>,
    kernel_error: i32,
}

const SUCCESS: Last = Last { message: Cow::Borrowed(c""), kernel_error: 0 };

thread_local! {
    static LAST: RefCell<Last> = const { RefCell::new(SUCCESS) };
}

/// Runs the body of an exported function. A failure or a panic becomes a status and the calling
/// thread's last error; a success clears the last error. Meanwhile the thread is not cancelled.
pub(crate) fn answer(body: impl FnOnce() -> Result<(), Failure>) -> libpi_status {
    let state = cancellation::hold();
    let status = guarded(body);
    cancellation::release(state);
    status
}

fn guarded(body: impl FnOnce() -> Result<(), Failure>) -> libpi_status {
    let body = AssertUnwindSafe(|| {
        #[cfg(libpi_forced_panic)]
        if let Some(said) = std::env::var_os("LIBPI_FORCED_PANIC") {
            panic!("{}", said.display());
        }
        body()
    });
    let result = catch_unwind(body).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Failure::new(LIBPI_ERROR_PANIC, format!("libpi has a bug, please report it: {said}")))
    });
    match result {
        Ok(()) => {
            forget();
            LIBPI_OK
        }
        Err(Failure { status, message, kernel_error }) => {
            let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
            remember(Last { message: Cow::Owned(message), kernel_error });
            status
        }
    }
}

/// Clears what the calling thread remembers. Most calls follow a success, and then there is nothing
/// to write.
fn forget() {
    let _ = LAST.try_with(|place| {
        let mut last = place.borrow_mut();
        if matches!(last.message, Cow::Owned(_)) {
            *last = SUCCESS;
        }
    });
}

/// Replaces what the calling thread remembers. While a thread ends, for example in a destructor of
/// its thread-specific data, the storage may be gone: then the caller gets only the status.
fn remember(last: Last) {
    let _ = LAST.try_with(|place| place.replace(last));
}

/// The calling thread's last message. It is valid until the thread's next call.
pub(crate) fn last_error() -> *const c_char {
    LAST.try_with(|last| last.borrow().message.as_ptr()).unwrap_or(c"".as_ptr())
}

/// The error number of the kernel that failed in the calling thread's last call; 0 if none did.
pub(crate) fn last_kernel_error() -> i32 {
    LAST.try_with(|last| last.borrow().kernel_error).unwrap_or(0)
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
