//! The state of this process that a library should leave as it was.

use super::floating_point;
use crate::calls::{Left, Trace};
use libpi::cpus::CpuMask;
use pi_harness::shown::{readable, shortened};
use rustix::process::{Pid, Signal, WaitOptions, getpgid, kill_process, waitpid};
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs;
use std::mem::zeroed;
use std::path::Path;
use std::ptr::null;
use std::thread;
use std::time::Duration;

/// Linux has the signals 1 to 64.
const SIGNALS: std::ops::RangeInclusive<i32> = 1..=64;

/// The most processes between this one and one that a kernel has left behind.
const MOST_GENERATIONS: usize = 16;

/// Everything that is compared: what it is, its name, its value in words.
pub(super) struct State(BTreeMap<(Trace, String), String>);

impl State {
    pub(super) fn now() -> Self {
        let mut state = Self(BTreeMap::new());
        state.note(Trace::Threads, "the number of threads", threads().len());
        state.note_processes();
        state.note_signals();
        for (mode, value) in floating_point::modes() {
            state.note(Trace::FloatingPoint, mode, value);
        }
        state.note(Trace::Locale, "the locale", locale());
        let folder = std::env::current_dir();
        let folder = folder.map_or_else(|why| format!("lost ({why})"), readable);
        state.note(Trace::Folder, "the working folder", folder);
        state.note(Trace::FileMask, "the file mode mask", value_in("/proc/self/status", "Umask:"));
        for (name, value) in std::env::vars_os() {
            let name = format!("the variable {}", readable(name));
            state.note(Trace::Environment, &name, format!("'{}'", readable(value)));
        }
        state.note_files();
        state.note(Trace::Cpus, "the affinity mask", CpuMask::of_this_thread());
        state
    }

    /// What has changed since.
    pub(super) fn left(&self) -> Vec<Left> {
        self.await_ended_threads();
        let now = Self::now();
        let new = now.0.keys().filter(|key| !self.0.contains_key(key));
        let changed = self.0.keys().chain(new).filter(|key| self.0.get(key) != now.0.get(key));
        let said = |value: Option<&String>| value.map_or("absent".to_owned(), |v| shortened(v));
        changed
            .map(|key @ (what, name)| {
                let (before, after) = (said(self.0.get(key)), said(now.0.get(key)));
                let message = format!("{} is {after}, before it was {before}", shortened(name));
                Left { what: *what, message }
            })
            .collect()
    }

    /// The system removes a thread a moment after it was joined.
    fn await_ended_threads(&self) {
        let before = self.0.keys().find(|(what, _)| *what == Trace::Threads);
        let before = before.map(|key| &self.0[key]);
        wait(20, Duration::from_millis(1), || before == Some(&threads().len().to_string()));
    }

    fn note(&mut self, what: Trace, name: &str, value: impl ToString) {
        self.0.insert((what, name.to_owned()), value.to_string());
    }

    /// The child processes, also those that have ended and were not waited for.
    fn note_processes(&mut self) {
        for process in children() {
            let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            self.note(Trace::Processes, &format!("the process {process}"), name.trim());
        }
    }

    fn note_signals(&mut self) {
        // SAFETY: all bytes zero are a valid set, which the call fills.
        let mut blocked: libc::sigset_t = unsafe { zeroed() };
        // SAFETY: no new set is given, and the old one is written to this variable.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, null(), &raw mut blocked) };
        for signal in SIGNALS {
            let name = signal_name(signal);
            self.note(Trace::SignalHandlers, &format!("the action for {name}"), action(signal));
            // SAFETY: the set is valid, and so is the number.
            let is_blocked = unsafe { libc::sigismember(&raw const blocked, signal) } == 1;
            let value = if is_blocked { "blocked" } else { "not blocked" };
            self.note(Trace::SignalMask, &format!("the signal {name}"), value);
        }
    }

    fn note_files(&mut self) {
        for descriptor in names_in("/proc/self/fd") {
            // The descriptor with which the folder was read is closed.
            if let Ok(file) = fs::read_link(format!("/proc/self/fd/{descriptor}")) {
                let name = format!("the file descriptor {descriptor}");
                self.note(Trace::OpenFiles, &name, readable(file));
            }
        }
    }
}

/// The memory of this process that is in use. The file `status` has it too, but only about.
pub(super) fn resident_bytes() -> u64 {
    let kilobytes = value_in("/proc/self/smaps_rollup", "Rss:");
    let number = kilobytes.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
    1024 * number.unwrap_or_default()
}

/// Waits for forks of this process that run the same program in its group: one may have returned from the
/// kernel, and says so before it ends.
pub(super) fn await_forks() {
    let own = (getpgid(None), fs::read_link("/proc/self/exe").ok());
    let is_fork = |child: &String| {
        let group = getpgid(child.parse().ok().and_then(Pid::from_raw));
        // A process that has ended has no program.
        fs::read_link(format!("/proc/{child}/exe")).is_ok_and(|exe| (group, Some(exe)) == own)
    };
    wait(100, Duration::from_millis(5), || !children().iter().any(is_fork));
}

/// Waits until something holds, but for no more pauses than these.
fn wait(pauses: u32, pause: Duration, holds: impl Fn() -> bool) {
    for _ in 0..pauses {
        if holds() {
            break;
        }
        thread::sleep(pause);
    }
}

/// Ends the child processes that have left the group of this process. The others are ended with it, and may
/// have something to say before. The children of a child that has ended become children of this process.
pub(super) fn end_strays() {
    let own = getpgid(None);
    let is_stray = |child: &Pid| getpgid(Some(*child)) != own;
    for _ in 0..MOST_GENERATIONS {
        let children =
            children().into_iter().filter_map(|child| Pid::from_raw(child.parse().ok()?));
        let strays: Vec<Pid> = children.filter(is_stray).collect();
        if strays.is_empty() {
            break;
        }
        for child in strays {
            // A child that has ended is only reaped.
            let _ = kill_process(child, Signal::KILL);
            let _ = waitpid(Some(child), WaitOptions::empty());
        }
    }
}

/// The child processes.
fn children() -> Vec<String> {
    let of_thread = |thread| {
        let file = format!("/proc/self/task/{thread}/children");
        fs::read_to_string(file).unwrap_or_default()
    };
    let children: String = threads().into_iter().map(of_thread).collect();
    children.split_whitespace().map(str::to_owned).collect()
}

fn threads() -> Vec<String> {
    names_in("/proc/self/task")
}

fn names_in(folder: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| readable(entry.file_name())).collect()
}

/// The value of a line in one of the system's files about this process.
fn value_in(file: &str, key: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
}

fn locale() -> String {
    // SAFETY: the call returns a string that is valid until the locale changes, or nothing.
    unsafe {
        let name = libc::setlocale(libc::LC_ALL, null());
        if name.is_null() {
            String::new()
        } else {
            CStr::from_ptr(name).to_string_lossy().into_owned()
        }
    }
}

fn action(signal: i32) -> String {
    // SAFETY: all bytes zero are a valid value of this plain struct, which the call fills.
    let action: libc::sigaction = unsafe {
        let mut action = zeroed();
        libc::sigaction(signal, null(), &raw mut action);
        action
    };
    match action.sa_sigaction {
        libc::SIG_DFL => "the default".to_owned(),
        libc::SIG_IGN => "to ignore it".to_owned(),
        function => format!("the function at {function:#x}, flags {:#x}", action.sa_flags),
    }
}

fn signal_name(signal: i32) -> String {
    match signal_hook::low_level::signal_name(signal) {
        Some(name) => name.to_owned(),
        None => signal.to_string(),
    }
}
