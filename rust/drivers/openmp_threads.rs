//! The threads of OpenMP regions. libgomp gives each thread that enters a region a pool of its own,
//! keeps the pool, hangs if the pool is that of a parent process, and ends the program if the
//! system refuses a thread.

use crate::cpus::workers::keeping_mask;
use crate::error::{Error, Result};
use crate::fork;
use crate::limits::check_room;
use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{Builder, scope};

/// Runs an OpenMP region with so many threads.
///
/// In the child of a fork it runs on a thread of its own. The calling thread may have a pool whose
/// threads are in the parent; a new thread has none.
pub(crate) fn region(threads: u32, body: impl FnOnce() -> u64 + Send) -> Result<u64> {
    let run = move || {
        can_start(threads)?;
        Ok(keeping_mask(body))
    };
    if fork::generation() == 0 || threads == 1 {
        return run();
    }
    scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, run);
        let thread = thread.map_err(|error| Error::not_started(1, error))?;
        thread.join().expect("kernels do not panic")
    })
}

/// Finds out whether the system lets this thread start as many threads as the region will, because
/// the runtime does not report a refusal. From one region to the next the runtime keeps the threads
/// that the next one needs, so this tries only the others.
fn can_start(threads: u32) -> Result<()> {
    thread_local! {
        /// The number of threads in the last region of this thread.
        static LAST: Cell<u32> = const { Cell::new(1) };
    }
    let last = LAST.get();
    if threads > last {
        try_threads(threads - last).map_err(|error| Error::not_started(threads, error))?;
    }
    LAST.set(threads);
    Ok(())
}

/// Starts so many threads, which are all there at the same time, and ends them.
fn try_threads(number: u32) -> std::io::Result<()> {
    let (is_over, over) = (Mutex::new(false), Condvar::new());
    let wait = || {
        let is_over = is_over.lock().unwrap_or_else(PoisonError::into_inner);
        drop(over.wait_while(is_over, |is_over| !*is_over));
    };
    scope(|scope| {
        let start = |_| {
            check_room(1, stack())?;
            Builder::new().stack_size(stack()).spawn_scoped(scope, wait).map(drop)
        };
        let started = (0..number).try_for_each(start);
        *is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        over.notify_all();
        started
    })
}

/// The size of the stacks that the runtime gives its threads: the system's default.
fn stack() -> usize {
    let mut size = 0;
    // SAFETY: the attributes are initialised before they are read, and destroyed after it.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_attr_init(&mut attributes) == 0 {
            libc::pthread_attr_getstacksize(&attributes, &mut size);
            libc::pthread_attr_destroy(&mut attributes);
        }
    }
    size
}
