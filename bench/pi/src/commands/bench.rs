//! `pi bench`: measures a suite and keeps every run.

mod bars;
mod dry_run;

use crate::answer;
use crate::cli::Bench;
use crate::job::ranks::Ranks;
use crate::output;
use crate::ranking;
use anyhow::bail;
use bars::Bars;
use dry_run::DryRun;
use libpi::Catalog;
use libpi::cpus::CpuCount;
use pi_harness::analysis::measured::Measured;
use pi_harness::environment::Environment;
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::launcher::Launcher;
use pi_harness::process::watch_for_interruption;
use pi_harness::results::fault::fault;
use pi_harness::results::files::Target;
use pi_harness::results::writer::Writer;
use pi_harness::results::{Block, Header, SCHEMA};
use pi_harness::runners::Table;
use pi_harness::session::cells::{Runnable, cpus_to_pin_to, runnable, select};
use pi_harness::session::plan::{Plan, Start};
use pi_harness::session::run::{Recorded, Session};
use pi_harness::shown::readable;
use pi_harness::suite::{Places, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

pub(crate) fn run(catalog: &Catalog, options: &Bench, out: &mut impl Write) -> anyhow::Result<()> {
    let begin = Instant::now();
    let suite = Suite::read(&options.suite)?;
    let budget = options.budget.unwrap_or(suite.budget).as_secs_f64();
    let usable = CpuCount::of_this_process().usable;
    let table = Table::read(options.runners.as_deref())?;
    let places = Places {
        usable,
        ranks: options.ranks.clone(),
        threads: options.threads.clone(),
        oversubscribe: options.oversubscribe,
    };
    let cells = select(catalog, &suite, &table, &places, &options.filter)?;
    // A pipe waits for its reader here: until then a signal ends this process as any other.
    let target = match &options.output_file {
        Some(path) if !options.dry_run => Some((path, Target::of(path, answer::metadata())?)),
        _ => None,
    };
    // Where the results go to stdout, nothing else does.
    let mut stderr = stderr();
    let (stdout, mut out): (&mut dyn Write, &mut dyn Write) = match &target {
        Some((_, Target::Stdout)) if options.output.json => bail!(
            "--json prints the ranking on stdout, where -o puts the results: leave one of them out"
        ),
        Some((_, Target::Stdout)) => (out, &mut stderr),
        _ => (&mut io::sink(), out),
    };
    // Opened before the work, since it may be refused; replaced when there is something to write.
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
    let Runnable { cells, skipped, versions } =
        runnable(cells, &launcher, cfg!(feature = "mpi"), &interrupted);

    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let environment = Environment::here(launcher.version, Ranks::library());
    output::warn(&environment.warnings);
    let header = header(&suite, seed, versions, environment)?;
    let mut bars = Bars::default();
    let mut session = Session::new(catalog, &start, &interrupted, &mut bars, begin);

    let plan = session.plan(&suite, cells, budget, options.processes, seed)?;
    let Some(writer) = writer else {
        let dry_run = DryRun::of(&suite, &plan, &skipped, &session.blocks, begin.elapsed());
        dry_run.print(options.output.json, &mut out)?;
        return verdict(&session.blocks, &plan, &interrupted, "nothing was to be measured");
    };
    let Some(expected) = session.expected(&plan)? else {
        return verdict(&session.blocks, &plan, &interrupted, "nothing was measured yet");
    };
    let Recorded { results, place, cut_off } =
        session.record(writer, header, skipped, &plan, &expected)?;

    let blocks = results.blocks.clone();
    ranking::run(options.output.json, &Measured::of(results), &mut out)?;
    let place = place?;
    let told = format!("results {place}");
    match options.output.json {
        true => output::say(told),
        false => output::line(&mut out, &told)?,
    }
    out.flush()?;
    let kept = format!("what was measured is kept {place}");
    if let Some(why) = cut_off {
        return Err(CheckFailed(format!("{why}; {kept}")).into());
    }
    verdict(&blocks, &plan, &interrupted, &kept)
}

/// The CPUs to pin runners to, and a word where the system does not say which may be used.
fn pinning(usable: u32) -> anyhow::Result<Option<Vec<usize>>> {
    let cpus = cpus_to_pin_to(usable)?;
    if cpus.is_none() {
        let why = "the system does not say which CPUs may be used: the runners are not pinned";
        output::warn(&[why.to_owned()]);
    }
    Ok(cpus)
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
    })
}

/// The exit code: an error weighs more than an interruption.
fn verdict(
    blocks: &[Block],
    plan: &Plan,
    interrupted: &AtomicBool,
    kept: &str,
) -> anyhow::Result<()> {
    let failed: BTreeSet<&str> =
        blocks.iter().filter(|block| fault(block).is_some()).map(|block| &*block.cell).collect();
    if !failed.is_empty() {
        let cells = if failed.len() == 1 { "cell has" } else { "cells have" };
        let names = failed.iter().copied().collect::<Vec<_>>().join(", ");
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
