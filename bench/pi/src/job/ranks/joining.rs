//! How a rank joins an MPI job: the checks before, the time limit, and the messages of a rank that
//! cannot join.

use super::launcher::Launcher;
use super::variable::{Variable, own_variable};
use super::world::World;
use crate::failure::{FAILED, USAGE};
use crate::output;
use pi_harness::shown::readable;
use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::Duration;

/// How long a rank waits for the others by default.
const LIMIT: Duration = Duration::from_secs(60);

/// The variable that sets the time limit if the option does not.
const JOIN_TIMEOUT: &str = "LIBPI_JOIN_TIMEOUT";

/// How long this rank waits for the others: the option, or the variable, or a minute.
///
/// # Errors
/// If the variable's value is not a time, even if the option overrides it.
pub(super) fn limit(option: Option<Duration>, variable: impl Variable) -> Result<Duration, String> {
    let Some(value) = variable(JOIN_TIMEOUT).filter(|value| !value.is_empty()) else {
        return Ok(option.unwrap_or(LIMIT));
    };
    let time = parse_limit(&value.to_string_lossy())
        .map_err(|problem| format!("{JOIN_TIMEOUT}={}: {problem}", readable(&value)))?;
    Ok(option.unwrap_or(time))
}

/// A time to wait, such as 90s or 5min.
pub(crate) fn parse_limit(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| "it must be a time longer than zero, such as 90s or 5min".to_owned())
}

/// Joins the other ranks of the launcher's job. If they do not all join in time, this function says so
/// and ends the process.
///
/// # Errors
/// If MPI cannot reach the other ranks.
pub(super) fn join(launcher: &Launcher, limit: Duration) -> Result<World, Unusable> {
    let unusable = |reason| Unusable { launcher: launcher.clone(), reason };
    let library = World::library();
    launcher.check_contact(library.as_deref(), own_variable).map_err(unusable)?;
    let waiting = Waiting::start(launcher, limit).map_err(unusable)?;
    let world = World::start();
    waiting.end();
    let world = world.map_err(unusable)?;
    if world.all.size() != launcher.size {
        return Err(unusable(format!(
            "{}, to which it is linked, knows of {}: the launcher belongs to another MPI; use its \
             own mpiexec (srun: another --mpi), or build pi with the launcher's mpicc",
            library.unwrap_or_default(),
            world.all.size()
        )));
    }
    Ok(world)
}

/// The time in which this rank waits in MPI for the others. It explains two ends of the process: MPI
/// did not return in time, or MPI called exit.
struct Waiting {
    // The watching thread stops when this is dropped.
    others: Sender<()>,
    watch: thread::JoinHandle<()>,
}

/// The message in case MPI calls exit while this rank waits.
static ENDED_BY_MPI: Mutex<Option<Unusable>> = Mutex::new(None);

impl Waiting {
    fn start(launcher: &Launcher, limit: Duration) -> Result<Self, String> {
        let ended = Unusable {
            launcher: launcher.clone(),
            reason: "MPI ended this process instead of joining it to the others".to_owned(),
        };
        *ENDED_BY_MPI.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        // SAFETY: the function takes no arguments and lives as long as the process.
        unsafe { libc::atexit(say_that_mpi_ended_it) };
        let late = Unusable {
            launcher: launcher.clone(),
            reason: format!(
                "not all of them joined within {}: every rank must start pi with the same \
                 arguments; --join-timeout (or {JOIN_TIMEOUT}) waits longer",
                humantime::format_duration(limit)
            ),
        };
        let (others, joined) = channel::<()>();
        let patience = limit.saturating_add(late.turn());
        let watch = move || {
            if joined.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                late.end_process(FAILED);
            }
        };
        let watch = thread::Builder::new().spawn(watch);
        let watch = watch.map_err(|error| format!("it could not start a thread: {error}"))?;
        Ok(Self { others, watch })
    }

    fn end(self) {
        drop(self.others);
        // `pi runner` reports how many threads are alive, so this one must be gone.
        let _ = self.watch.join();
        *ENDED_BY_MPI.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// MPI libraries that cannot start print their reasons and call exit, which calls this.
extern "C" fn say_that_mpi_ended_it() {
    let ended = ENDED_BY_MPI.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(ended) = ended {
        sleep(ended.turn());
        ended.end_process(USAGE);
    }
}

/// Why the ranks that a launcher started cannot work together.
#[derive(Debug)]
pub(crate) struct Unusable {
    launcher: Launcher,
    reason: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { launcher, reason } = self;
        // Rank 0 may be another build that has no error.
        if launcher.rank > 0 {
            write!(f, "rank {}: ", launcher.rank)?;
        }
        write!(f, "{}, but {reason}; {}", launcher.started(), launcher.if_left_over())
    }
}

impl Unusable {
    /// How long this rank waits for a lower rank with the same error to end the job.
    fn turn(&self) -> Duration {
        turn(&self.launcher)
    }

    /// Prints the reason and ends the job. Returns the exit code.
    pub(super) fn end_job(&self, code: u8) -> u8 {
        fail(&self.launcher, || {
            output::say(format_args!("error: {self}"));
            code
        })
    }

    /// Prints the reason and ends the job and this process, whose main thread may be stuck in MPI.
    fn end_process(&self, code: u8) -> ! {
        output::say(format_args!("error: {self}"));
        self.launcher.end_job(code, own_variable);
        // At once, without the handlers of MPI.
        signal_hook::low_level::exit(code.into())
    }
}

/// Prints an error of a rank that has not joined, and ends the job. Other ranks may have the same
/// error.
pub(super) fn fail(launcher: &Launcher, say: impl FnOnce() -> u8) -> u8 {
    let code = in_turn(launcher, say);
    launcher.end_job(code, own_variable);
    code
}

/// Prints an error that other ranks may have too. The rank waits first, so that a lower rank can print
/// the error and end the job.
pub(super) fn in_turn<T>(launcher: &Launcher, say: impl FnOnce() -> T) -> T {
    sleep(turn(launcher));
    say()
}

/// How long this rank waits before it prints an error, so that only the lowest rank with the error
/// prints it. Without a living launcher nothing ends the job, and the rank does not wait.
fn turn(launcher: &Launcher) -> Duration {
    if launcher.is_alive { wait_for_lower(launcher.rank) } else { Duration::ZERO }
}

/// The time that a launcher needs to end the job after the error of a lower rank. Open MPI takes about
/// a second, and more on a busy machine.
pub(super) fn wait_for_lower(rank: u32) -> Duration {
    Duration::from_secs(4) * rank.min(2)
}
