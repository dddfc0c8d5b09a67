//! Sends one request to one runner in a fresh process, and checks the answer.

use crate::analysis::kind::Kind;
use crate::number::{counted, listed};
use crate::process::{Ending, Failure, LONGEST_OUTPUT, Outcome, Task, Unpinnable};
use crate::protocol::error;
use crate::results::fault::in_time;
use crate::results::{BlockError, ErrorKind};
use crate::session::dealing::{Crowd, crowd};
use crate::session::hits::Hits;
use crate::shown::shortened;
use libpi::BLOCK;
use libpi::cpus::{CpuMask, cpu_list};
use pi_protocol::{Answer, Request};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A request, and how to send it.
pub struct Exchange<'a> {
    pub command: &'a [OsString],
    /// The text of the request, as the runner reads it.
    pub input: &'a str,
    pub request: &'a Request,
    pub hits: Hits,
    pub cpus: Option<&'a CpuMask>,
    pub timeout: Duration,
    pub interrupted: &'a AtomicBool,
}

/// The outcome of a process, if it started, and its answer or an error.
pub type Judged = (Option<Outcome>, Result<Answer, BlockError>);

impl Exchange<'_> {
    /// Starts the runner, waits for its end and checks its answer. Returns nothing after an
    /// interruption.
    ///
    /// # Errors
    /// If the process cannot be pinned. Then no other process can be pinned either.
    pub fn run(&self) -> Result<Option<Judged>, Unpinnable> {
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
        let answer = Answer::parse(&outcome.stdout, self.request.runs)?;
        let timed: f64 = answer.runs.iter().map(|run| run.seconds).sum();
        if timed > outcome.seconds {
            return Err(error(
                ErrorKind::Protocol,
                format!(
                    "its answer says that the runs took {timed:.6} s, but the whole process took {:.6} s",
                    outcome.seconds
                ),
            ));
        }
        let info = answer.joined();
        self.judge_ranks(info.get("ranks").map(String::as_str))?;
        self.judge_threads(info.get("threads").map(String::as_str))?;
        self.judge_cpus(&info)?;
        let kind = Kind::of(&self.request.generator);
        for (number, run) in (1..).zip(&answer.runs) {
            if let Some(wrong) = self.hits.fault(kind, run.hits, self.request.count) {
                let message = format!("run {number} counted {} hits{wrong}", run.hits);
                return Err(error(ErrorKind::WrongHits, message));
            }
            if let Some(wrong) = in_time(run.seconds, self.request.count) {
                return Err(error(ErrorKind::Protocol, format!("run {number}: {wrong}")));
            }
        }
        Ok(answer)
    }

    /// Checks the number of ranks that counted. A launcher of another MPI starts the runner several
    /// times as single processes, or starts fewer.
    fn judge_ranks(&self, said: Option<&str>) -> Result<(), BlockError> {
        let asked = self.request.ranks;
        let wrong = match said {
            None if asked > 1 => {
                format!("{asked} ranks were requested, but there is no line `info ranks {asked}`")
            }
            Some(said) if said != asked.to_string() => {
                let said = shortened(said);
                let asked = counted(asked, "rank");
                format!("the request was for {asked}, but it counted with {said}")
            }
            _ => return Ok(()),
        };
        Err(error(ErrorKind::Protocol, wrong))
    }

    /// Checks the number of threads that worked. A runtime may give fewer threads than requested, and a
    /// program may ignore the number. Workers take whole blocks, so a short range has work for fewer.
    fn judge_threads(&self, said: Option<&str>) -> Result<(), BlockError> {
        let Request { ranks, threads: asked, count, .. } = *self.request;
        let blocks = match Kind::of(&self.request.generator) {
            // Every region has a block for each thread, and every start is of all processes.
            Kind::Region | Kind::Start => u64::from(asked),
            _ => count / BLOCK / u64::from(ranks.max(1)),
        };
        let least = u64::from(asked).min(blocks.max(u64::from(count > 0 && ranks == 1)));
        let wrong = match said {
            None if asked > 1 || ranks > 1 => {
                format!("there is no line `info threads {asked}`")
            }
            Some(said) if !said.parse().is_ok_and(|n| (least..=u64::from(asked)).contains(&n)) => {
                format!(
                    "it worked with {}; if a runtime limits the threads (OMP_THREAD_LIMIT?), unset the \
                     limit, or request fewer",
                    shortened(said)
                )
            }
            _ => return Ok(()),
        };
        let asked = counted(asked, "thread");
        let message = format!("the request was for {asked} of each rank, but {wrong}");
        Err(error(ErrorKind::Protocol, message))
    }

    /// Checks that workers do not share a CPU although there is a CPU for each.
    fn judge_cpus(&self, info: &BTreeMap<String, String>) -> Result<(), BlockError> {
        let nodes = self.worker_cpus(info)?;
        let workers = u64::from(self.request.ranks) * u64::from(self.request.threads);
        let Some(given) = self.cpus.filter(|given| u64::from(given.count()) >= workers) else {
            return Ok(());
        };
        let placement = |message: String| Err(error(ErrorKind::Placement, message));
        if let Some(Crowd { workers, cpus }) = nodes.iter().find_map(|masks| crowd(masks)) {
            return placement(format!(
                "{workers} workers had to share {}, although the process was given CPUs \
                 {given}: unset the variable that binds its threads (GOMP_CPU_AFFINITY, OMP_PLACES, \
                 KMP_AFFINITY), or measure this with --no-pin",
                listed(&cpus)
            ));
        }
        let all: CpuMask = nodes.iter().flatten().flat_map(CpuMask::cpus).collect();
        let beyond = all.cpus().any(|cpu| !given.cpus().any(|one| one == cpu));
        // A launcher may place its ranks on other CPUs.
        if self.request.ranks == 1 && beyond {
            return placement(format!(
                "its workers may run on CPUs {all}, although the process was given only CPUs {given}: a \
                 runner must keep the CPUs on which it was started"
            ));
        }
        Ok(())
    }

    /// The CPUs of each worker, by node. If the answer has only `mask` lines and there is one rank, each
    /// worker may run on all of these CPUs. With several ranks it is unknown which rank a mask belongs
    /// to.
    fn worker_cpus(
        &self,
        info: &BTreeMap<String, String>,
    ) -> Result<Vec<Vec<CpuMask>>, BlockError> {
        let Request { ranks, threads, .. } = *self.request;
        let said = |key: &str| info.get(key).map(String::as_str);
        let mask = |key: &str, text: &str| match cpu_list(text) {
            Some(cpus) => Ok(cpus.into_iter().collect::<CpuMask>()),
            None => {
                let text = shortened(text);
                let message = format!("{key} {text}: it must be a list of CPUs such as 0-3,8");
                Err(error(ErrorKind::Protocol, message))
            }
        };
        let masks = said("mask").into_iter().flat_map(|all| all.split("; "));
        let masks = masks.map(|text| mask("mask", text)).collect::<Result<Vec<_>, _>>()?;
        let worked = said("threads").and_then(|n| n.parse().ok()).unwrap_or(threads);
        let Some(told) = said("worker_cpus") else {
            let all: CpuMask = masks.iter().flat_map(CpuMask::cpus).collect();
            return Ok(if ranks == 1 { vec![vec![all; worked as usize]] } else { Vec::new() });
        };
        let number = told.split_whitespace().count() as u64;
        let [least, most] = [worked, threads].map(|each| u64::from(ranks) * u64::from(each));
        if !(least..=most).contains(&number) {
            let [told, due] = [number, most].map(|number| counted(number, "worker"));
            let wrong = format!("worker_cpus has the CPUs of {told}, not of {due}");
            return Err(error(ErrorKind::Protocol, wrong));
        }
        let node = |node: &str| node.split_whitespace().map(|w| mask("worker_cpus", w)).collect();
        told.split("; ").map(node).collect()
    }
}

/// Checks how the process ended.
pub fn judge_ending(outcome: &Outcome, timeout: Duration) -> Result<(), BlockError> {
    if outcome.stdout.len() >= LONGEST_OUTPUT {
        return Err(error(
            ErrorKind::Noise,
            format!("it printed {LONGEST_OUTPUT} bytes or more on stdout"),
        ));
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

#[cfg(test)]
mod tests;
