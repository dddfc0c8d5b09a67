//! The way into an MPI job: what is checked before, how long the others are waited for, and how a rank
//! that cannot join says so.

use super::launcher::{Launcher, Variable, own_variable};
use super::world::World;
use crate::failure::{FAILED, USAGE};
use crate::output;
use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::Duration;

/// How long the other ranks are waited for where nobody says how long.
const LIMIT: Duration = Duration::from_secs(60);

/// The variable that says how long where no option does.
const JOIN_TIMEOUT: &str = "LIBPI_JOIN_TIMEOUT";

/// How long the others are to be waited for: the option, else the variable, else a minute.
///
/// # Errors
/// If the variable's value is no time, even where nothing depends on it.
pub(super) fn limit(option: Option<Duration>, variable: impl Variable) -> Result<Duration, String> {
    let Some(value) = variable(JOIN_TIMEOUT).filter(|value| !value.is_empty()) else {
        return Ok(option.unwrap_or(LIMIT));
    };
    let time = parse_limit(&value.to_string_lossy())
        .map_err(|problem| format!("{JOIN_TIMEOUT}={}: {problem}", value.display()))?;
    Ok(option.unwrap_or(time))
}

/// A time to wait, such as 90s or 5min.
pub(crate) fn parse_limit(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| "it must be a time of more than nothing, such as 90s or 5min".to_owned())
}

/// Joins the others, whom the launcher has started.
///
/// # Errors
/// If they cannot be reached. If they do not come in time, the process ends.
pub(super) fn join(launcher: &Launcher, limit: Duration) -> Result<World, Unusable> {
    let unusable = |reason| Unusable { launcher: launcher.clone(), reason };
    let library = World::library();
    launcher.check_contact(library.as_deref(), own_variable).map_err(unusable)?;
    let waiting = Waiting::start(launcher, limit).map_err(unusable)?;
    let world = World::start();
    waiting.end();
    let world = world.map_err(unusable)?;
    if world.size() != launcher.size {
        return Err(unusable(format!(
            "{}, to which it is linked, knows of {}: the launcher belongs to another MPI; use its \
             own mpiexec (srun: another --mpi), or build pi with the launcher's mpicc",
            library.unwrap_or_default(),
            world.size()
        )));
    }
    Ok(world)
}

/// Ends the process if MPI does not come back, or itself ends the process.
struct Waiting {
    // Dropped to say that MPI has come back.
    others: Sender<()>,
    watch: thread::JoinHandle<()>,
}

/// What to say if MPI ends the process while it is waited for.
static ENDED_BY_MPI: Mutex<Option<Unusable>> = Mutex::new(None);

impl Waiting {
    fn start(launcher: &Launcher, limit: Duration) -> Result<Self, String> {
        let ended = Unusable {
            launcher: launcher.clone(),
            reason: "MPI ended this one instead of joining it to the others".to_owned(),
        };
        *ENDED_BY_MPI.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        // SAFETY: the function takes nothing, and is there as long as the process.
        unsafe { libc::atexit(say_that_mpi_ended_it) };
        let late = Unusable {
            launcher: launcher.clone(),
            reason: format!(
                "not all of them came together within {}: each rank must start pi, with the same \
                 arguments; --join-timeout (or {JOIN_TIMEOUT}) waits longer",
                humantime::format_duration(limit)
            ),
        };
        let (others, come) = channel();
        let patience = limit.saturating_add(late.turn());
        let watch = move || {
            if come.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                late.end_process(FAILED);
            }
        };
        let watch = thread::Builder::new().spawn(watch);
        let watch = watch.map_err(|error| format!("it could not start a thread: {error}"))?;
        Ok(Self { others, watch })
    }

    fn end(self) {
        drop(self.others);
        // A thread that waited would be counted among those that count.
        let _ = self.watch.join();
        *ENDED_BY_MPI.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// An MPI library that cannot start says why and calls exit.
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
        // Rank 0 may be of another build, and well.
        if launcher.rank > 0 {
            write!(f, "rank {}: ", launcher.rank)?;
        }
        write!(f, "{}, but {reason}; {}", launcher.started(), launcher.if_left_over())
    }
}

impl Unusable {
    /// How long this rank waits for a lower one with the same error to end the job.
    fn turn(&self) -> Duration {
        turn(&self.launcher)
    }

    /// Says it, and ends the job. Returns the exit code.
    pub(super) fn end_job(&self, code: u8) -> u8 {
        fail(&self.launcher, || {
            output::say(format_args!("error: {self}"));
            code
        })
    }

    /// Says it, and ends this process while MPI still holds it, and with it the job.
    fn end_process(&self, code: u8) -> ! {
        output::say(format_args!("error: {self}"));
        self.launcher.end_job(code, own_variable);
        // SAFETY: it ends the process without asking MPI, which may never answer.
        unsafe { libc::_exit(code.into()) }
    }
}

/// Says an error before the ranks have joined, which others may have too or know nothing of, and ends
/// the job.
pub(super) fn fail(launcher: &Launcher, say: impl FnOnce() -> u8) -> u8 {
    let code = in_turn(launcher, say);
    launcher.end_job(code, own_variable);
    code
}

/// Says what others may say too, unless the first that does has ended the job by then.
pub(super) fn in_turn<T>(launcher: &Launcher, say: impl FnOnce() -> T) -> T {
    sleep(turn(launcher));
    say()
}

/// How long this rank waits with an error so that of several that have it the lowest says it. Where
/// no launcher is there, nobody would end the job, and there is nothing to wait for.
fn turn(launcher: &Launcher) -> Duration {
    if launcher.is_in_contact { wait_for_lower(launcher.rank) } else { Duration::ZERO }
}

/// The time in which the launcher has ended the job after the error of a lower rank: Open MPI takes a
/// second or so, on a busy machine more.
pub(super) fn wait_for_lower(rank: u32) -> Duration {
    Duration::from_secs(4) * rank.min(2)
}
