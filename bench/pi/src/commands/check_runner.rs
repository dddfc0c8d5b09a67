//! `pi check-runner`: checks a runner against the protocol, one rule after the other.

use crate::options::Output;
use crate::output;
use anyhow::ensure;
use clap::Args;
use libpi::known::{COUNTS, KnownCount};
use libpi::{AUTO, Generator};
use pi_harness::failure::CheckFailed;
use pi_harness::failure::Stopped;
use pi_harness::process::{Task, watch_for_interruption};
use pi_harness::protocol::error;
use pi_harness::results::{BlockError, ErrorKind};
use pi_harness::session::exchange::{Exchange, judge_ending};
use pi_harness::session::hits::Hits;
use pi_harness::shown::readable;
use pi_harness::suite::names;
use pi_protocol::Request;
use serde::Serialize;
use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckRunner {
    /// Generator whose known counts the runner must give; with --statistical, any name
    #[arg(long, default_value = "philox", value_parser = names::parse)]
    generator: String,

    /// Kernel in the requests
    #[arg(long, default_value = AUTO, value_parser = names::parse)]
    kernel: String,

    /// Driver in the requests
    #[arg(long, default_value = "serial", value_parser = names::parse)]
    driver: String,

    /// The counts need only come near pi
    #[arg(long)]
    statistical: bool,

    /// Kill the runner after this time
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,

    #[command(flatten)]
    output: Output,

    /// The runner and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Sends requests to the runner and checks its answers, on one thread and one rank. It also asks for seven \
threads and for seven ranks, which the runner may refuse. It does not try `batch`.
Exit codes: 0 the runner keeps the protocol, 1 it does not, 2 bad usage, 75 interrupted.

Examples:
  pi check-runner pi runner
  pi check-runner ./my-kernel
  pi check-runner --generator npb ./my-kernel --fast
  pi check-runner --statistical python3 pi.py";

/// The largest range that is tried, so that a slow runner ends in time.
const SHORT: u64 = 1_000_003;

/// The number of samples for a statistical runner.
const PLAUSIBLE: u64 = 1_000_000;

/// A number of threads or ranks that a program which ignores the number does not have by chance.
const MANY: u32 = 7;

/// The verdict on one rule, as `--json` prints it.
#[derive(Serialize)]
struct Verdict {
    rule: String,
    ok: bool,
    error: Option<BlockError>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    not_tried: usize,
    rules: Vec<Verdict>,
}

pub(crate) fn run(options: &CheckRunner, out: &mut impl Write) -> anyhow::Result<()> {
    let generator: Option<Generator> = match options.statistical {
        true => None,
        false => Some(options.generator.parse()?),
    };
    if let Some(generator) = generator {
        ensure!(
            generator.is_exact(),
            "generator {generator} has no exact counts: check it with --statistical"
        );
    }
    ensure!(
        options.command.first().is_some_and(|program| !program.is_empty()),
        "the command '' names no program: give the command of the runner, such as ./my_runner"
    );
    let interrupted = watch_for_interruption()?;
    let check = Check { options, generator, interrupted: &interrupted };
    let trials = check.rules();
    let all = trials.len();
    let mut rules = Vec::new();
    for (rule, trial) in trials {
        let error = check.judge(&trial).err();
        if interrupted.load(Ordering::Relaxed) {
            // An interruption ends the runner too, so its answer does not count.
            break;
        }
        if !options.output.json {
            match &error {
                None => output::line(out, format_args!("ok      {rule}"))?,
                Some(error) => {
                    output::line(out, format_args!("FAILED  {rule}"))?;
                    output::line(out, format_args!("        {}", error.message))?;
                }
            }
            out.flush()?;
        }
        // A runner that cannot be started, or that hangs, will fail all other rules too.
        let hopeless = error
            .as_ref()
            .is_some_and(|e| matches!(e.kind, ErrorKind::Launch | ErrorKind::Timeout));
        rules.push(Verdict { rule, ok: error.is_none(), error });
        if hopeless {
            break;
        }
    }
    let not_tried = all - rules.len();
    let report =
        Report { ok: not_tried == 0 && rules.iter().all(|rule| rule.ok), not_tried, rules };
    let command = options.command.iter().map(readable).collect::<Vec<_>>().join(" ");
    if options.output.json {
        output::json(out, &report)?;
    } else if report.ok {
        output::line(out, format_args!("{command} keeps the protocol"))?;
    }
    out.flush()?;
    report.conclude(&command)
}

impl Report {
    /// The error, if there is one. A broken rule counts more than an interruption.
    fn conclude(&self, command: &str) -> anyhow::Result<()> {
        let Self { ok, not_tried, rules } = self;
        if *ok {
            return Ok(());
        }
        let (tried, all) = (rules.len(), rules.len() + not_tried);
        let mut reasons: Vec<&str> =
            rules.iter().filter_map(|rule| Some(&*rule.error.as_ref()?.message)).collect();
        let broken = reasons.len();
        if broken == 0 {
            let message = format!("interrupted: tried {tried} of {all} rules, none is broken");
            return Err(Stopped(message).into());
        }
        let mut message = format!("{command} breaks {broken} of {all} rules");
        reasons.dedup();
        if broken > 1 && reasons.len() == 1 {
            message += ", all for the same reason";
        }
        if *not_tried > 0 {
            message += &format!("; not tried: {not_tried}");
        }
        Err(CheckFailed(message).into())
    }
}

struct Check<'a> {
    options: &'a CheckRunner,
    generator: Option<Generator>,
    interrupted: &'a AtomicBool,
}

/// A request, and what the runner must do.
enum Trial {
    /// The runner must answer.
    Answers(Request),
    /// The runner must answer, although the request ends without the empty line and the last newline.
    AnswersUnended(Request),
    /// The runner may refuse. If it answers, the answer must be right.
    AnswersOrRefuses(Request),
    /// The runner must refuse.
    Refuses(String),
}

impl Check<'_> {
    /// The rules, each with a trial.
    fn rules(&self) -> Vec<(String, Trial)> {
        use Trial::{Answers, AnswersOrRefuses, AnswersUnended, Refuses};
        let request = self.request(self.known().next());
        let one = Request { warmup: 0, runs: 1, ..request.clone() };
        let more = [("colour", "red"), ("shape", "round as a circle")];
        let more = more.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let unknown = Request { more, ..request.clone() };
        let nonsense = Request { generator: "no-such-generator".to_owned(), ..request.clone() };
        let negative = request.to_string().replace("\ncount ", "\ncount -");
        let past_the_end = Request { first: u64::MAX, count: 2, ..request.clone() };
        let no_kernel = Request { kernel: "no-such-kernel".to_owned(), ..request.clone() };
        let no_driver = Request { driver: "no-such-driver".to_owned(), ..request.clone() };
        let threads = Request { threads: MANY, ..request.clone() };
        let ranks = Request { ranks: MANY, ..request.clone() };
        let mut rules = vec![
            ("answers with a version and three runs".to_owned(), Answers(request.clone())),
            ("makes one run without warm-up when asked to".to_owned(), Answers(one)),
            ("ignores keys that it does not know".to_owned(), Answers(unknown)),
            (
                "accepts a request without an empty line at the end".to_owned(),
                AnswersUnended(request),
            ),
        ];
        rules.extend(self.known().skip(1).map(|known| {
            let KnownCount { seed, first, count, hits, .. } = known;
            let rule = format!("counts {hits} of {count} samples from {first}, seed {seed}");
            (rule, Answers(self.request(Some(known))))
        }));
        // A statistical runner has its own random numbers, and need not know generators.
        if self.generator.is_some() {
            let rule = "refuses a generator that does not exist".to_owned();
            rules.push((rule, Refuses(nonsense.to_string())));
            let rule = "refuses a range that reaches past 2^64".to_owned();
            rules.push((rule, Refuses(past_the_end.to_string())));
        }
        rules.push(("refuses a count below 0".to_owned(), Refuses(negative)));
        for (what, request) in [("kernel", no_kernel), ("driver", no_driver)] {
            let rule = format!("refuses a {what} that does not exist");
            rules.push((rule, Refuses(request.to_string())));
        }
        for (what, request) in [("threads", threads), ("ranks", ranks)] {
            let rule = format!("works with {MANY} {what}, or refuses them");
            rules.push((rule, AnswersOrRefuses(request)));
        }
        rules
    }

    fn known(&self) -> impl Iterator<Item = &'static KnownCount> {
        let generator = self.generator;
        COUNTS.iter().filter(move |k| Some(k.generator) == generator && k.count <= SHORT)
    }

    fn request(&self, known: Option<&KnownCount>) -> Request {
        let CheckRunner { generator, kernel, driver, .. } = self.options;
        let (seed, first, count) =
            known.map_or((42, 0, PLAUSIBLE), |known| (known.seed, known.first, known.count));
        Request {
            generator: generator.clone(),
            seed,
            first,
            count,
            kernel: kernel.clone(),
            driver: driver.clone(),
            ranks: 1,
            threads: 1,
            warmup: 1,
            runs: 3,
            more: Vec::new(),
        }
    }

    fn judge(&self, trial: &Trial) -> Result<(), BlockError> {
        match trial {
            Trial::Answers(request) => self.answers(request, &request.to_string()),
            Trial::AnswersUnended(request) => self.answers(request, request.to_string().trim_end()),
            Trial::AnswersOrRefuses(request) => match self.answers(request, &request.to_string()) {
                Err(crash) if crash.kind == ErrorKind::Crash => self.refuses(&request.to_string()),
                other => other,
            },
            Trial::Refuses(input) => self.refuses(input),
        }
    }

    fn answers(&self, request: &Request, input: &str) -> Result<(), BlockError> {
        let asked = (request.seed, request.first, request.count);
        let right = self.known().find(|known| (known.seed, known.first, known.count) == asked);
        let exchange = Exchange {
            command: &self.options.command,
            input,
            request,
            hits: right.map_or(Hits::NearPi, |known| Hits::Exactly(known.hits)),
            cpus: None,
            timeout: self.options.timeout,
            interrupted: self.interrupted,
        };
        let measured = exchange.run().map_err(|why| error(ErrorKind::Launch, why.to_string()))?;
        measured.map_or(Ok(()), |(_, answer)| answer.map(drop))
    }

    fn refuses(&self, input: &str) -> Result<(), BlockError> {
        let timeout = self.options.timeout;
        let task = Task {
            command: &self.options.command,
            input,
            cpus: None,
            timeout,
            interrupted: self.interrupted,
        };
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
