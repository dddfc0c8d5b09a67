//! The signals of this process, whatever settings it inherited.

use anyhow::anyhow;
use nix::sys::signal::SigSet;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use std::io;
use std::mem::zeroed;
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Returns a flag that an interruption sets, instead of ending this process. So the measured results are
/// kept. A signal that was ignored from the start stays ignored: `nohup`, and shells that start a
/// process in the background, rely on this.
pub fn watch_for_interruption() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    hold_all();
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(unwatched)?;
    }
    unblock_all();
    Ok(interrupted)
}

fn unwatched(error: io::Error) -> anyhow::Error {
    anyhow!("cannot watch for signals: {error}")
}

/// The exit code of a process that SIGINT ends, as shells report it.
const INTERRUPTED: i32 = 128 + SIGINT;

/// The signals that ask a long run to stop at its next opportunity: the user's, the system's, and SIGUSR1,
/// which batch systems send before they end a job.
pub struct StopSignals {
    /// The number of the last one; 0 as long as there was none.
    received: Arc<AtomicUsize>,
}

impl StopSignals {
    /// Watches for them from now on. A second SIGINT ends this process at once. A signal that was ignored
    /// from the start stays ignored.
    pub fn watch() -> anyhow::Result<Self> {
        hold_all();
        let received = Arc::default();
        let interrupted = Arc::new(AtomicBool::new(false));
        let heeded = |&signal: &i32| !is_ignored(signal);
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1].into_iter().filter(heeded) {
            if signal == SIGINT {
                let second = Arc::clone(&interrupted);
                signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED, second)
                    .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
                    .map_err(unwatched)?;
            }
            let number = signal.unsigned_abs() as usize;
            signal_hook::flag::register_usize(signal, Arc::clone(&received), number)
                .map_err(unwatched)?;
        }
        unblock_all();
        Ok(Self { received })
    }

    /// The name of the last one, if there was one.
    pub fn received(&self) -> Option<&'static str> {
        let signal = i32::try_from(self.received.load(Ordering::Relaxed)).ok()?;
        signal_hook::low_level::signal_name(signal)
    }
}

/// Makes sure that this process can wait for its children. If a parent ignores SIGCHLD, the system
/// removes an ended child at once. Children inherit what is ignored and the blocked signals: a launcher
/// that cannot wait for its ranks would wait forever.
pub(super) fn prepare_for_children() {
    if is_ignored(SIGCHLD) {
        // A handler that does nothing is enough, and no child inherits a handler.
        let handled = signal_hook::flag::register(SIGCHLD, Arc::default());
        handled.expect("a handler of SIGCHLD may be set");
    }
    unblock_all();
}

fn is_ignored(signal: i32) -> bool {
    // SAFETY: all bytes zero are a valid value of this plain struct, which the call fills.
    unsafe {
        let mut action: libc::sigaction = zeroed();
        libc::sigaction(signal, null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Makes signals wait until [`unblock_all`]. Otherwise one would be lost that comes after its handler is in
/// place, but before the handler knows what to do.
fn hold_all() {
    SigSet::all().thread_block().expect("the set of all signals is a valid one");
}

/// Lets this thread, and the children that it starts, receive every signal.
fn unblock_all() {
    SigSet::empty().thread_set_mask().expect("an empty set of signals is a valid one");
}
