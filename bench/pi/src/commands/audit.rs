//! `pi audit`: what the compilers made of each kernel.

use crate::loading::LoadFor;
use crate::options::Output;
use crate::output::{self, Missing};
use crate::subject::{NO_LOOP, Subject};
use crate::table::{Column, fixed, name, optional, table, width};
use anyhow::{Context, bail};
use clap::Args;
use libpi::{Catalog, split_level};
use pi_audit::{Lines, Running, Tally, Width, hot_loop};
use pi_harness::analysis::unequal::unequal;
use pi_harness::failure::CheckFailed;
use pi_harness::results::Audited;
use pi_harness::runner_table::RunnerTable;
use pi_harness::suite::filter::Filter;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{Write, stdout};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AuditOptions {
    /// Kernels to audit: generator/kernel@level. Both parts are patterns; the level may be left out
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,

    /// Print the loop in which the kernel spends its time, with its lines of source. The pattern must
    /// name one kernel; without a level it means the best level that can run here
    #[arg(long, conflicts_with = "json")]
    asm: bool,

    #[command(flatten)]
    load: LoadFor,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
pi runs a copy of each kernel's machine code in which each block counts its executions, for two \
numbers of samples, and counts the instructions. The table shows how many one sample takes, by kind. \
`stack` counts loads and stores of values that did not fit into registers. Below the tables stands \
what differs between the languages.
It also audits the runners whose row in the table of runners has the key audit, such as plain-c.

Examples:
  pi audit                                every kernel that can run here
  pi audit philox                         those of one generator
  pi audit '*/*@x86-64-v3'                those of one level
  pi audit --asm philox/c@x86-64-v3       the hot loop, with its source
  pi audit philox/mine philox/c --load mine=./libmine.so:count_hits
                                          your own kernel beside ours
  pi audit --json npb                     as JSON";

#[derive(Serialize)]
struct Report {
    kernels: Vec<Audited>,
    unequal: Vec<String>,
    missing: Vec<Missing>,
}

pub(crate) fn run(
    catalog: &Catalog,
    options: &AuditOptions,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let running = Running::open()?;
    let runners = RunnerTable::read(None)?;
    let loads = options.load.load()?;
    let catalog = &loads.catalog(catalog);
    let subjects = select(Subject::all(catalog, &loads, &runners), &options.patterns)?;
    if options.asm {
        return print_loop(only(&subjects, &options.patterns)?, &running, out);
    }
    let mut report = Report { kernels: Vec::new(), unequal: Vec::new(), missing: Vec::new() };
    for subject in &subjects {
        match subject.audited(&running) {
            Ok(audited) => report.kernels.push(audited),
            // A request for nothing but kernels that this CPU cannot run is a wrong one.
            Err(reason) if !subjects.iter().any(Subject::can_run) => {
                return Err(reason.context(subject.name()));
            }
            Err(reason) => {
                let reason = format!("{reason:#}");
                report.missing.push(Missing { name: subject.name(), reason });
            }
        }
    }
    report.unequal = unequal(&report.kernels);
    match options.output.json {
        true => output::json(out, &report)?,
        false => print(out, &report)?,
    }
    match report.kernels.is_empty() {
        true => Err(CheckFailed("no kernel was audited".to_owned()).into()),
        false => Ok(()),
    }
}

/// The subjects that a pattern matches; all without patterns.
fn select(all: Vec<Subject>, patterns: &[String]) -> anyhow::Result<Vec<Subject>> {
    let filters: Vec<Filter> =
        patterns.iter().map(|text| Filter::new(text)).collect::<anyhow::Result<_>>()?;
    for (filter, text) in filters.iter().zip(patterns) {
        if !all.iter().any(|subject| filter.matches(&subject.cell)) {
            bail!(
                "no kernel matches '{text}'; the kernels are {}, and the levels {}",
                listed(all.iter().map(Subject::name_at_any_level)),
                listed(all.iter().filter_map(|subject| subject.level().map(str::to_owned)))
            );
        }
    }
    let wanted = |subject: &Subject| {
        filters.is_empty() || filters.iter().any(|filter| filter.matches(&subject.cell))
    };
    Ok(all.into_iter().filter(wanted).collect())
}

/// The names, each once.
fn listed(names: impl Iterator<Item = String>) -> String {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(name.clone())).collect::<Vec<_>>().join(", ")
}

/// The kernel to show: the one whose whole name was given, or else the best level of the one that the
/// patterns match.
fn only<'a>(subjects: &'a [Subject], patterns: &[String]) -> anyhow::Result<&'a Subject> {
    if let [name] = patterns
        && let Some(subject) = subjects.iter().find(|subject| subject.name() == *name)
    {
        return Ok(subject);
    }
    let names = || subjects.iter().map(Subject::name_at_any_level);
    if names().collect::<BTreeSet<_>>().len() > 1 {
        bail!("--asm shows one kernel: name one of {}", listed(names()));
    }
    // The levels of a kernel ascend.
    let best = subjects.iter().rfind(|subject| subject.can_run());
    best.or(subjects.first()).context("there are no kernels")
}

fn print(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    for kernels in report.kernels.chunk_by(|a, b| a.generator == b.generator) {
        let levels: BTreeSet<_> =
            kernels.iter().map(|found| split_level(&found.kernel).1).collect();
        for level in levels {
            let at = level.map_or(String::new(), |level| format!(" at {level}"));
            writeln!(out, "{}{at}: instructions for one sample", kernels[0].generator)?;
            let rows =
                kernels.iter().filter(|found| split_level(&found.kernel).1 == level).map(row);
            writeln!(out, "{}", table(width(stdout()), columns(), rows))?;
        }
    }
    for sentence in &report.unequal {
        output::line(out, format_args!("unequal: {sentence}"))?;
    }
    output::missing(out, "not audited", &report.missing)?;
    Ok(())
}

/// The columns of a row. A terminal of 80 columns has room for all but the optional ones.
fn columns() -> [Column; 12] {
    [
        name("kernel"),
        fixed("bits"),
        fixed("all"),
        fixed("vector"),
        fixed("mul"),
        fixed("fma"),
        fixed("shift"),
        optional(1, "shuffle"),
        fixed("load"),
        fixed("store"),
        fixed("stack"),
        optional(2, "call"),
    ]
}

fn row(found: &Audited) -> Vec<String> {
    let Tally { instructions, vector, multiplies, fma, shifts, shuffles, .. } = found.per_sample;
    let Tally { loads, stores, spills, calls, .. } = found.per_sample;
    let bits = match found.width {
        Width::Scalar => "scalar".to_owned(),
        Width::Bits(bits) => bits.to_string(),
    };
    let numbers =
        [instructions, vector, multiplies, fma, shifts, shuffles, loads, stores, spills, calls];
    let texts = numbers.map(|number| match number {
        0.0 => "-".to_owned(),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    });
    [split_level(&found.kernel).0.to_owned(), bits].into_iter().chain(texts).collect()
}

/// Prints the hot loop. Each instruction has the number of its executions for one sample.
fn print_loop(subject: &Subject, running: &Running, out: &mut impl Write) -> anyhow::Result<()> {
    let audit = subject.audit(running).with_context(|| subject.name());
    // A kernel that this CPU cannot run is a wrong request.
    let audit = match audit {
        Err(why) if subject.can_run() => bail!(CheckFailed(format!("{why:#}"))),
        audit => audit?,
    };
    let hot =
        hot_loop(&audit).with_context(|| CheckFailed(format!("{}: {NO_LOOP}", subject.name())))?;
    let image = subject.image(running)?;
    let mut source = Lines::new(&image);
    writeln!(
        out,
        "{}: the hot loop, with the executions of each instruction for one sample",
        subject.name()
    )?;
    let mut last = None;
    for (address, times, text) in hot.lines() {
        let line = source.at(address);
        if line.is_some() && line != last {
            if let Some((place, code)) = &line {
                output::line(out, format_args!("{}", format!("{place}  {code}").trim_end()))?;
            }
            last = line;
        }
        writeln!(out, "  {times:>8.4}  {address:>8x}  {text}")?;
    }
    if last.is_none() {
        let why = "the program has no line numbers, so no source is shown: build it with -g, without strip";
        output::say(format_args!("warning: {why}"));
    }
    Ok(())
}
