//! A child process that is measured. It is started, pinned and ended after a time limit, and then its use
//! of the CPU is read. While it runs, this process only looks at the clock ten times a second.

use super::busy::BusyTime;
use super::child::Child;
use super::pin::{Unpinnable, on_cpus};
use super::streams::Streams;
use super::watch::Watch;
use crate::results::ContextSwitches;
use crate::shown::readable;
use crate::shown::shortened;
use libpi::cpus::CpuMask;
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The time between two checks for the time limit and an interruption.
const LOOK: Duration = Duration::from_millis(100);

/// The time between two checks if the system cannot wake this process at the end of a child.
const CLOSE_LOOK: Duration = Duration::from_millis(5);

/// The time that a child has to end after a signal, and the time that its output has to close after its
/// end.
const GRACE: Duration = Duration::from_secs(2);

/// What to start, and how.
pub struct Task<'a> {
    pub command: &'a [OsString],
    pub input: &'a str,
    /// The CPUs on which it may run. Without, it may run on those of this process.
    pub cpus: Option<&'a CpuMask>,
    pub timeout: Duration,
    /// A flag that a signal sets: the child is then ended.
    pub interrupted: &'a AtomicBool,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exited(ExitStatus),
    TimedOut,
    Interrupted,
}

/// Why a child has no outcome.
#[derive(Debug)]
pub enum Failure {
    Pin(Unpinnable),
    Start { program: String, why: io::Error },
    Wait { program: String, why: io::Error },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(why) => why.fmt(f),
            Self::Start { program, why } => {
                write!(f, "could not start {program}: {why}{}", mend(why))
            }
            Self::Wait { program, why } => {
                write!(f, "could not wait for the end of {program}: {why}")
            }
        }
    }
}

/// What to do if the system has no room for another process.
fn mend(why: &io::Error) -> &'static str {
    match why.raw_os_error() {
        Some(libc::EAGAIN) => "; end others, or raise the limit of processes (ulimit -u)",
        Some(libc::ENOMEM) => "; free memory, or raise its limit (ulimit -v)",
        _ => "",
    }
}

/// The outcome of a child.
#[derive(Debug)]
pub struct Outcome {
    pub ending: Ending,
    pub stdout: Vec<u8>,
    pub stderr: String,
    /// Seconds from its start to its end.
    pub seconds: f64,
    /// Whether this process was stopped, or the machine suspended, while the child ran.
    pub was_paused: bool,
    /// CPU time of the child and of its children that ended before it.
    pub cpu_seconds: f64,
    pub context_switches: ContextSwitches,
    /// The part of the CPUs' time that was neither idle nor used by the child or this process.
    pub foreign_cpu_share: Option<f64>,
}

impl Outcome {
    /// The messages of the child on one line: those on stderr, or else on stdout. Of many lines it takes
    /// the first and the last, because the cause tends to be among them. A line that several ranks print
    /// occurs once. Lines without words, such as frames, are left out.
    pub fn complaint(&self) -> String {
        let said = in_few_words(&self.stderr);
        if !said.is_empty() {
            return said;
        }
        match in_few_words(&String::from_utf8_lossy(&self.stdout)).as_str() {
            "" => "nothing on stderr".to_owned(),
            said => format!("nothing on stderr; on stdout: {said}"),
        }
    }
}

fn in_few_words(text: &str) -> String {
    const FIRST: usize = 8;
    const LAST: usize = 4;
    let has_words = |line: &&str| line.chars().any(char::is_alphanumeric);
    let mut said = BTreeSet::new();
    let lines = text.lines().map(str::trim).filter(has_words);
    let lines = lines.filter(|line| said.insert(*line));
    let mut lines: Vec<String> = lines.map(shortened).collect();
    if lines.len() > FIRST + LAST {
        lines.splice(FIRST..lines.len() - LAST, ["…".to_owned()]);
    }
    lines.join(" ")
}

impl Task<'_> {
    /// Runs the child to its end.
    ///
    /// # Errors
    /// If it cannot be started or waited for.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let cpus = self.cpus.copied().unwrap_or_else(CpuMask::of_this_thread);
        let busy = BusyTime::start(&cpus);
        let (watch, begin) = (Watch::start(), Instant::now());
        let (child, streams) = self.start()?;
        let mut running = Running { child, streams, watch };
        let waited = running.until_it_ends(self);
        let seconds = begin.elapsed().as_secs_f64();
        let was_paused = running.watch.was_paused();
        let usage = running.child.reap();
        let foreign_cpu_share =
            busy.and_then(|busy| busy.foreign_share(seconds, usage.cpu_seconds));
        let cut = waited
            .and_then(|cut| running.until_its_output_ends().map(|()| cut))
            .map_err(|why| Failure::Wait { program: self.program(), why })?;
        Ok(Outcome {
            ending: cut.unwrap_or(Ending::Exited(usage.status)),
            stdout: running.streams.stdout.bytes,
            stderr: String::from_utf8_lossy(&running.streams.stderr.bytes).into_owned(),
            seconds,
            was_paused,
            cpu_seconds: usage.cpu_seconds,
            context_switches: usage.context_switches,
            foreign_cpu_share,
        })
    }

    fn start(&self) -> Result<(Child, Streams<'_>), Failure> {
        let start = || Child::start(self.command);
        let started = match self.cpus {
            Some(cpus) => on_cpus(cpus, start).map_err(Failure::Pin)?,
            None => start(),
        };
        let (child, process) =
            started.map_err(|why| Failure::Start { program: self.program(), why })?;
        Ok((child, Streams::of(process, self.input)))
    }

    fn program(&self) -> String {
        readable(&self.command[0])
    }
}

/// A child that has not been reaped.
struct Running<'a> {
    child: Child,
    streams: Streams<'a>,
    watch: Watch,
}

impl Running<'_> {
    /// Waits for the end of the child. Returns why the child was ended, or nothing if it ended by itself.
    fn until_it_ends(&mut self, task: &Task) -> io::Result<Option<Ending>> {
        self.streams.prepare()?;
        let cut = loop {
            // Its end is checked first, because this process may have been paused after the last check.
            if self.child.has_ended()? {
                return Ok(None);
            } else if task.interrupted.load(Ordering::Relaxed) {
                break Ending::Interrupted;
            } else if self.watch.seen() > task.timeout {
                break Ending::TimedOut;
            }
            self.turn()?;
        };
        // TERM comes first, so that a launcher can end its ranks.
        for signal in [Signal::TERM, Signal::KILL] {
            self.child.signal(signal);
            let deadline = self.watch.seen() + GRACE;
            while !self.child.has_ended()? && self.watch.seen() < deadline {
                self.turn()?;
            }
        }
        Ok(Some(cut))
    }

    /// Waits until the output is closed, but not forever: a process that left the group may hold it open.
    fn until_its_output_ends(&mut self) -> io::Result<()> {
        let deadline = self.watch.seen() + GRACE;
        while !self.streams.are_closed() && self.watch.seen() < deadline {
            self.streams.turn(None, LOOK)?;
            self.watch.look(LOOK);
        }
        Ok(())
    }

    fn turn(&mut self) -> io::Result<()> {
        let end = self.child.end();
        let most = if end.is_some() { LOOK } else { CLOSE_LOOK };
        self.streams.turn(end, most)?;
        self.watch.look(most);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Pid, kill_process};

    fn run(script: &str, timeout: Duration) -> Outcome {
        let command = ["sh", "-c", script].map(OsString::from);
        let interrupted = AtomicBool::new(false);
        let cpus = CpuMask::of_this_thread().cpus().take(1).collect();
        let task = Task {
            command: &command,
            input: "hello\n",
            cpus: Some(&cpus),
            timeout,
            interrupted: &interrupted,
        };
        task.run().unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_child_gets_its_input_and_its_output_and_use_are_read() {
        let outcome =
            run("cat; echo told >&2; grep Cpus_allowed_list /proc/self/status; exit 3", LONG);
        assert!(matches!(outcome.ending, Ending::Exited(status) if status.code() == Some(3)));
        let stdout = String::from_utf8(outcome.stdout).unwrap();
        let own = CpuMask::of_this_thread();
        let first: CpuMask = own.cpus().take(1).collect();
        assert_eq!(stdout, format!("hello\nCpus_allowed_list:\t{first}\n"));
        assert_eq!(outcome.stderr, "told\n");
        assert!(outcome.cpu_seconds > 0.0 && outcome.cpu_seconds < 60.0);
        assert!(outcome.context_switches.voluntary > 0);
    }

    #[test]
    fn a_complaint_is_short_and_without_frames() {
        let complaint = |script: &str| run(script, LONG).complaint();
        let framed = "printf '%s\\n' --- ' no slots' '' 'for you' 'no slots' --- >&2";
        assert_eq!(complaint(framed), "no slots for you");
        assert_eq!(complaint("cat >/dev/null; echo --- >&2"), "nothing on stderr");
        let on_stdout = "cat >/dev/null; echo ---; echo no slots; echo --- >&2";
        assert_eq!(complaint(on_stdout), "nothing on stderr; on stdout: no slots");
        assert_eq!(complaint("seq 100 >&2"), "1 2 3 4 5 6 7 8 … 97 98 99 100");
    }

    #[test]
    fn a_hanging_child_is_ended_with_its_children() {
        let outcome = run("echo begun; sleep 1000 & sleep 1000", Duration::from_millis(300));
        assert_eq!(outcome.ending, Ending::TimedOut);
        // The output is closed only when all processes that held it have ended.
        assert_eq!(outcome.stdout, b"begun\n");
    }

    #[test]
    fn a_child_that_leaves_a_process_behind_is_not_waited_for() {
        let outcome = run("sleep 1000 & echo done", LONG);
        assert!(matches!(outcome.ending, Ending::Exited(status) if status.success()));
        assert_eq!(outcome.stdout, b"done\n");
    }

    /// The process left behind is not in the group, so it is not ended, and holds both streams.
    #[test]
    fn output_is_kept_although_a_process_left_behind_holds_it_open() {
        let left = "exec 3>&1; pid=$(setsid sh -c 'echo $$; exec sleep 1000 >&3' &)";
        let outcome = run(&format!("{left}; echo done; echo $pid >&2"), LONG);
        let pid = outcome.stderr.trim().parse().expect("the number of the process");
        let pid = Pid::from_raw(pid).expect("no process has the number 0");
        kill_process(pid, Signal::KILL).expect("it was still there");
        assert!(matches!(outcome.ending, Ending::Exited(status) if status.success()));
        assert_eq!(outcome.stdout, b"done\n");
    }
}
