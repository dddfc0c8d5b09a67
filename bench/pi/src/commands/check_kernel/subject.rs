//! The kernel that is checked. Each list of steps is done in a process of its own, because a call may end the
//! process.

use super::fault::{Lost, NoTime};
use crate::calls::{Call, Left, Reply, Step};
use anyhow::{anyhow, bail};
use pi_harness::failure::Stopped;
use pi_harness::loaded::Place;
use pi_harness::number::time;
use pi_harness::process::{Ending, Outcome, Program, Task};
use pi_harness::shown::at_most;
use signal_hook::low_level::signal_name;
use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How long a call may take, if the user does not say it.
pub(super) const TIMEOUT: &str = "5s";

/// After this time no further rule is tried. On an idle machine all rules take a few seconds.
const LONGEST: Duration = Duration::from_secs(12);

/// After this time no call is waited for. Users are promised an end within 20 s.
const END: Duration = Duration::from_secs(17);

/// How long a call may take after another one never returned.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// How much longer than usual a call may take on a busy machine.
const BUSY: u32 = 20;

/// The number of characters that are shown of what a kernel prints.
const NOISE: usize = 300;

pub(super) struct Subject<'a> {
    command: Vec<OsString>,
    symbol: String,
    /// How long a call may take.
    pub(super) timeout: Duration,
    /// The same, or less after a call that never returned.
    patience: Cell<Duration>,
    /// The time of the longest call so far.
    usual: Cell<Duration>,
    interrupted: &'a AtomicBool,
    /// How many times more time there is than usual, because the user gives calls more time.
    patience_of_user: u32,
    begin: Instant,
    /// What calls left behind in any process.
    pub(super) left: RefCell<Vec<Left>>,
    /// What was printed in any process.
    pub(super) printed: RefCell<Option<String>>,
    /// The first call that did not return.
    pub(super) lost: RefCell<Option<Lost>>,
}

/// The replies to a list of steps. If the process ended early, the step after the last reply ended it.
pub(super) struct Session {
    pub(super) replies: Vec<Reply>,
    pub(super) end: Option<BadEnd>,
}

/// How a process ended, if it did not do all steps or did not end after them.
#[derive(Debug)]
pub(super) struct BadEnd {
    how: String,
    is_hung: bool,
    is_loaded: bool,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        place: &Place,
        timeout: Duration,
        interrupted: &'a AtomicBool,
    ) -> anyhow::Result<Self> {
        let program = Program::own()?.to_start().map_err(|why| anyhow!(why))?;
        Ok(Self {
            command: vec![program.into(), "call-kernel".into(), place.text()],
            symbol: place.symbol.clone(),
            timeout,
            patience: Cell::new(timeout),
            usual: Cell::default(),
            interrupted,
            patience_of_user: times_usual(timeout),
            begin: Instant::now(),
            left: RefCell::default(),
            printed: RefCell::default(),
            lost: RefCell::default(),
        })
    }

    pub(super) fn is_late(&self) -> bool {
        self.begin.elapsed() > LONGEST * self.patience_of_user
    }

    /// The time that is left for calls.
    fn left_over(&self) -> Duration {
        (END * self.patience_of_user).saturating_sub(self.begin.elapsed())
    }

    /// The call in words: `count_hits(42, 0, 1)`.
    pub(super) fn shown(&self, Call { seed, first, count }: Call) -> String {
        format!("{}({seed}, {first}, {count})", self.symbol)
    }

    /// Makes these calls, one after the other. Returns the hits of each.
    ///
    /// # Errors
    /// The errors of [`replies`](Self::replies).
    pub(super) fn hits(&self, calls: &[Call]) -> anyhow::Result<Vec<u64>> {
        Ok(self.replies(&steps(calls))?.iter().filter_map(Reply::hits).collect())
    }

    /// The hits of the calls up to the first that does not return.
    ///
    /// # Errors
    /// The errors of [`session`](Self::session).
    pub(super) fn some_hits(&self, calls: &[Call]) -> anyhow::Result<Vec<u64>> {
        self.hits_in(calls, self.patience.get())
    }

    /// The same, but each call may take this time.
    ///
    /// # Errors
    /// The errors of [`session`](Self::session).
    pub(super) fn hits_in(&self, calls: &[Call], timeout: Duration) -> anyhow::Result<Vec<u64>> {
        let session = self.session(&steps(calls), timeout)?;
        Ok(session.replies.iter().filter_map(Reply::hits).collect())
    }

    /// The first of the calls that does not return within this time.
    ///
    /// # Errors
    /// The errors of [`session`](Self::session).
    pub(super) fn first_lost(
        &self,
        calls: &[Call],
        timeout: Duration,
    ) -> anyhow::Result<Option<usize>> {
        let Session { replies, end } = self.session(&steps(calls), timeout)?;
        Ok(end.map(|_| replies.len()).filter(|&at| at < calls.len()))
    }

    /// The time that one call takes.
    ///
    /// # Errors
    /// The errors of [`replies`](Self::replies).
    pub(super) fn time(&self, call: Call) -> anyhow::Result<Duration> {
        let replies = self.replies(&[Step::Call(call)])?;
        let Some(Reply::Hits { nanoseconds, .. }) = replies.first() else { unreachable!() };
        let taken = Duration::from_nanos(*nanoseconds);
        self.usual.set(self.usual.get().max(taken));
        Ok(taken)
    }

    /// Does all steps. Returns the reply to each.
    ///
    /// # Errors
    /// [`Lost`] if a call does not return; the errors of [`session`](Self::session).
    pub(super) fn replies(&self, steps: &[Step]) -> anyhow::Result<Vec<Reply>> {
        let session = self.session(steps, self.patience.get())?;
        let Some(lost) = self.lost(&session, steps) else { return Ok(session.replies) };
        if lost.is_hung {
            self.patience.set(self.timeout.min(IMPATIENCE));
        }
        self.lost.borrow_mut().get_or_insert_with(|| lost.clone());
        Err(lost.into())
    }

    /// The call that does not return within this time, if there is one.
    ///
    /// # Errors
    /// The errors of [`session`](Self::session).
    pub(super) fn lost_in(&self, steps: &[Step], limit: Duration) -> anyhow::Result<Option<Lost>> {
        Ok(self.lost(&self.session(steps, limit)?, steps))
    }

    fn lost(&self, session: &Session, steps: &[Step]) -> Option<Lost> {
        let BadEnd { how, is_hung, is_loaded } = session.end.as_ref()?;
        let (call, who) = match steps.get(session.replies.len()) {
            _ if !is_loaded => (None, "loading the library".to_owned()),
            Some(Step::Call(call) | Step::Repeat { call, .. }) => (Some(*call), self.shown(*call)),
            Some(Step::AtOnce { calls, .. }) => {
                let calls: Vec<String> = calls.iter().map(|call| self.shown(*call)).collect();
                let calls = calls.join(", ");
                (
                    None,
                    format!("one of the calls at once, on threads with 2 MiB of stack ({calls}),"),
                )
            }
            None => (None, "the process, after all calls had returned,".to_owned()),
        };
        Some(Lost { message: format!("{who} {how}"), call, is_hung: *is_hung })
    }

    /// Does steps until one ends the process. A call may take as long as `limit`.
    ///
    /// # Errors
    /// [`NoTime`] if the time for all rules is over; if the library cannot be loaded, if no process can be
    /// started, or after an interruption.
    pub(super) fn session(&self, steps: &[Step], limit: Duration) -> anyhow::Result<Session> {
        let calls: u32 = steps.iter().map(Step::calls).sum();
        let timeout = limit + BUSY * self.usual.get() * calls;
        let left_over = self.left_over();
        let task = Task {
            command: &self.command,
            input: &serde_json::to_string(steps)?,
            cpus: None,
            timeout: timeout.min(left_over),
            interrupted: self.interrupted,
        };
        let outcome = task.run().map_err(|why| anyhow!("{why}"))?;
        if outcome.ending == Ending::Interrupted {
            bail!(Stopped("interrupted before all rules were tried".to_owned()));
        }
        if outcome.ending == Ending::TimedOut && left_over < timeout {
            bail!(NoTime);
        }
        let mut replies = replies(&outcome);
        if let Some(Reply::NotLoaded(why)) = replies.first() {
            bail!("{why}");
        }
        let is_loaded = replies.first() == Some(&Reply::Loaded);
        if is_loaded {
            replies.remove(0);
        }
        let is_unwound = replies.pop_if(|last| *last == Reply::Unwound).is_some();
        let forked = replies.iter().filter_map(Reply::forked).min();
        let how = if let Some(step) = forked {
            // The replies of both processes may come in any order.
            replies.retain(|reply| reply.forked().is_none());
            replies.truncate(step);
            "returned in a fork of the process too: a kernel must not fork".to_owned()
        } else if is_unwound {
            "threw an exception, panicked or ended its thread".to_owned()
        } else if let Some(how) = end_of(&outcome, limit) {
            how
        } else if replies.len() == steps.len() + 1 {
            if let Some(Reply::Left(left)) = replies.pop() {
                self.note(left, &outcome);
            }
            return Ok(Session { replies, end: None });
        } else {
            "ended the process with exit code 0".to_owned()
        };
        replies.retain(|reply| !matches!(reply, Reply::Left(_)));
        let said = if outcome.stderr.is_empty() { String::new() } else { outcome.complaint() };
        let how = if said.is_empty() { how } else { format!("{how}: {}", at_most(NOISE, &said)) };
        let is_hung = outcome.ending == Ending::TimedOut;
        Ok(Session { replies, end: Some(BadEnd { how, is_hung, is_loaded }) })
    }

    fn note(&self, left: Vec<Left>, outcome: &Outcome) {
        // The first process that has a trace is enough, because numbers and addresses differ.
        let mut all = self.left.borrow_mut();
        let new = |one: &Left| all.iter().all(|other| other.what != one.what);
        let new: Vec<Left> = left.into_iter().filter(new).collect();
        all.extend(new);
        if !outcome.stderr.is_empty() {
            self.printed.borrow_mut().get_or_insert_with(|| at_most(NOISE, &outcome.complaint()));
        }
    }
}

/// How many times longer than usual a call may take.
fn times_usual(timeout: Duration) -> u32 {
    let usual = humantime::parse_duration(TIMEOUT).expect("it is a time");
    timeout.div_duration_f64(usual).ceil().max(1.0) as u32
}

fn steps(calls: &[Call]) -> Vec<Step> {
    calls.iter().copied().map(Step::Call).collect()
}

/// The replies of the process; the last line may be cut.
fn replies(outcome: &Outcome) -> Vec<Reply> {
    let lines = outcome.stdout.split(|byte| *byte == b'\n');
    lines.map_while(|line| serde_json::from_slice(line).ok()).collect()
}

/// How the process ended, unless it ended well.
fn end_of(outcome: &Outcome, limit: Duration) -> Option<String> {
    match outcome.ending {
        Ending::Exited(status) if status.success() => None,
        Ending::Exited(status) => Some(match (status.code(), status.signal()) {
            (Some(code), _) => format!("ended the process with exit code {code}"),
            (None, number) => {
                let number = number.unwrap_or_default();
                format!(
                    "was ended by signal {number} ({})",
                    signal_name(number).unwrap_or("unknown")
                )
            }
        }),
        Ending::TimedOut | Ending::Interrupted => {
            Some(format!("did not return within {}", time(limit.as_secs_f64())))
        }
    }
}
