//! One request to one runner in a fresh process, and the judgement of what came back.

use crate::hits::Hits;
use crate::kind::Kind;
use crate::process::{Ending, Failure, LONGEST_OUTPUT, Outcome, Task, Unpinnable};
use crate::protocol::{Answer, Request, error, parse_answer, shortened};
use crate::results::{BlockError, ErrorKind};
use libpi::cpus::CpuMask;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A request, and how to put it.
pub(crate) struct Measurement<'a> {
    pub(crate) command: &'a [OsString],
    /// The request as the runner gets it.
    pub(crate) input: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) hits: Hits,
    pub(crate) cpus: Option<&'a CpuMask>,
    pub(crate) timeout: Duration,
    pub(crate) interrupted: &'a AtomicBool,
}

/// What a process used, if it started, and its answer or what is wrong with it.
pub(crate) type Measured = (Option<Outcome>, Result<Answer, BlockError>);

impl Measurement<'_> {
    /// Starts the runner and judges what it does: what the process used, if it started, and its
    /// answer or what is wrong. Nothing at all if somebody interrupted.
    ///
    /// # Errors
    /// If it cannot be pinned: nor can any other.
    pub(crate) fn run(&self) -> Result<Option<Measured>, Unpinnable> {
        let task = Task {
            command: self.command,
            input: self.input,
            cpus: self.cpus,
            timeout: self.timeout,
            interrupted: self.interrupted,
        };
        Ok(match task.run() {
            Err(Failure::Pin(why)) => return Err(why),
            Err(why) => Some((None, Err(error(ErrorKind::Launch, why.to_string())))),
            Ok(outcome) if outcome.ending == Ending::Interrupted => None,
            Ok(outcome) => {
                let verdict = self.judge(&outcome);
                Some((Some(outcome), verdict))
            }
        })
    }

    fn judge(&self, outcome: &Outcome) -> Result<Answer, BlockError> {
        judge_ending(outcome, self.timeout)?;
        let answer = parse_answer(&outcome.stdout, self.request.runs)?;
        let timed: f64 = answer.runs.iter().map(|run| run.seconds).sum();
        if timed > outcome.seconds {
            return Err(error(
                ErrorKind::Protocol,
                format!(
                    "its runs are said to have taken {timed:.6} s, but the whole process took {:.6} s",
                    outcome.seconds
                ),
            ));
        }
        self.judge_ranks(answer.info.get("ranks").map(String::as_str))?;
        let kind = Kind::of(&self.request.generator);
        for (number, run) in (1..).zip(&answer.runs) {
            if let Some(wrong) = self.hits.fault(kind, run.hits, self.request.count) {
                let message = format!("run {number} counted {} hits{wrong}", run.hits);
                return Err(error(ErrorKind::WrongHits, message));
            }
        }
        Ok(answer)
    }

    /// A launcher that does not fit the MPI of the runner starts it several times, each alone, or
    /// starts fewer: then what counts is not what was asked for.
    fn judge_ranks(&self, said: Option<&str>) -> Result<(), BlockError> {
        let asked = self.request.ranks;
        let wrong = match said {
            None if asked > 1 => {
                format!("{asked} ranks were started, and there is no line `info ranks {asked}`")
            }
            Some(said) if said != asked.to_string() => {
                let said = shortened(said);
                format!("{asked} ranks were started, and it counted with {said}")
            }
            _ => return Ok(()),
        };
        Err(error(ErrorKind::Protocol, wrong))
    }
}

/// What is wrong with how the process ended, if anything is.
pub(crate) fn judge_ending(outcome: &Outcome, timeout: Duration) -> Result<(), BlockError> {
    if outcome.stdout.len() >= LONGEST_OUTPUT {
        return Err(error(ErrorKind::Noise, "it prints without end"));
    }
    let status = match outcome.ending {
        Ending::Exited(status) if status.success() => return Ok(()),
        Ending::Exited(status) => status,
        Ending::TimedOut | Ending::Interrupted => {
            let message =
                format!("it did not end within {} s and was killed", timeout.as_secs_f64());
            return Err(error(ErrorKind::Timeout, message));
        }
    };
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
    };
    Err(error(ErrorKind::Crash, format!("{how}: {}", outcome.complaint())))
}
