//! Loads a library in a child process. A library runs start-up code (constructors) when it is loaded,
//! and this code may crash, end its process, or never end.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, Signal as Kill, WaitOptions, kill_process, set_parent_process_death_signal, waitpid,
};
use rustix::stdio::{dup2_stderr, dup2_stdout};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// The longest time for start-up code. Large runtimes need a second.
const LONGEST_SECONDS: i64 = 10;

/// Checks that the library's start-up code comes to its end. A library that the loader refuses passes:
/// its error can be had without a child.
///
/// # Errors
/// If the start-up code ends its process, or takes too long.
pub(super) fn load(path: &Path) -> Result<(), String> {
    let failed =
        |error: std::io::Error| format!("it could not be tried in a child process: {error}");
    let (ended, tell) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
    let nowhere = File::options().write(true).open("/dev/null").map_err(failed)?;
    // SAFETY: this process has no other threads, and no library from elsewhere that may have started some, so
    // the child may do all that this process may.
    match unsafe { libc::fork() } {
        -1 => Err(failed(std::io::Error::last_os_error())),
        0 => child(path, tell.as_fd(), &nowhere),
        id => {
            drop(tell);
            let id = Pid::from_raw(id).expect("fork returns the child's number");
            judge(id, ended.as_fd())
        }
    }
}

/// Loads the library, says that it came back, and ends without the exit handlers of this program.
fn child(path: &Path, tell: BorrowedFd, nowhere: &File) -> ! {
    let _ = set_parent_process_death_signal(Some(Kill::KILL));
    // What the start-up code prints comes when this program itself loads the library.
    let _ = dup2_stdout(nowhere).and_then(|()| dup2_stderr(nowhere));
    // SAFETY: the code may do anything to this process, which exists for that.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    std::mem::forget(library);
    let _ = rustix::io::write(tell, b".");
    // SAFETY: it only ends the process.
    unsafe { libc::_exit(0) }
}

/// Waits for the child's word, and ends the child.
fn judge(id: Pid, ended: BorrowedFd) -> Result<(), String> {
    let limit = Timespec { tv_sec: LONGEST_SECONDS, tv_nsec: 0 };
    let mut end = [PollFd::from_borrowed_fd(ended, PollFlags::IN)];
    let heard = rustix::io::retry_on_intr(|| poll(&mut end, Some(&limit)));
    let is_late = heard == Ok(0);
    let has_come_back = !is_late && rustix::io::read(ended, &mut [0; 1]) == Ok(1);
    if is_late || has_come_back {
        let _ = kill_process(id, Kill::KILL);
    }
    let status = rustix::io::retry_on_intr(|| waitpid(Some(id), WaitOptions::empty()));
    if has_come_back {
        return Ok(());
    }
    let how = match status {
        _ if is_late => format!("did not end within {LONGEST_SECONDS} s"),
        Ok(Some((_, status))) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => format!("ended the process with exit code {code}"),
            (_, Some(number)) => format!("ended the process by {}", signal(number)),
            _ => "ended the process".to_owned(),
        },
        _ => "ended the process".to_owned(),
    };
    Err(format!("it cannot be loaded: its start-up code (a constructor) {how}"))
}

fn signal(number: i32) -> String {
    let name = Signal::try_from(number).map_or("signal", Signal::as_str);
    format!("{name} (signal {number})")
}
