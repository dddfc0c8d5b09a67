//! Asks the runner, and checks each answer as the harness does.

use libpi::Generator;
use libpi::cpus::CpuMask;
use libpi::known::KnownCount;
use pi_harness::process::Task;
use pi_harness::protocol::error;
use pi_harness::results::{BlockError, ErrorKind};
use pi_harness::session::exchange::{Exchange, judge_ending};
use pi_harness::session::hits::Hits;
use pi_protocol::{Answer, Request};
use std::cell::OnceCell;
use std::ffi::OsString;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A number of threads or ranks that a program which ignores the number does not have by chance.
pub(super) const MANY: u32 = 7;

/// The largest range that is tried, so that a slow runner ends in time.
const SHORT: u64 = 1_000_003;

/// The runner that is checked.
pub(super) struct Runner<'a> {
    pub(super) command: &'a [OsString],
    /// The generator whose counts it must give. None: they need only come near pi.
    pub(super) generator: Option<Generator>,
    pub(super) timeout: Duration,
    pub(super) interrupted: &'a AtomicBool,
    /// How many threads the rules about several threads ask for.
    pub(super) several: OnceCell<u32>,
}

/// How a runner keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// By its answers.
    Answers,
    /// It refuses what the rule asks for, which the rule allows.
    Refuses,
}

impl<T> From<Option<T>> for Kept {
    /// No reply means that the runner refused.
    fn from(reply: Option<T>) -> Self {
        if reply.is_some() { Self::Answers } else { Self::Refuses }
    }
}

/// An answer, and the CPU time of the process that gave it.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) cpu_seconds: f64,
}

/// The counts that a runner of this generator must give.
pub(super) fn known(generator: Option<Generator>) -> impl Iterator<Item = KnownCount> {
    generator.into_iter().flat_map(|generator| KnownCount::up_to(SHORT, generator))
}

impl Runner<'_> {
    /// The runner must answer.
    pub(super) fn answers(&self, request: &Request) -> Result<Reply, BlockError> {
        self.answers_text(request, &request.to_string(), None)
    }

    /// The runner must answer this text of a request, on these CPUs.
    pub(super) fn answers_text(
        &self,
        request: &Request,
        input: &str,
        cpus: Option<&CpuMask>,
    ) -> Result<Reply, BlockError> {
        let asked = (request.seed, request.first, request.count);
        let right =
            known(self.generator).find(|known| (known.seed, known.first, known.count) == asked);
        let exchange = Exchange {
            command: self.command,
            input,
            request,
            hits: right.map_or(Hits::NearPi, |known| Hits::Exactly(known.hits)),
            cpus,
            timeout: self.timeout,
            interrupted: self.interrupted,
        };
        let measured = exchange.run().map_err(|why| error(ErrorKind::Launch, why.to_string()))?;
        // After an interruption no verdict is used.
        let (outcome, answer) =
            measured.ok_or_else(|| error(ErrorKind::Crash, "it was interrupted"))?;
        let cpu_seconds = outcome.map_or(0.0, |outcome| outcome.cpu_seconds);
        Ok(Reply { answer: answer?, cpu_seconds })
    }

    /// The runner may refuse; then there is no reply. If it answers, the answer must be right.
    pub(super) fn answers_or_refuses(
        &self,
        request: &Request,
        cpus: Option<&CpuMask>,
    ) -> Result<Option<Reply>, BlockError> {
        match self.answers_text(request, &request.to_string(), cpus) {
            Err(crash) if crash.kind == ErrorKind::Crash => {
                self.refuses(&request.to_string(), cpus).map(|()| None)
            }
            other => other.map(Some),
        }
    }

    /// With several threads the runner may refuse. With one it must answer.
    pub(super) fn answers_if_it_has_the_threads(
        &self,
        request: &Request,
        cpus: Option<&CpuMask>,
    ) -> Result<Option<Reply>, BlockError> {
        match request.threads {
            1 => self.answers_text(request, &request.to_string(), cpus).map(Some),
            _ => self.answers_or_refuses(request, cpus),
        }
    }

    /// The same request for several threads: for the first of these numbers that the runner does not
    /// refuse. A runner may have no more threads than there are CPUs.
    pub(super) fn on_several_threads(&self, request: &Request) -> Request {
        let with = |threads| Request { threads, ..request.clone() };
        let has = |threads: &u32| {
            let asked = Request { warmup: 0, runs: 1, ..with(*threads) };
            !matches!(self.answers_or_refuses(&asked, None), Ok(None))
        };
        let find = || [MANY, 3, 2].into_iter().find(has).unwrap_or(MANY);
        with(*self.several.get_or_init(find))
    }

    /// The runner must refuse, on these CPUs.
    pub(super) fn refuses(&self, input: &str, cpus: Option<&CpuMask>) -> Result<(), BlockError> {
        let timeout = self.timeout;
        let interrupted = self.interrupted;
        let task = Task { command: self.command, input, cpus, timeout, interrupted };
        let outcome = task.run().map_err(|why| error(ErrorKind::Launch, why.to_string()))?;
        let protocol = |message: &str| Err(error(ErrorKind::Protocol, message));
        match judge_ending(&outcome, timeout) {
            Ok(()) => protocol(
                "it ends with exit code 0: a runner must exit with another code if it cannot do what \
                 is asked",
            ),
            Err(crash) if crash.kind == ErrorKind::Crash => {
                if outcome.stderr.trim().is_empty() {
                    return protocol(
                        "it ends without a message on stderr: it must say why it refuses",
                    );
                }
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}
