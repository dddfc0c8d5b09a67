//! `pi bench`: measures a suite and keeps every run.

use crate::cli::Bench;
use crate::environment::{self, Environment};
use crate::fault::fault;
use crate::files::Target;
use crate::filter::Filter;
use crate::hits::Hits;
use crate::launcher::Launcher;
use crate::measure::Measurement;
use crate::measured::{self, Measured};
use crate::number::{counted, time};
use crate::plan::{self, Counts, Plan, Planned, Start};
use crate::process::{Unpinnable, ensure_pinnable, is_disturbed, watch_for_interruption};
use crate::results::{Block, End, Header, Record, Results, SCHEMA, Skipped};
use crate::runners::Table;
use crate::suite::{Cell, Places, Suite};
use crate::writer::Writer;
use crate::{CheckFailed, Stopped, output, ranking};
use anyhow::bail;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use libpi::Catalog;
use libpi::cpus::{CpuCount, throttled_periods};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The share of the blocks that may be measured again because something disturbed them: a machine
/// on which more are is not going to calm down.
const REPEATED_SHARE: f64 = 0.2;

pub(crate) fn run(catalog: &Catalog, options: &Bench, out: &mut impl Write) -> anyhow::Result<()> {
    let begin = Instant::now();
    let suite = Suite::read(&options.suite)?;
    let budget = options.budget.unwrap_or(suite.budget).as_secs_f64();
    let usable = CpuCount::of_this_process().usable;
    let table = Table::read(options.runners.as_deref())?;
    let cells = select(catalog, options, &suite, &table, usable)?;
    // A pipe waits for its reader here: until then a signal ends this process as any other.
    let target = match &options.output_file {
        Some(path) if !options.dry_run => Some((path, Target::of(path)?)),
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
    let interrupted = watch_for_interruption()?;
    let launcher = Launcher::find(options.launcher.as_deref(), &interrupted);
    let start = Start {
        launcher: launcher.command(),
        cpus: if options.no_pin { None } else { cpus_to_pin_to(usable)? },
        timeout: options.timeout,
    };
    let (cells, skipped, versions) = runnable(cells, &launcher, &interrupted);

    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let environment = Environment::here(launcher.version);
    output::warn(&environment.warnings);
    let header = header(&suite, seed, versions, environment)?;
    let mut session = Session {
        catalog,
        start: &start,
        interrupted: &interrupted,
        begin,
        writer: None,
        blocks: Vec::new(),
        cut_off: None,
    };

    let plan = session.plan(&suite, cells, budget, options, seed)?;
    let Some(mut writer) = writer else {
        let dry_run = DryRun::of(&suite, &plan, &skipped, &session.blocks, begin.elapsed());
        dry_run.print(options, &mut out)?;
        return verdict(&session.blocks, &plan, &interrupted, "nothing was to be measured");
    };
    let Some(expected) = session.expected(&plan)? else {
        return verdict(&session.blocks, &plan, &interrupted, "nothing was measured yet");
    };
    writer.begin(header.clone())?;
    session.writer = Some(writer);
    for cell in &skipped {
        session.append(Record::Skipped(cell.clone()))?;
    }
    for block in session.blocks.clone() {
        session.append(Record::Block(Box::new(block)))?;
    }
    let throttled = throttled_periods();
    let complete = session.measure(&plan, &expected)?;
    let end = End {
        complete,
        interrupted: session.is_interrupted(),
        load_after: environment::load(),
        throttled_periods: throttled_periods()
            .zip(throttled)
            .map(|(after, before)| after.saturating_sub(before)),
        noise_floor: measured::noise_floor(session.blocks.clone()),
    };
    session.append(Record::End(end.clone()))?;
    let place = session.place();

    let Session { blocks, cut_off, .. } = session;
    let results =
        Results { header, blocks: blocks.clone(), skipped, end: Some(end), problems: Vec::new() };
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

/// The cells that are wanted.
fn select(
    catalog: &Catalog,
    options: &Bench,
    suite: &Suite,
    table: &Table,
    usable: u32,
) -> anyhow::Result<Vec<Cell>> {
    let places = Places {
        usable,
        ranks: options.ranks.clone(),
        threads: options.threads.clone(),
        oversubscribe: options.oversubscribe,
    };
    let filters: Vec<Filter> =
        options.filter.iter().map(|text| Filter::new(text)).collect::<anyhow::Result<_>>()?;
    let mut cells = suite.cells(catalog, table, &places)?;
    let lists = format!("`pi bench {} --dry-run` lists its cells", options.suite);
    if cells.is_empty() {
        bail!("suite {} has no cell for these --ranks and --threads: {lists}", suite.name);
    }
    let idle = filters
        .iter()
        .zip(&options.filter)
        .find(|(filter, _)| !cells.iter().any(|cell| filter.matches(&cell.name)));
    if let Some((_, text)) = idle {
        bail!(
            "none of the {} of suite {} matches '{text}': take another pattern, or other --ranks and \
             --threads; {lists}",
            counted(cells.len(), "cell"),
            suite.name
        );
    }
    cells.retain(|cell| filters.is_empty() || filters.iter().any(|f| f.matches(&cell.name)));
    Ok(cells)
}

/// Those that can run here, why the others cannot, and the versions of the runners by their names.
fn runnable(
    cells: Vec<Cell>,
    launcher: &Launcher,
    interrupted: &AtomicBool,
) -> (Vec<Cell>, Vec<Skipped>, BTreeMap<String, String>) {
    let mut availability: BTreeMap<String, Result<String, String>> = BTreeMap::new();
    let mut reason = |cell: &Cell| {
        let runner = availability
            .entry(cell.runner.name.clone())
            .or_insert_with(|| cell.runner.available(interrupted));
        let ranks = || cell.runner.without_ranks().or_else(|| launcher.missing());
        cell.missing
            .clone()
            .or_else(|| runner.as_ref().err().cloned())
            .or_else(|| (cell.ranks > 1).then(ranks).flatten())
    };
    let mut skipped = Vec::new();
    let mut rest = Vec::new();
    for cell in cells {
        match reason(&cell) {
            None => rest.push(cell),
            Some(reason) => {
                let row = Skipped { cell: cell.name, runner: cell.runner.name, reason };
                // A cell of several sizes is skipped once.
                if !skipped.contains(&row) {
                    skipped.push(row);
                }
            }
        }
    }
    let used = |name: &String| rest.iter().any(|cell| cell.runner.name == *name);
    let versions = availability.into_iter().filter(|(name, _)| used(name));
    let versions = versions.filter_map(|(name, version)| Some((name, version.ok()?))).collect();
    (rest, skipped, versions)
}

/// The CPUs to pin runners to, in the order in which they are taken; none where it is not told which
/// may be used.
fn cpus_to_pin_to(usable: u32) -> anyhow::Result<Option<Vec<usize>>> {
    let cpus = environment::cpus_in_order(usable);
    if cpus.is_empty() {
        let why = "the system does not say which CPUs may be used: the runners are not pinned";
        output::warn(&[why.to_owned()]);
        return Ok(None);
    }
    ensure_pinnable(&cpus.iter().copied().collect()).map_err(failed)?;
    Ok(Some(cpus))
}

/// What cannot be pinned is no bad usage: elsewhere it works.
fn failed(why: Unpinnable) -> CheckFailed {
    CheckFailed(why.to_string())
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
        command: output::own_command(),
        runners,
        environment: serde_json::to_value(environment)?,
    })
}

/// A session in progress.
struct Session<'a> {
    catalog: &'a Catalog,
    start: &'a Start,
    interrupted: &'a AtomicBool,
    begin: Instant,
    /// None where nothing is to be kept.
    writer: Option<Writer<'a>>,
    blocks: Vec<Block>,
    /// Why no further process can be started, if that is so.
    cut_off: Option<Unpinnable>,
}

impl Session<'_> {
    fn append(&mut self, record: Record) -> anyhow::Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.append(&record))
    }

    /// Where the results are, in words.
    fn place(&self) -> anyhow::Result<String> {
        self.writer.as_ref().map_or(Ok(String::new()), Writer::place)
    }

    fn keep(&mut self, block: Block) -> anyhow::Result<()> {
        self.append(Record::Block(Box::new(block.clone())))?;
        self.blocks.push(block);
        Ok(())
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Tries every cell once, to know what the time allows. A cell that cannot do even that has an
    /// error, and no place in the plan.
    fn plan(
        &mut self,
        suite: &Suite,
        cells: Vec<Cell>,
        budget: f64,
        options: &Bench,
        seed: u64,
    ) -> anyhow::Result<Plan> {
        let bar = progress(cells.len() as u64, "trying {pos} of {len}  {wide_bar}  {msg}");
        let mut able = Vec::new();
        for cell in cells {
            bar.set_message(cell.name.clone());
            let fixed = suite.groups[cell.group].count.map(|count| cell.count(count));
            match plan::speed(&cell, fixed, self.start, self.interrupted).map_err(failed)? {
                None => break,
                Some(Ok(speed)) => able.push((cell, speed)),
                Some(Err(error)) => {
                    let runs = Planned {
                        count: fixed.unwrap_or(0),
                        cell,
                        warmup: 0,
                        runs: 0,
                        twin: false,
                        seconds: 0.0,
                    };
                    let block = Block { error: Some(error), ..self.empty_block(&runs, None) };
                    self.keep(block)?;
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        // Trying and counting took their time, but something must be left for the work.
        let left = (budget - self.begin.elapsed().as_secs_f64()).max(budget / 4.0);
        let plan = Plan::new(suite, able, left, options.processes, seed);
        output::warn(&Vec::from_iter(plan.too_few_processes()));
        let all = self.begin.elapsed().as_secs_f64() + plan.seconds();
        if all > budget * 1.25 {
            output::warn(&[format!(
                "this takes about {}, more than the budget of {}: give it more, or take fewer \
                 cells or --processes",
                duration(all),
                duration(budget)
            )]);
        }
        Ok(plan)
    }

    /// What each of the plan's cells must count. Nothing if somebody interrupted.
    fn expected(&self, plan: &Plan) -> anyhow::Result<Option<Vec<Hits>>> {
        let bar = progress(plan.cells.len() as u64, "counting what is right  {wide_bar}");
        let mut counts = Counts::new(self.catalog, self.interrupted);
        let mut expected = Vec::new();
        for planned in &plan.cells {
            expected.extend(counts.of(&planned.cell, planned.count)?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok((!self.is_interrupted()).then_some(expected))
    }

    /// Runs the blocks in their order; whether it came to the end.
    fn measure(&mut self, plan: &Plan, expected: &[Hits]) -> anyhow::Result<bool> {
        let bar = progress(plan.order.len() as u64, "{wide_bar} {pos}/{len}  {msg}");
        let (total, begin) = (plan.seconds(), Instant::now());
        let mut done = 0.0;
        let mut failed = BTreeSet::new();
        let mut repeats = (plan.order.len() as f64 * REPEATED_SHARE) as u32;
        for (order, &(number, process)) in (0..).zip(&plan.order) {
            let planned = &plan.cells[number];
            bar.set_message(format!(
                "{} left  {}",
                HumanDuration(left(begin.elapsed(), done, total)),
                planned.cell.name
            ));
            // What failed once is an error, however often it succeeds: no time is lost on it.
            if !failed.contains(&planned.cell.key()) {
                let place = (order, process);
                let Some(mut block) = self.block(planned, expected[number], place) else {
                    return Ok(false);
                };
                if block.disturbed && block.error.is_none() && (block.paused || repeats > 0) {
                    // A pause says nothing of how busy the machine is.
                    repeats -= u32::from(!block.paused);
                    let again = self.block(planned, expected[number], place);
                    block.superseded = again.is_some();
                    self.keep(block)?;
                    let Some(again) = again else { return Ok(false) };
                    block = again;
                }
                if block.error.is_some() {
                    failed.insert(planned.cell.key());
                }
                self.keep(block)?;
            }
            done += planned.seconds;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(failed.is_empty())
    }

    /// One process. Nothing if somebody interrupted, or no process can be pinned any more.
    fn block(
        &mut self,
        planned: &Planned,
        hits: Hits,
        (order, process): (u64, u32),
    ) -> Option<Block> {
        let Planned { cell, count, warmup, runs, seconds, .. } = planned;
        let mut block = self.empty_block(planned, Some(hits));
        (block.order, block.process) = (order, process);
        let command = match self.start.command_to_start(cell) {
            Ok(command) => command,
            Err(error) => return Some(Block { error: Some(error), ..block }),
        };
        let cpus = self.start.cpus(cell);
        let request = plan::request(cell, *count, *warmup, *runs);
        let measurement = Measurement {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits,
            cpus: cpus.as_ref(),
            timeout: self.start.timeout(*seconds),
            interrupted: self.interrupted,
        };
        let (outcome, answer) = match measurement.run() {
            Ok(measured) => measured?,
            Err(why) => {
                self.cut_off = Some(why);
                return None;
            }
        };
        if let Some(outcome) = outcome {
            block.cpu_seconds = outcome.cpu_seconds;
            block.context_switches = outcome.context_switches;
            block.foreign_cpu_share = outcome.foreign_cpu_share;
            let share = outcome.foreign_cpu_share;
            block.paused = outcome.was_paused;
            block.disturbed = outcome.was_paused
                || share.is_some_and(|share| is_disturbed(share, outcome.seconds));
        }
        match answer {
            Ok(answer) => {
                block.version = answer.version;
                block.info = answer.info;
                block.masks = answer.masks;
                block.runs = answer.runs;
            }
            Err(error) => block.error = Some(error),
        }
        Some(block)
    }

    /// What is known of a block before it is run.
    fn empty_block(&self, planned: &Planned, hits: Option<Hits>) -> Block {
        let Planned { cell, count, twin, .. } = planned;
        Block {
            cell: cell.name.clone(),
            runner: cell.runner.name.clone(),
            language: cell.runner.language(&cell.kernel),
            exact: !matches!(cell.expected, crate::suite::Expected::NearPi),
            generator: cell.generator.clone(),
            kernel: cell.kernel.clone(),
            driver: cell.driver.clone(),
            ranks: cell.ranks,
            threads: cell.threads,
            weak: cell.weak,
            seed: cell.seed,
            count: *count,
            batch: cell.batch,
            twin: *twin,
            command: self.start.command(cell).iter().map(output::readable).collect(),
            started: self.begin.elapsed().as_secs_f64(),
            expected_hits: match hits {
                Some(Hits::Exactly(hits)) => Some(hits),
                _ => None,
            },
            ..Block::default()
        }
    }
}

fn left(elapsed: Duration, done: f64, total: f64) -> Duration {
    // At first the plan alone, later what the done part of it really took.
    let pace = if done > 0.0 { elapsed.as_secs_f64() / done } else { 1.0 };
    Duration::from_secs_f64(((total - done) * pace).max(0.0))
}

/// A bar on stderr, if that is a terminal.
fn progress(length: u64, template: &str) -> ProgressBar {
    let target = match stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(ProgressStyle::with_template(template).expect("the template is well-formed"))
}

/// A plan, as `--dry-run` shows it.
#[derive(Serialize)]
struct DryRun<'a> {
    suite: &'a str,
    /// The seed of the order of the blocks.
    seed: u64,
    processes: u32,
    blocks: usize,
    /// Seconds that the blocks take together.
    seconds: f64,
    /// Seconds that trying the cells took.
    trying: f64,
    cells: Vec<PlannedRow<'a>>,
    skipped: &'a [Skipped],
    errors: Vec<TrialError<'a>>,
}

/// A cell, and what each of its processes does.
#[derive(Serialize)]
struct PlannedRow<'a> {
    cell: &'a str,
    batch: Option<u64>,
    weak: bool,
    twin: bool,
    count: u64,
    runs: u32,
    seconds: f64,
}

/// A cell that could not even be tried.
#[derive(Serialize)]
struct TrialError<'a> {
    cell: &'a str,
    message: &'a str,
}

impl<'a> DryRun<'a> {
    fn of(
        suite: &'a Suite,
        plan: &'a Plan,
        skipped: &'a [Skipped],
        tried: &'a [Block],
        trying: Duration,
    ) -> Self {
        let row = |planned: &'a Planned| PlannedRow {
            cell: &planned.cell.name,
            batch: planned.cell.batch,
            weak: planned.cell.weak,
            twin: planned.twin,
            count: planned.count,
            runs: planned.runs,
            seconds: planned.seconds,
        };
        let error = |block: &'a Block| {
            let message = &block.error.as_ref()?.message;
            Some(TrialError { cell: &block.cell, message })
        };
        Self {
            suite: &suite.name,
            seed: plan.seed,
            processes: plan.processes,
            blocks: plan.order.len(),
            seconds: plan.seconds(),
            trying: trying.as_secs_f64(),
            cells: plan.cells.iter().map(row).collect(),
            skipped,
            errors: tried.iter().filter_map(error).collect(),
        }
    }

    fn print(&self, options: &Bench, out: &mut impl Write) -> anyhow::Result<()> {
        if options.output.json {
            output::json(out, self)?;
        } else {
            self.print_table(out)?;
        }
        out.flush()?;
        Ok(())
    }

    fn print_table(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let rows = self.cells.iter().map(|row| {
            let mut name = row.cell.to_owned();
            if let Some(batch) = row.batch {
                name += &format!(" batch {batch}");
            }
            if row.weak {
                name += " weak";
            }
            if row.twin {
                name += " (A/A)";
            }
            let repeats = format!("{}x{}", self.processes, row.runs);
            vec![name, row.count.to_string(), repeats, time(row.seconds)]
        });
        let header = ["cell", "samples", "processes x runs", "a process"];
        write!(out, "{}", output::table(&header, rows))?;
        for Skipped { cell, reason, .. } in self.skipped {
            output::line(out, format_args!("  skipped: {cell}: {reason}"))?;
        }
        for TrialError { cell, message } in &self.errors {
            output::line(out, format_args!("  error: {cell}: {message}"))?;
        }
        writeln!(
            out,
            "{} in rounds, each in a random order from seed {}: about {}, besides {} for \
             trying",
            counted(self.blocks, "block"),
            self.seed,
            duration(self.seconds),
            duration(self.trying)
        )?;
        Ok(())
    }
}

/// Seconds as people say them.
fn duration(seconds: f64) -> String {
    match seconds {
        ..10.0 => time(seconds),
        _ => HumanDuration(Duration::from_secs_f64(seconds)).to_string(),
    }
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
