//! Counts the forks above this process, so that a child can tell what its parent remembered.
//!
//! A fork copies the memory of a process but only one of its threads. Whatever has threads, or
//! depends on the process, is therefore remembered together with the [`generation`], and made anew
//! in a child. Nothing here waits for another thread, because in a child that thread does not
//! exist.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of forks between the process that loaded libpi and this one.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

extern "C" fn in_the_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

extern "C" fn count_forks() {
    // SAFETY: the handler only adds to an atomic number, which is safe in a child. If the system
    // refuses for lack of memory, forks are not noticed.
    unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
}

/// Runs when libpi is loaded, so that forks count that come before its first call.
#[used]
// SAFETY: the section holds functions that the loader calls once; it may pass arguments, which a C
// function may ignore.
#[unsafe(link_section = ".init_array")]
static COUNT_FORKS: extern "C" fn() = count_forks;

/// The value of a cell, made on the first call. Unlike [`OnceLock::get_or_init`] this never waits
/// while another thread makes the value: a child that was forked meanwhile would wait forever.
pub fn remember<T>(cell: &'static OnceLock<T>, make: impl FnOnce() -> T) -> &'static T {
    match cell.get() {
        Some(value) => value,
        None => {
            let value = make();
            cell.get_or_init(|| value)
        }
    }
}
