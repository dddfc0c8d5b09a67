//! A child process that leads its own process group. It is ended with its group. The group keeps its
//! number until the child is reaped.

use super::busy::{context_switches, cpu_seconds};
use super::{guard, signals};
use crate::results::ContextSwitches;
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

static REMOVED: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Sets the environment variables that children must not inherit, such as those of a launcher that this
/// process ignores. Call it before the first child is started.
pub fn remove_variables(names: impl Iterator<Item = &'static str>) {
    REMOVED.get_or_init(|| names.collect());
}

fn removed_variables() -> impl Iterator<Item = &'static str> {
    REMOVED.get().into_iter().flatten().copied()
}

pub(super) struct Child {
    id: Pid,
    /// A file descriptor that becomes readable when the child ends. None if the system has no such
    /// descriptors.
    end: Option<OwnedFd>,
}

/// The exit status of a child, and what it used until its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub(super) status: ExitStatus,
    pub(super) cpu_seconds: f64,
    pub(super) context_switches: ContextSwitches,
}

impl Child {
    /// Starts a child. Returns it with its streams.
    pub(super) fn start(command: &[OsString]) -> io::Result<(Self, std::process::Child)> {
        signals::prepare_for_children();
        let mut child = Command::new(&command[0]);
        for variable in removed_variables() {
            child.env_remove(variable);
        }
        let child = child
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // An interruption from the terminal must reach only this process, which then ends the child.
            .process_group(0)
            .spawn()?;
        let id = Pid::from_child(&child);
        guard::protect(id.as_raw_nonzero().get());
        Ok((Self { id, end: pidfd_open(id, PidfdFlags::empty()).ok() }, child))
    }

    pub(super) fn end(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(AsFd::as_fd)
    }

    /// Whether the child has ended. It is not reaped.
    ///
    /// # Errors
    /// If something else in this process has reaped it.
    pub(super) fn has_ended(&self) -> io::Result<bool> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        match waitid(WaitId::Pid(self.id), look) {
            Ok(ended) => Ok(ended.is_some()),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a signal to the whole group. It is not an error if no process is left.
    pub(super) fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.id, signal);
    }

    /// Kills the rest of the group and reaps the child. Then its number is free for other processes.
    /// Returns what the child used, or nothing if it has not ended.
    pub(super) fn reap(&self) -> Usage {
        // Processes that the child left behind would hold its output open and use the CPUs. If something
        // else has reaped the child, the number of its group may belong to another group by now.
        if self.has_ended().is_ok() {
            self.signal(Signal::KILL);
        }
        guard::forget();
        let mut status = 0;
        // SAFETY: all bytes zero are a valid value of this plain struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let id = self.id.as_raw_nonzero().get();
        // SAFETY: both pointers lead to values of these types, and nothing else waits for the child.
        let reaped = unsafe { libc::wait4(id, &raw mut status, libc::WNOHANG, &raw mut usage) };
        if reaped != id {
            return Usage::default();
        }
        Usage {
            status: ExitStatus::from_raw(status),
            cpu_seconds: cpu_seconds(&usage),
            context_switches: context_switches(&usage),
        }
    }
}
