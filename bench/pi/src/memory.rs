//! What happens when memory runs out: a message and exit code 1. Rust alone would abort.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

const MESSAGE: &[u8] =
    b"error: there is no memory left: use fewer threads or a smaller input, or raise \
the limit of memory (ulimit -v)\n";

/// The system's memory, which ends the process where there is none left.
#[derive(Debug)]
pub struct OrEnd;

// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        had(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        had(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        had(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn had(memory: *mut u8) -> *mut u8 {
    if memory.is_null() { end() } else { memory }
}

/// Needs no memory itself. Of several threads the first says it and ends the process.
fn end() -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let is_first = !ENDING.swap(true, Ordering::Relaxed);
    loop {
        // SAFETY: the pointer and the length are those of the message; `_exit` runs no code of ours.
        unsafe {
            if is_first {
                libc::write(2, MESSAGE.as_ptr().cast(), MESSAGE.len());
                libc::_exit(1);
            }
            libc::pause();
        }
    }
}
