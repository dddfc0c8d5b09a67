//! Calls of the caller's functions. They go through callback.c, which does not let such a function
//! end its thread.

use crate::caller::{libpi_context_kernel, libpi_kernel, libpi_progress};
use std::ffi::c_void;

/// A kernel and its seed.
#[repr(C)]
pub(crate) struct KernelCall {
    pub(crate) kernel: libpi_kernel,
    pub(crate) seed: u64,
}

/// A kernel that can fail, and its context.
#[repr(C)]
pub(crate) struct ContextKernelCall {
    pub(crate) kernel: libpi_context_kernel,
    pub(crate) context: *mut c_void,
}

/// A progress function and its data.
#[repr(C)]
pub(crate) struct ProgressCall {
    pub(crate) progress: libpi_progress,
    pub(crate) user_data: *mut c_void,
}

unsafe extern "C" {
    /// Calls a kernel. `call` is the address of a [`KernelCall`].
    pub(crate) fn libpi_call_kernel(call: u64, first: u64, count: u64) -> u64;
    /// Calls a kernel that can fail. `call` is the address of a [`ContextKernelCall`].
    pub(crate) fn libpi_call_context_kernel(
        call: *mut c_void,
        first: u64,
        count: u64,
        hits: *mut u64,
    ) -> i32;
    /// Calls a progress function.
    pub(crate) fn libpi_call_progress(call: *const ProgressCall, done: u64, count: u64) -> i32;
}
