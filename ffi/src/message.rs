//! What a status means, and what went wrong in a thread's last call.

use crate::failure::{last_error, last_kernel_error};
use crate::status::{libpi_status, text};
use std::ffi::c_char;

/// Returns what a status means, such as "first + count exceeds 2^64". Every number has a text, also
/// one that is no status. The string lives as long as the process. Unlike libpi_last_error, this
/// depends on nothing but its argument, so it also serves calls that move between threads.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_status_text(status: libpi_status) -> *const c_char {
    text(status).as_ptr()
}

/// Returns what went wrong in this thread's last call: which value broke which rule, and what to
/// do. After a success it returns "". The string is valid until the thread's next call of libpi.
///
/// The message belongs to the thread of the operating system that made the call. A program whose
/// tasks move between such threads finds another call's message, or none: goroutines without
/// runtime.LockOSThread, Haskell's unbound threads, asynchronous calls of Node's koffi. There, use
/// the status and libpi_status_text.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_last_error() -> *const c_char {
    last_error()
}

/// Returns the error number that the caller's kernel returned in this thread's last call, if that
/// call gave LIBPI_ERROR_KERNEL; otherwise 0. What holds for the threads of libpi_last_error holds
/// here too.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn libpi_last_kernel_error() -> i32 {
    last_kernel_error()
}
