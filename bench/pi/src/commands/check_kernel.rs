//! `pi check-kernel`: checks a kernel in a shared library, one rule after the other.

mod fault;
mod rules;
mod smallest;
mod subject;
mod trials;

use crate::calls::Call;
use crate::job::ranks::joining::parse_limit;
use crate::loading::parse_problem;
use crate::options::{Output, RuleChoice};
use crate::output;
use anyhow::{anyhow, ensure};
use clap::{Args, value_parser};
use fault::{Fault, Lost, NoTime};
use libpi::{Catalog, Generator};
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::loaded::Place;
use pi_harness::process::watch_for_interruption;
use pi_harness::shown::readable;
use rules::{Rule, Weight, rules};
use serde::Serialize;
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;
use subject::{Subject, TIMEOUT};
use trials::Trials;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckKernel {
    /// The generator whose points the kernel counts. With a name that is not in `pi list`, or without
    /// this option, the kernel counts something of its own
    #[arg(long, value_name = "GENERATOR", value_parser = parse_problem)]
    generator: Option<Generator>,

    /// What the library leaves behind in its process counts as a broken rule too
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    rules: RuleChoice,

    /// A call that takes longer than this does not return. With twice the time for a call, there is twice
    /// the time for all rules
    #[arg(long, value_name = "TIME", default_value = TIMEOUT, value_parser = parse_limit)]
    timeout: Duration,

    #[command(flatten)]
    output: Output,

    /// The shared library and its function, such as ./libmine.so:count_hits
    #[arg(value_name = "FILE:SYMBOL", value_parser = value_parser!(OsString))]
    kernel: OsString,
}

const EXAMPLES: &str = "\
Calls the function uint64_t f(uint64_t seed, uint64_t first, uint64_t count) in other processes, and checks \
its answers. It must count a range as the sum of its parts, give the same answer every time and on every \
thread, accept each range up to 2^64, and return. The kernel of a generator that libpi has must count what \
libpi counts. For a broken rule, the smallest call is shown that breaks it. What the library leaves behind \
in its process, such as threads or signal handlers, is noted, and breaks a rule only with --strict.
Exit codes: 0 the kernel keeps the rules, 1 it does not, 2 bad usage, 75 interrupted.

Examples:
  pi check-kernel ./libmine.so:count_hits --generator philox
  pi check-kernel ./libprimes.so:count_primes
  pi check-kernel --strict ./libmine.so:count_hits --generator npb
  pi check-kernel --rule 'threads at once' ./libprimes.so:count_primes
  pi check-kernel --timeout 60s ./libslow.so:count";

/// The verdict on one rule, as `--json` prints it.
#[derive(Serialize)]
struct Verdict {
    rule: String,
    outcome: Outcome,
    /// Why the rule is not kept.
    message: Option<String>,
    /// The smallest call that breaks the rule, if one call does.
    call: Option<Call>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Kept,
    Broken,
    /// Broken, but it does not decide.
    Noted,
    /// A call did not return, so nothing can be said.
    Unknown,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    kernel: String,
    generator: Option<&'static str>,
    not_tried: usize,
    rules: Vec<Verdict>,
}

pub(crate) fn run(
    catalog: &'static Catalog,
    options: &CheckKernel,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let place = Place::parse(&options.kernel).map_err(|why| anyhow!(why))?;
    let generator = options.known_generator()?;
    let interrupted = watch_for_interruption()?;
    let subject = Subject::new(&place, options.timeout, &interrupted)?;
    let trials = Trials::new(&subject, catalog, generator)?;
    let chosen = options.rules.of(rules(generator), |rule| &rule.sentence)?;
    let all = chosen.len();
    let mut rules = Vec::new();
    for rule in chosen {
        if subject.is_late() && !rule.looks_back {
            continue;
        }
        let verdict = match options.verdict(&rule, &trials) {
            Err(error) if error.is::<Stopped>() => break,
            Err(error) if error.is::<NoTime>() => continue,
            other => other?,
        };
        if !options.output.json {
            if rules.is_empty() {
                options.introduce(out, generator)?;
            }
            print(out, &verdict)?;
        }
        let is_hopeless = rule.weight == Weight::Condition && verdict.outcome != Outcome::Kept;
        rules.push(verdict);
        if is_hopeless {
            break;
        }
    }
    let not_tried = all - rules.len();
    let ok = not_tried == 0
        && rules.iter().all(|rule| matches!(rule.outcome, Outcome::Kept | Outcome::Noted));
    let report = Report {
        ok,
        kernel: readable(&options.kernel),
        generator: options.generator.map(Generator::name),
        not_tried,
        rules,
    };
    if options.output.json {
        output::json(out, &report)?;
    } else if ok {
        let kept = if options.rules.is_all() { "the rules of kernels" } else { "these rules" };
        output::line(out, format_args!("{} keeps {kept}", report.kernel))?;
    }
    out.flush()?;
    report.conclude(subject.is_late())
}

fn print(out: &mut impl Write, verdict: &Verdict) -> anyhow::Result<()> {
    let word = match verdict.outcome {
        Outcome::Kept => "ok     ",
        Outcome::Broken => "FAILED ",
        Outcome::Noted => "noted  ",
        Outcome::Unknown => "unknown",
    };
    output::line(out, format_args!("{word} {}", verdict.rule))?;
    if let Some(message) = &verdict.message {
        output::line(out, format_args!("        {message}"))?;
    }
    Ok(out.flush()?)
}

impl CheckKernel {
    /// The generator, if libpi has it.
    fn known_generator(&self) -> anyhow::Result<Option<Generator>> {
        let Some(generator) = self.generator.filter(|generator| !generator.is_problem()) else {
            return Ok(None);
        };
        ensure!(
            generator.is_exact(),
            "generator {generator} has no exact counts, so a kernel of it cannot be checked: check a program \
             with pi check-runner --statistical"
        );
        Ok(Some(generator))
    }

    /// Says what is not checked. A generator's name may be misspelt.
    fn introduce(&self, out: &mut impl Write, known: Option<Generator>) -> anyhow::Result<()> {
        if known.is_none() {
            let own = match self.generator {
                Some(name) => format!("libpi has no generator {name}"),
                None => "no generator of libpi is given".to_owned(),
            };
            output::line(out, format_args!("{own}: there are no known counts to compare with"))?;
        }
        Ok(())
    }

    fn verdict(&self, rule: &Rule, trials: &Trials) -> anyhow::Result<Verdict> {
        let rule_name = rule.sentence.clone();
        let Err(error) = (rule.trial)(trials) else {
            return Ok(Verdict {
                rule: rule_name,
                outcome: Outcome::Kept,
                message: None,
                call: None,
            });
        };
        let (message, call, is_lost) = match error.downcast::<Fault>() {
            Ok(Fault { message, call }) => (message, call, false),
            Err(error) => error.downcast::<Lost>().map(|lost| (lost.message, lost.call, true))?,
        };
        let outcome = match rule.weight {
            // The rule about calls that do not return is broken then.
            Weight::Decides | Weight::Told if is_lost => Outcome::Unknown,
            Weight::Told if !self.strict => Outcome::Noted,
            _ => Outcome::Broken,
        };
        Ok(Verdict { rule: rule_name, outcome, message: Some(message), call })
    }
}

impl Report {
    /// The error, if there is one. A broken rule counts more than an interruption.
    fn conclude(&self, is_late: bool) -> anyhow::Result<()> {
        let Self { ok, not_tried, rules, kernel, .. } = self;
        if *ok {
            return Ok(());
        }
        let all = rules.len() + not_tried;
        let number = |outcome| rules.iter().filter(|rule| rule.outcome == outcome).count();
        let (broken, unknown) = (number(Outcome::Broken), number(Outcome::Unknown));
        if broken + unknown == 0 {
            let tried = format!("tried {} of {all} rules, none is broken", rules.len());
            return Err(match is_late {
                true => CheckFailed(format!(
                    "{kernel} is too slow for all rules: {tried}; give it more time, such as --timeout 60s"
                ))
                .into(),
                false => Stopped(format!("interrupted: {tried}")).into(),
            });
        }
        let mut message = format!("{kernel} breaks {broken} of {all} rules");
        if unknown > 0 {
            message += &format!("; unknown, because a call did not return: {unknown}");
        }
        if *not_tried > 0 {
            message += &format!("; not tried: {not_tried}");
        }
        Err(CheckFailed(message).into())
    }
}
