//! A session: it tries every cell, plans, and measures block by block.

use crate::analysis::measured::noise_floor;
use crate::built::compiler_of;
use crate::environment::load;
use crate::failure::CheckFailed;
use crate::number::duration;
use crate::process::{Unpinnable, is_disturbed};
use crate::results::writer::Writer;
use crate::results::{Audited, Block, BlockError, End, Header, Record, Results, Skipped};
use crate::runner_table::PI;
use crate::session::cells::not_pinnable;
use crate::session::counts::Counts;
use crate::session::exchange::Exchange;
use crate::session::hits::Hits;
use crate::session::plan::{Plan, Planned};
use crate::session::progress::{Phase, Progress};
use crate::session::references::{References, Trouble};
use crate::session::speed::{Speed, speed};
use crate::session::start::{Start, request};
use crate::shown::readable;
use crate::suite::{Expected, Suite, SuiteCell};
use libpi::cpus::throttled_periods;
use libpi::{Catalog, Generator};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The share of the blocks that the session may measure again because something disturbed them. If a
/// machine disturbs more blocks, it will not calm down.
const REPEATED_SHARE: f64 = 0.2;

/// The outcome of a session.
pub struct Recorded {
    pub results: Results,
    /// Where the results are, in words, or an error if they are not there any more.
    pub place: anyhow::Result<String>,
    /// Why the session ended early, if it could not start a further process.
    pub cut_off: Option<Unpinnable>,
}

/// A session in progress.
pub struct Session<'a> {
    catalog: &'a Catalog,
    start: &'a Start,
    interrupted: &'a AtomicBool,
    begin: Instant,
    progress: &'a mut dyn Progress,
    /// There is no writer while the session only tries cells.
    writer: Option<Writer<'a>>,
    pub blocks: Vec<Block>,
    /// Why the session cannot start a further process, if it cannot.
    cut_off: Option<Unpinnable>,
    references: References<'a>,
}

impl<'a> Session<'a> {
    pub fn new(
        catalog: &'a Catalog,
        references: References<'a>,
        start: &'a Start,
        interrupted: &'a AtomicBool,
        progress: &'a mut dyn Progress,
        begin: Instant,
    ) -> Self {
        let (writer, blocks, cut_off) = (None, Vec::new(), None);
        Self { catalog, start, interrupted, begin, progress, writer, blocks, cut_off, references }
    }

    /// Measures the cells of the plan, and writes every record as soon as it is known.
    ///
    /// # Errors
    /// If a record cannot be written.
    pub fn record(
        mut self,
        mut writer: Writer<'a>,
        header: Header,
        skipped: Vec<Skipped>,
        audits: Vec<Audited>,
        plan: &Plan,
        expected: &[Hits],
    ) -> anyhow::Result<Recorded> {
        writer.begin(header.clone())?;
        self.writer = Some(writer);
        for cell in &skipped {
            self.append(Record::Skipped(cell.clone()))?;
        }
        for audit in &audits {
            self.append(Record::Audit(Box::new(audit.clone())))?;
        }
        for block in self.blocks.clone() {
            self.append(Record::Block(Box::new(block)))?;
        }
        let throttled = throttled_periods();
        let complete = self.measure(plan, expected)?;
        let end = End {
            complete,
            interrupted: self.is_interrupted(),
            load_after: load(),
            throttled_periods: throttled_periods()
                .zip(throttled)
                .map(|(after, before)| after.saturating_sub(before)),
            noise_floor: noise_floor(self.blocks.clone()),
        };
        self.append(Record::End(end.clone()))?;
        let place = self.place();
        let Self { blocks, cut_off, .. } = self;
        let (end, problems) = (Some(end), Vec::new());
        let results = Results { header, blocks, skipped, audits, end, problems };
        Ok(Recorded { results, place, cut_off })
    }
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

    /// Tries every cell once to learn its speed, and makes the plan. A cell that fails here gets an error
    /// and is not in the plan.
    pub fn plan(
        &mut self,
        suite: &Suite,
        cells: Vec<SuiteCell>,
        budget: f64,
        processes: Option<u32>,
        seed: u64,
    ) -> anyhow::Result<Plan> {
        self.progress.begin(Phase::Trying, cells.len());
        let mut able = Vec::new();
        for cell in cells {
            self.progress.step(&cell.name.to_string(), None);
            let fixed = suite.groups[cell.group].count.map(|count| cell.count(count));
            match self.tried(&cell, fixed)? {
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
        }
        self.progress.end();
        // The trials took a part of the budget, but at least a quarter must be left for measuring.
        let left = (budget - self.begin.elapsed().as_secs_f64()).max(budget / 4.0);
        let plan = Plan::new(suite, able, left, processes, seed);
        if let Some(warning) = plan.too_few_processes() {
            self.progress.warn(&warning);
        }
        let all = self.begin.elapsed().as_secs_f64() + plan.seconds();
        if all > budget * 1.25 {
            self.progress.warn(&format!(
                "this takes about {}, more than the budget of {}: give a larger --budget, fewer cells, \
                 or fewer --processes",
                duration(all),
                duration(budget)
            ));
        }
        Ok(plan)
    }

    /// The speed of a cell, if its kernel counts right. Returns nothing after an interruption.
    fn tried(
        &mut self,
        cell: &SuiteCell,
        fixed: Option<u64>,
    ) -> anyhow::Result<Option<Result<Speed, BlockError>>> {
        match self.references.check(cell) {
            Ok(()) => Ok(speed(cell, fixed, self.start, self.interrupted).map_err(not_pinnable)?),
            Err(Trouble::Failed(error)) => Ok(Some(Err(error))),
            Err(Trouble::Interrupted) => Ok(None),
            Err(Trouble::Unpinnable(why)) => Err(not_pinnable(why).into()),
        }
    }

    /// The hits that the kernels of a problem must count. Returns nothing after an interruption.
    fn of_problem(
        &mut self,
        problem: Generator,
        planned: &Planned,
    ) -> anyhow::Result<Option<Hits>> {
        let Planned { cell, count, seconds, .. } = planned;
        // The count is made on one thread, maybe by a slower kernel.
        let alone = seconds * f64::from(cell.workers());
        match self.references.total(problem, cell.seed, *count, alone) {
            Ok(hits) => Ok(Some(Hits::Exactly(hits))),
            Err(Trouble::Failed(error)) => Err(CheckFailed(error.message).into()),
            Err(Trouble::Interrupted) => Ok(None),
            Err(Trouble::Unpinnable(why)) => Err(not_pinnable(why).into()),
        }
    }

    /// The hits that each cell of the plan must count. Returns nothing after an interruption.
    pub fn expected(&mut self, plan: &Plan) -> anyhow::Result<Option<Vec<Hits>>> {
        self.progress.begin(Phase::Counting, plan.cells.len());
        let mut counts = Counts::new(self.catalog, self.interrupted);
        let mut expected = Vec::new();
        for planned in &plan.cells {
            self.progress.step(&planned.cell.name.to_string(), None);
            expected.extend(match planned.cell.expected {
                Expected::Generator(problem) if problem.is_problem() => {
                    self.of_problem(problem, planned)?
                }
                _ => counts.of(&planned.cell, planned.count)?,
            });
        }
        self.progress.end();
        Ok((!self.is_interrupted()).then_some(expected))
    }

    /// Runs the blocks in order. Returns whether all ran without an error.
    fn measure(&mut self, plan: &Plan, expected: &[Hits]) -> anyhow::Result<bool> {
        self.progress.begin(Phase::Measuring, plan.order.len());
        let (total, begin) = (plan.seconds(), Instant::now());
        let mut done = 0.0;
        let mut failed = BTreeSet::new();
        let mut repeats = (plan.order.len() as f64 * REPEATED_SHARE) as u32;
        for (order, &(number, process)) in (0..).zip(&plan.order) {
            let planned = &plan.cells[number];
            let left = left(begin.elapsed(), done, total);
            self.progress.step(&planned.cell.name.to_string(), Some(left));
            // A cell that failed once has no times, so the session does not run it again.
            if !failed.contains(&planned.cell.key()) {
                let place = (order, process);
                let Some(mut block) = self.block(planned, expected[number], place) else {
                    return Ok(false);
                };
                if block.disturbed && block.error.is_none() && (block.paused || repeats > 0) {
                    // A pause does not count, because it does not mean that the machine is busy.
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
        }
        self.progress.end();
        Ok(failed.is_empty())
    }

    /// Runs one process. Returns nothing after an interruption, or if no process can be pinned any more.
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
        let request = request(cell, *count, *warmup, *runs);
        let exchange = Exchange {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits,
            cpus: cpus.as_ref(),
            timeout: self.start.timeout(*seconds),
            interrupted: self.interrupted,
        };
        let (outcome, answer) = match exchange.run() {
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
                block.info = answer.joined();
                block.masks = answer.values("mask").map(str::to_owned).collect();
                block.version = answer.version;
                block.runs = answer.runs.into_iter().map(Into::into).collect();
            }
            Err(error) => block.error = Some(error),
        }
        Some(block)
    }

    /// A block with everything that is known before it runs.
    fn empty_block(&self, planned: &Planned, hits: Option<Hits>) -> Block {
        let Planned { cell, count, twin, .. } = planned;
        Block {
            cell: cell.name.clone(),
            runner: cell.runner.name.clone(),
            language: cell.runner.language(&cell.name.kernel),
            compiler: match &*cell.runner.name {
                PI if !self.references.is_loaded(cell) => compiler_of(&cell.name.kernel).to_owned(),
                _ => String::new(),
            },
            exact: !matches!(cell.expected, Expected::NearPi),
            weak: cell.weak,
            seed: cell.seed,
            count: *count,
            batch: cell.batch,
            twin: *twin,
            command: self.start.command(cell).iter().map(readable).collect(),
            started: self.begin.elapsed().as_secs_f64(),
            expected_hits: match hits {
                Some(Hits::Exactly(hits)) => Some(hits),
                _ => None,
            },
            ..Block::default()
        }
    }
}

/// The expected time to the end of the plan. `done` and `total` are planned seconds.
fn left(elapsed: Duration, done: f64, total: f64) -> Duration {
    // The pace is the real time of the finished part relative to its planned time.
    let pace = if done > 0.0 { elapsed.as_secs_f64() / done } else { 1.0 };
    Duration::from_secs_f64(((total - done) * pace).max(0.0))
}
