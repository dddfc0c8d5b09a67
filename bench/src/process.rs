//! A child process that is measured: started fresh, pinned, timed out, and asked afterwards what it
//! used. Nothing of this process runs meanwhile but a look at the clock ten times a second.

use crate::results::ContextSwitches;
use anyhow::anyhow;
use libpi::cpus::CpuMask;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The most that is read of a child's output.
pub(crate) const LONGEST_OUTPUT: usize = 1 << 24;

/// Between two looks at whether the time is over or somebody has interrupted.
const LOOK: Duration = Duration::from_millis(100);

/// How long a child may take to end once it was asked to, and its output to close once it has.
const GRACE: Duration = Duration::from_secs(2);

/// What is set when somebody interrupts this process, instead of ending it: a child, which is of a
/// group of its own, would live on.
pub(crate) fn watch_for_interruption() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| anyhow!("cannot watch for signals: {error}"))?;
    }
    Ok(interrupted)
}

/// What to start, and how.
pub(crate) struct Task<'a> {
    pub(crate) command: &'a [String],
    pub(crate) input: &'a str,
    /// The CPUs on which it may run; none for those of this process.
    pub(crate) cpus: Option<&'a CpuMask>,
    pub(crate) timeout: Duration,
    /// Set by a signal: the child is then ended.
    pub(crate) interrupted: &'a AtomicBool,
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Exited(ExitStatus),
    TimedOut,
    Interrupted,
}

/// What a child left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// Seconds from its start to its end.
    pub(crate) seconds: f64,
    /// CPU time of it and of all its children that ended before it.
    pub(crate) cpu_seconds: f64,
    pub(crate) context_switches: ContextSwitches,
    /// Share of the CPUs' time that neither it nor this process used, nor was idle.
    pub(crate) foreign_cpu_share: Option<f64>,
}

impl Task<'_> {
    /// Runs it to its end.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn run(&self) -> io::Result<Outcome> {
        let cpus = self.cpus.copied().unwrap_or_else(CpuMask::of_this_thread);
        let busy = BusyTime::start(&cpus);
        let begin = Instant::now();
        let mut child = self.spawn()?;
        let id = child.id().cast_signed();
        let stdin = child.stdin.take();
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        // A child that has no use for its input may have closed it: that is its business.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(self.input.as_bytes());
        }
        let ended = wait_for(id);
        let (reaped, ending) = self.until_it_ends(id, &ended, begin);
        let seconds = begin.elapsed().as_secs_f64();
        let usage = reaped.unwrap_or_default();
        let foreign_cpu_share =
            busy.and_then(|busy| busy.foreign_share(seconds, usage.cpu_seconds));
        // What it may have left behind would hold its output open, and use the CPUs.
        signal(id, libc::SIGKILL);
        let deadline = Instant::now() + GRACE;
        Ok(Outcome {
            ending,
            stdout: until(deadline, &stdout),
            stderr: String::from_utf8_lossy(&until(deadline, &stderr)).into_owned(),
            seconds,
            cpu_seconds: usage.cpu_seconds,
            context_switches: usage.context_switches,
            foreign_cpu_share,
        })
    }

    /// A child inherits the mask of the thread that starts it.
    fn spawn(&self) -> io::Result<std::process::Child> {
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Of its own, so that it can be ended with its children, and an interruption from the
            // terminal is for us to handle.
            .process_group(0);
        let Some(cpus) = self.cpus else {
            return command.spawn();
        };
        let own = CpuMask::of_this_thread();
        cpus.apply_to_this_thread()?;
        let child = command.spawn();
        own.apply_to_this_thread()?;
        child
    }

    fn until_it_ends(
        &self,
        id: i32,
        ended: &Receiver<Usage>,
        begin: Instant,
    ) -> (Option<Usage>, Ending) {
        let ending = loop {
            match ended.recv_timeout(LOOK) {
                Ok(usage) => return (Some(usage), Ending::Exited(usage.status)),
                Err(RecvTimeoutError::Disconnected) => break Ending::TimedOut,
                Err(RecvTimeoutError::Timeout) if self.interrupted.load(Ordering::Relaxed) => {
                    break Ending::Interrupted;
                }
                Err(RecvTimeoutError::Timeout) if begin.elapsed() > self.timeout => {
                    break Ending::TimedOut;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        // Asked first: a launcher ends its ranks then.
        signal(id, libc::SIGTERM);
        let usage = ended.recv_timeout(GRACE).ok().or_else(|| {
            signal(id, libc::SIGKILL);
            ended.recv_timeout(GRACE).ok()
        });
        (usage, ending)
    }
}

/// Sends a signal to a child and all of its group; that none is left is no error.
fn signal(child: i32, signal: i32) {
    // SAFETY: no memory is involved; the group is the child's own.
    unsafe { libc::kill(-child, signal) };
}

/// Reads a stream in a thread of its own, and sends what comes as it comes.
fn collect(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let Some(stream) = stream else { return };
        let mut stream = BufReader::new(stream.take(LONGEST_OUTPUT as u64));
        // What was read before an error is what there is.
        loop {
            let bytes = match stream.fill_buf() {
                Ok(bytes @ [_, ..]) => bytes.to_vec(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                _ => break,
            };
            stream.consume(bytes.len());
            if sender.send(bytes).is_err() {
                break;
            }
        }
    });
    receiver
}

/// What a stream brought before it was closed, or before the deadline: a process that the child left
/// behind, out of our reach, may hold it open for ever.
fn until(deadline: Instant, stream: &Receiver<Vec<u8>>) -> Vec<u8> {
    let left = || deadline.saturating_duration_since(Instant::now());
    std::iter::from_fn(|| stream.recv_timeout(left()).ok()).flatten().collect()
}

/// What a child used, when it has ended.
#[derive(Debug, Clone, Copy, Default)]
struct Usage {
    status: ExitStatus,
    cpu_seconds: f64,
    context_switches: ContextSwitches,
}

/// Waits in a thread of its own.
fn wait_for(child: i32) -> Receiver<Usage> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut status = 0;
        // SAFETY: all bytes zero are a valid value of this plain struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        loop {
            // SAFETY: both pointers are to values of these types, and nobody else waits for it.
            let waited = unsafe { libc::wait4(child, &raw mut status, 0, &raw mut usage) };
            if waited == child {
                break;
            }
            if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                return;
            }
        }
        let _ = sender.send(Usage {
            status: ExitStatus::from_raw(status),
            cpu_seconds: cpu_seconds(&usage),
            context_switches: context_switches(&usage),
        });
    });
    receiver
}

fn cpu_seconds(usage: &libc::rusage) -> f64 {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

fn context_switches(usage: &libc::rusage) -> ContextSwitches {
    ContextSwitches {
        voluntary: usage.ru_nvcsw.cast_unsigned(),
        involuntary: usage.ru_nivcsw.cast_unsigned(),
    }
}

/// CPU seconds and context switches of this process until now.
pub(crate) fn used_here() -> (f64, ContextSwitches) {
    // SAFETY: all bytes zero are a valid value of this plain struct, which the call fills.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    (cpu_seconds(&usage), context_switches(&usage))
}

/// Time that some CPUs were not idle, from a moment on.
struct BusyTime {
    cpus: CpuMask,
    idle: f64,
    own: f64,
}

impl BusyTime {
    fn start(cpus: &CpuMask) -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        Some(Self { cpus: *cpus, idle: idle_seconds(&stat, cpus)?, own: used_here().0 })
    }

    /// What others took since, when a child has used so much. Time stolen from a virtual machine
    /// is among it.
    fn foreign_share(&self, seconds: f64, child: f64) -> Option<f64> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let idle = idle_seconds(&stat, &self.cpus)? - self.idle;
        let own = used_here().0 - self.own;
        let all = seconds * f64::from(self.cpus.count());
        Some(((all - idle - own - child) / all).max(0.0))
    }
}

/// Seconds that these CPUs have been idle, or waited for a disk with nothing else to do.
fn idle_seconds(stat: &str, cpus: &CpuMask) -> Option<f64> {
    // SAFETY: no memory is involved.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let mut ticks = 0;
    for cpu in cpus.cpus() {
        let name = format!("cpu{cpu} ");
        let line = stat.lines().find_map(|line| line.strip_prefix(&name))?;
        let mut fields = line.split_whitespace().skip(3).map(str::parse::<u64>);
        ticks += fields.next()?.ok()? + fields.next()?.ok()?;
    }
    Some(ticks as f64 / per_second)
}

/// Whether a foreign share is too large. Idle time is told in ticks of a hundredth of a second, so
/// one at each end says nothing: of a short process less is seen, and below 20 ms nothing.
pub(crate) fn is_disturbed(foreign_share: f64, seconds: f64) -> bool {
    const MOST: f64 = 0.01;
    const TWO_TICKS: f64 = 0.02;
    foreign_share > MOST + TWO_TICKS / seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, timeout: Duration) -> Outcome {
        let command = ["sh", "-c", script].map(str::to_owned);
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
    fn a_child_is_fed_read_and_asked_what_it_used() {
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
    fn a_hanging_child_is_ended_with_its_children() {
        let outcome = run("echo begun; sleep 1000 & sleep 1000", Duration::from_millis(300));
        assert_eq!(outcome.ending, Ending::TimedOut);
        // Its output is whole only if all who held it are gone.
        assert_eq!(outcome.stdout, b"begun\n");
    }

    #[test]
    fn a_child_that_leaves_a_process_behind_is_not_waited_for() {
        let outcome = run("sleep 1000 & echo done", LONG);
        assert!(matches!(outcome.ending, Ending::Exited(status) if status.success()));
        assert_eq!(outcome.stdout, b"done\n");
    }

    /// It left the group, so that it is not ended with it, and holds both streams.
    #[test]
    fn what_was_said_is_kept_though_a_process_left_behind_holds_the_output() {
        let left = "exec 3>&1; pid=$(setsid sh -c 'echo $$; exec sleep 1000 >&3' &)";
        let outcome = run(&format!("{left}; echo done; echo $pid >&2"), LONG);
        let pid = outcome.stderr.trim().parse().expect("the number of the process");
        // SAFETY: no memory is involved; the process is the script's own.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0, "it was still there");
        assert!(matches!(outcome.ending, Ending::Exited(status) if status.success()));
        assert_eq!(outcome.stdout, b"done\n");
    }

    #[test]
    fn idle_time_is_that_of_the_cpus_asked_for() {
        let stat = "cpu  9 9 9 9 9\ncpu0 1 2 3 400 50 7\ncpu1 1 2 3 1000 0 7\ncpu10 1 1 1 9 9 9\n";
        let idle = |cpus: &[usize]| idle_seconds(stat, &cpus.iter().copied().collect());
        assert_eq!(idle(&[0]), Some(4.5));
        assert_eq!(idle(&[0, 1]), Some(14.5));
        assert_eq!(idle(&[2]), None);
    }

    #[test]
    fn two_ticks_are_no_disturbance() {
        assert!(!is_disturbed(0.15, 0.1));
        assert!(is_disturbed(0.25, 0.1));
        assert!(!is_disturbed(0.010, 100.0));
        assert!(is_disturbed(0.012, 100.0));
    }
}
