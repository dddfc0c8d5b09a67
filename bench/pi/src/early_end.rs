//! A loaded kernel may call `exit(0)`. Then this process would end as if it had done its work.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

const MESSAGE: &[u8] =
    b"error: a loaded kernel ended the process: it must return; pi check-kernel shows by which call\n";

/// The number of the process that must not end yet. 0: it may.
static BUSY: AtomicU32 = AtomicU32::new(0);

/// From now on, an end of this process is an error, until it is allowed.
pub(crate) fn refuse() {
    if BUSY.swap(process::id(), Relaxed) == 0 {
        // SAFETY: the function may run at any exit. If it cannot be noted, exits are not noticed.
        unsafe { libc::atexit(at_exit) };
    }
}

/// The work is done, and this process ends by itself.
pub(crate) fn allow() {
    BUSY.store(0, Relaxed);
}

/// A fork of this process may end.
extern "C" fn at_exit() {
    if BUSY.load(Relaxed) == process::id() {
        // SAFETY: the pointer and the length are those of the message; `_exit` runs no code of ours.
        unsafe {
            libc::write(2, MESSAGE.as_ptr().cast(), MESSAGE.len());
            libc::_exit(1);
        }
    }
}
