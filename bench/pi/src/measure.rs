//! Measures a suite and keeps every run.

mod bars;
mod core;
mod dry_run;

use crate::answer;
use crate::job::ranks::Ranks;
use crate::loading::LoadFor;
use crate::options::{Output, parse_launcher};
use crate::output;
use crate::ranking::View;
use crate::table::width;
use anyhow::bail;
use bars::Bars;
use clap::Args;
use dry_run::DryRun;
use libpi::Catalog;
use libpi::cpus::CpuCount;
use pi_harness::analysis::measured::Measured;
use pi_harness::environment::Environment;
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::launcher::Launcher;
use pi_harness::loaded::{Loaded, Loads};
use pi_harness::number::parse_seed;
use pi_harness::process::watch_for_interruption;
use pi_harness::results::fault::fault;
use pi_harness::results::files::Target;
use pi_harness::results::writer::Writer;
use pi_harness::results::{Block, Header, Library, SCHEMA};
use pi_harness::runner_table::{PI, RunnerTable};
use pi_harness::session::cells::{Runnable, cpus_to_pin_to, runnable, select};
use pi_harness::session::plan::Plan;
use pi_harness::session::references::References;
use pi_harness::session::run::{Recorded, Session};
use pi_harness::session::start::Start;
use pi_harness::shown::readable;
use pi_harness::suite::filter::Numbers;
use pi_harness::suite::{Places, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write, stderr, stdout};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What to measure, and how.
#[derive(Debug, Default, Args)]
pub(crate) struct Measure {
    /// Suite: default, compilers, ffi, guests, ladder, levels, overhead, peak, peers, polyglot, scale, or a
    /// path to a .toml file
    #[arg(default_value = "default")]
    suite: OsString,

    /// File for the results, JSON Lines. With - the results go to stdout and the ranking to stderr
    /// [default: a new file, pi-SUITE-TIME.jsonl]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,

    /// Time to spend, such as 60s or 5min. It determines the counts and the number of processes, up to 50
    /// for each cell [default: the suite's]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) budget: Option<Duration>,

    /// Measure only cells that match: generator/kernel@level/driver/RANKSxTHREADS. Each part is a pattern,
    /// and later parts may be left out. The option may be given several times
    #[arg(long, value_name = "PATTERN")]
    filter: Vec<String>,

    /// Numbers of ranks, such as 2 or 1-4 or 1,2,4
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    ranks: Option<Numbers>,

    /// Numbers of threads, such as 2 or 1-4 or 1,2,4
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    threads: Option<Numbers>,

    /// Processes for each cell. Cells with fewer than 5 are not compared; 12 reach intervals of 95%
    /// [default: at least 12, more if the time allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000),
          allow_hyphen_values = true)]
    pub(crate) processes: Option<u32>,

    /// Seed of the order of the processes [default: a random one]
    #[arg(long, value_parser = parse_seed, allow_hyphen_values = true)]
    seed: Option<u64>,

    /// Try each cell once, print the plan and its time, and measure nothing
    #[arg(long)]
    dry_run: bool,

    /// Allow more ranks times threads than usable CPUs
    #[arg(long)]
    oversubscribe: bool,

    /// Command that starts ranks. {ranks} stands for their number; without it, -n and the number are added
    /// [default: mpiexec, or the command in MPIEXEC, with the flags that leave the placement to pi]
    #[arg(long, value_name = "COMMAND", value_parser = parse_launcher)]
    pub(crate) launcher: Option<String>,

    /// Do not pin the processes to CPUs
    #[arg(long)]
    no_pin: bool,

    /// Kill a process after this time [default: 30 s plus 20 times its expected time]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,

    /// A table with more runners, like bench/runners.toml
    #[arg(long, value_name = "FILE")]
    runners: Option<PathBuf>,

    /// Also rank every call and every batch of calls; by default a short table shows what calls cost
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    load: LoadFor,

    #[command(flatten)]
    pub(crate) output: Output,
}

impl Measure {
    /// A suite with the defaults of all options.
    pub(crate) fn of(suite: &str) -> Self {
        Self { suite: suite.into(), ..Self::default() }
    }
}

/// What shows a result.
type Show = dyn Fn(&View, &Measured, &mut &mut dyn Write) -> anyhow::Result<()>;

/// Measures a suite, and shows the result.
pub(crate) fn measure(
    catalog: &Catalog,
    options: &Measure,
    show: &Show,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut suite = Suite::read(&options.suite)?;
    suite.load(options.load.wanted())?;
    let catalog = &suite.loads.catalog(catalog);
    let budget = options.budget.unwrap_or(suite.budget).as_secs_f64();
    let usable = CpuCount::of_this_process().usable;
    let table = RunnerTable::read(options.runners.as_deref())?;
    let places = Places {
        usable,
        ranks: options.ranks.clone(),
        threads: options.threads.clone(),
        oversubscribe: options.oversubscribe,
    };
    let cells = select(catalog, &suite, &table, &places, &options.filter)?;
    // Opening a pipe waits for its reader. Until then a signal ends this process in the usual way.
    let target = match &options.output_file {
        Some(path) if !options.dry_run => Some((path, Target::of(path, answer::metadata())?)),
        _ => None,
    };
    // If the results go to stdout, the ranking goes to stderr.
    let width = match &target {
        Some((_, Target::Stdout)) => width(stderr()),
        _ => width(stdout()),
    };
    let mut stderr = stderr();
    let (stdout, mut out): (&mut dyn Write, &mut dyn Write) = match &target {
        Some((_, Target::Stdout)) if options.output.json => bail!(
            "--json prints the ranking on stdout, and -o writes the results there too: leave one of them out"
        ),
        Some((_, Target::Stdout)) => (out, &mut stderr),
        _ => (&mut io::sink(), out),
    };
    // The file is opened before the work, because it may be refused. It is emptied when there is something
    // to write.
    let writer = match target {
        _ if options.dry_run => None,
        Some((path, target)) => Some(Writer::open(path, target, stdout)?),
        None => Some(Writer::new(&default_name(&suite.name))?),
    };
    output::warn(&Vec::from_iter(writer.iter().filter_map(Writer::warning).map(str::to_owned)));
    let interrupted = watch_for_interruption()?;
    let launcher = Launcher::find(options.launcher.as_deref(), &interrupted);
    let start = Start {
        launcher: launcher.command(),
        cpus: if options.no_pin { None } else { pinning(usable)? },
        timeout: options.timeout,
    };
    let mut audits = Vec::new();
    let mut cells = cells;
    if suite.bound {
        audits = core::audits(catalog, &suite.loads, &table, &cells, &interrupted);
        let names = core::micro_kernels(&audits);
        let micro = suite.add_micro_kernels(&names, catalog, &table)?;
        let known: BTreeSet<String> = cells.iter().map(|cell| cell.name.to_string()).collect();
        cells.extend(micro.into_iter().filter(|cell| !known.contains(&cell.name.to_string())));
    }
    let Runnable { cells, skipped, versions } =
        runnable(cells, &launcher, cfg!(feature = "mpi"), &interrupted);

    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let environment = Environment::here(launcher.version, Ranks::library());
    output::warn(&environment.warnings);
    let mut header = header(&suite, seed, versions, environment)?;
    header.libraries = libraries(&suite.loads);
    header.pinned = Some(start.cpus.is_some());
    let mut bars = Bars::default();
    let references = References::new(&suite.loads, table.get(PI)?.clone(), &start, &interrupted);
    let mut session = Session::new(catalog, references, &start, &interrupted, &mut bars, begin);

    let plan = session.plan(&suite, cells, budget, options.processes, seed)?;
    let Some(writer) = writer else {
        let dry_run = DryRun::of(&suite, &plan, &skipped, &session.blocks, begin.elapsed());
        dry_run.print(options.output.json, width, &mut out)?;
        return verdict(&session.blocks, &plan, &interrupted, "a dry run measures nothing");
    };
    let Some(expected) = session.expected(&plan)? else {
        return verdict(&session.blocks, &plan, &interrupted, "nothing was measured yet");
    };
    let Recorded { results, place, cut_off } =
        session.record(writer, header, skipped, audits, &plan, &expected)?;

    let blocks = results.blocks.clone();
    let view = View { json: options.output.json, all: options.all, width, answer_last: true };
    show(&view, &Measured::of(results), &mut out)?;
    let place = place?;
    let told = format!("results {place}");
    match options.output.json {
        true => output::say(told),
        false => output::line(&mut out, &told)?,
    }
    out.flush()?;
    let kept = format!("the measured results are kept {place}");
    if let Some(why) = cut_off {
        return Err(CheckFailed(format!("{why}; {kept}")).into());
    }
    verdict(&blocks, &plan, &interrupted, &kept)
}

/// The CPUs to which runners are pinned. Warns if the system does not say which CPUs may be used.
fn pinning(usable: u32) -> anyhow::Result<Option<Vec<usize>>> {
    let cpus = cpus_to_pin_to(usable)?;
    if cpus.is_none() {
        let why = "the system does not say which CPUs may be used, so the runners are not pinned";
        output::warn(&[why.to_owned()]);
    }
    Ok(cpus)
}

/// The loaded kernels, as results keep them.
fn libraries(loads: &Loads) -> Vec<Library> {
    let row = |one: &Loaded| {
        let function = one.function.as_ref().ok()?;
        Some(Library {
            generator: one.generator.to_string(),
            kernel: one.name.clone(),
            language: one.language.clone(),
            version: one.version.clone(),
            file: readable(&function.file),
            symbol: one.place.symbol.clone(),
            sha256: function.sha256.clone(),
        })
    };
    loads.0.iter().filter_map(row).collect()
}

fn default_name(suite: &str) -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    format!("pi-{suite}-{}", now.replace(['-', ':'], ""))
}

fn header(
    suite: &Suite,
    seed: u64,
    runners: BTreeMap<String, String>,
    environment: Environment,
) -> anyhow::Result<Header> {
    Ok(Header {
        schema: SCHEMA,
        created: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        suite: suite.name.clone(),
        question: suite.question.trim().to_owned(),
        picture: suite.picture.name().to_owned(),
        seed,
        command: std::env::args_os().map(readable).collect(),
        runners,
        environment: serde_json::to_value(environment)?,
        ..Header::default()
    })
}

/// The error of the session, if there is one. An error of a cell counts more than an interruption.
fn verdict(
    blocks: &[Block],
    plan: &Plan,
    interrupted: &AtomicBool,
    kept: &str,
) -> anyhow::Result<()> {
    let failed = blocks.iter().filter(|block| fault(block).is_some());
    let failed: BTreeSet<String> = failed.map(|block| block.cell.to_string()).collect();
    if !failed.is_empty() {
        let cells = if failed.len() == 1 { "cell has" } else { "cells have" };
        let names = failed.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let message = format!("{} {cells} errors and no time: {names}", failed.len());
        return Err(CheckFailed(message).into());
    }
    if interrupted.load(Ordering::Relaxed) {
        return Err(Stopped(format!("interrupted: {kept}")).into());
    }
    if plan.cells.is_empty() {
        return Err(CheckFailed("no cell of the suite can run here".to_owned()).into());
    }
    Ok(())
}
