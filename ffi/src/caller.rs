//! The types of the caller's functions.

use std::ffi::c_void;

/// A kernel: a function that returns the number of hits among the `count` samples from index
/// `first` on. libpi calls it from several threads at once. It must not unwind, longjmp or stop the
/// process.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_kernel = Option<unsafe extern "C" fn(seed: u64, first: u64, count: u64) -> u64>;

/// A kernel that can fail: a function that writes to `hits` the number of hits among the `count`
/// indices from `first` on and returns 0, or returns an error number of its own. Every number but 0
/// is an error, also a negative one.
///
/// `context` is the pointer that the caller gave to libpi_drive_context. `count` is at least 1.
/// `*hits` is 0 before the call, and libpi reads it only if the kernel returns 0. Like a
/// libpi_kernel, it must not unwind, longjmp, or end the thread or the process: a kernel in C++
/// catches its exceptions, keeps the first one in its context, and returns a number; the caller
/// throws it again after the call.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_context_kernel = Option<
    unsafe extern "C" fn(context: *mut c_void, first: u64, count: u64, hits: *mut u64) -> i32,
>;

/// A progress function: libpi_hits_progress calls it with its own `user_data`, the number of samples
/// that are done, and the number of all samples. It returns 0 to go on and any other number to stop
/// the count.
///
/// It runs on the thread that called libpi_hits_progress, and may call libpi. It must not unwind,
/// longjmp, or end the thread or the process.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_progress =
    Option<unsafe extern "C" fn(user_data: *mut c_void, done: u64, count: u64) -> i32>;
