//! The signals of this process, whatever settings it inherited.

use anyhow::anyhow;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Returns a flag that an interruption sets, instead of ending this process. So the measured results are
/// kept. A signal that was ignored from the start stays ignored: `nohup`, and shells that start a
/// process in the background, rely on this.
pub fn watch_for_interruption() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)) {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| anyhow!("cannot watch for signals: {error}"))?;
    }
    unblock_all();
    Ok(interrupted)
}

/// Makes sure that this process can wait for its children. If a parent ignores SIGCHLD, the system
/// removes an ended child at once. Children inherit this setting and the blocked signals: a launcher
/// that cannot wait for its ranks would wait forever.
pub(super) fn prepare_for_children() {
    if is_ignored(SIGCHLD) {
        // SAFETY: no memory is involved, and nothing relies on a signal that was ignored.
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
    // SAFETY: the set has the type that both calls take, and the first call initialises it.
    unsafe {
        let mut none: libc::sigset_t = zeroed();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, null_mut());
    }
}
