//! Holds back the cancellation of the calling thread during a call.
//!
//! pthread_cancel unwinds the thread. Inside libpi that would end the process, because Rust cannot
//! let such an unwinding pass. So a call disables cancellation and then restores what the caller
//! had. A thread of the asynchronous type is then cancelled in [`release`], outside of everything
//! that needs cleaning up.

use std::ffi::c_int;
use std::ptr::null_mut;

const PTHREAD_CANCEL_DISABLE: c_int = 1;

unsafe extern "C-unwind" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

/// Holds cancellation back, and returns the state that it had.
#[inline(always)]
pub(crate) fn hold() -> c_int {
    let mut state = 0;
    // SAFETY: the state is valid, and the old one goes to a variable.
    unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mut state) };
    state
}

/// Restores the state that [`hold`] returned. This may not return.
#[inline(always)]
pub(crate) fn release(state: c_int) {
    // SAFETY: the state is one that the system returned, and NULL is allowed.
    unsafe { pthread_setcancelstate(state, null_mut()) };
}
