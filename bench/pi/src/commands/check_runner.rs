//! `pi check-runner`: checks a runner against the protocol, one rule after the other.

mod ask;
mod build_flags;
mod clock;
mod rules;
mod streams;

use crate::options::{Output, RuleChoice};
use crate::output;
use anyhow::ensure;
use ask::{Kept, Runner};
use clap::Args;
use clap::value_parser;
use libpi::{AUTO, Generator};
use pi_harness::failure::CheckFailed;
use pi_harness::failure::Stopped;
use pi_harness::process::watch_for_interruption;
use pi_harness::results::{BlockError, ErrorKind};
use pi_harness::shown::readable;
use pi_harness::suite::names;
use pi_protocol::Request;
use rules::Rule;
use serde::Serialize;
use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::Ordering;
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

    /// Ranks that the command starts, such as 3 for `mpiexec -n 3 ./my-kernel`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=10_000))]
    ranks: u32,

    #[command(flatten)]
    rules: RuleChoice,

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
Sends requests to the runner and checks its answers. It asks for one thread and for the ranks that the \
command starts, and also for seven threads and for other ranks, which the runner may refuse. It checks \
counts, times, CPUs and, with --statistical, the random numbers of seeds and threads. If it refuses seven \
threads, the rules about several threads ask for three, or two. It does not try `batch`.
Exit codes: 0 the runner keeps the protocol, 1 it does not, 2 bad usage, 75 interrupted.

Examples:
  pi check-runner pi runner
  pi check-runner ./my-kernel
  pi check-runner --generator npb ./my-kernel --fast
  pi check-runner --statistical python3 pi.py
  pi check-runner --rule 'several threads' ./my-kernel
  pi check-runner --ranks 3 mpiexec -n 3 ./my-kernel";

/// The number of samples for a statistical runner.
const PLAUSIBLE: u64 = 1_000_000;

/// The verdict on one rule, as `--json` prints it.
#[derive(Serialize)]
struct Verdict {
    rule: String,
    ok: bool,
    /// It refused what the rule asks for, as the rule allows.
    refused: bool,
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
    let runner = Runner {
        command: &options.command,
        generator,
        timeout: options.timeout,
        interrupted: &interrupted,
        several: OnceCell::new(),
    };
    let trials =
        options.rules.of(rules::rules(&runner, &options.request()), |rule| &rule.sentence)?;
    let all = trials.len();
    let mut rules = Vec::new();
    for Rule { sentence: rule, trial } in trials {
        let tried = trial(&runner);
        if interrupted.load(Ordering::Relaxed) {
            // An interruption ends the runner too, so its answer does not count.
            break;
        }
        if !options.output.json {
            match &tried {
                Ok(Kept::Answers) => output::line(out, format_args!("ok      {rule}"))?,
                Ok(Kept::Refuses) => output::line(out, format_args!("refused {rule}"))?,
                Err(error) => {
                    output::line(out, format_args!("FAILED  {rule}"))?;
                    output::line(out, format_args!("        {}", error.message))?;
                }
            }
            out.flush()?;
        }
        let (refused, error) =
            (tried.as_ref().is_ok_and(|kept| *kept == Kept::Refuses), tried.err());
        // A runner that cannot be started, or that hangs, will fail all other rules too.
        let hopeless = error
            .as_ref()
            .is_some_and(|e| matches!(e.kind, ErrorKind::Launch | ErrorKind::Timeout));
        rules.push(Verdict { rule, ok: error.is_none(), refused, error });
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
        let kept = if options.rules.is_all() { "the protocol" } else { "these rules" };
        output::line(out, format_args!("{command} keeps {kept}"))?;
    }
    out.flush()?;
    report.conclude(&command)
}

impl CheckRunner {
    /// What all requests share.
    fn request(&self) -> Request {
        Request {
            generator: self.generator.clone(),
            seed: 42,
            first: 0,
            count: PLAUSIBLE,
            kernel: self.kernel.clone(),
            driver: self.driver.clone(),
            ranks: self.ranks,
            threads: 1,
            warmup: 1,
            runs: 3,
            more: Vec::new(),
        }
    }
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
