//! What this process does on signals, whatever it inherited of whoever started it.

use anyhow::anyhow;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is set when somebody interrupts this process, instead of ending it: what was measured is kept
/// then. A signal that was ignored from the start stays so: that is what `nohup`, and a shell that
/// starts something in the background, ask for.
pub fn watch_for_interruption() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| anyhow!("cannot watch for signals: {error}"))?;
    }
    unblock_all();
    Ok(interrupted)
}

/// Makes the end of children known: of one whose parent ignores SIGCHLD nothing is left to be waited
/// for. They inherit both: a launcher that is not told of the end of its ranks waits for ever.
pub(super) fn prepare_for_children() {
    if is_ignored(SIGCHLD) {
        // SAFETY: no memory is involved, and nobody relies on a signal that was ignored.
        unsafe { libc::signal(SIGCHLD, libc::SIG_DFL) };
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

/// Lets this thread, and the children that it starts, receive every signal.
fn unblock_all() {
    // SAFETY: the set is of the type that both calls take, and the first makes it a valid one.
    unsafe {
        let mut none: libc::sigset_t = zeroed();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, null_mut());
    }
}
