//! Checks loaded kernels before they are timed, and counts what the kernels of a problem must count. Each
//! count is made in a fresh process, because a kernel from elsewhere may crash.

use crate::loaded::{Loaded, Loads, ranges};
use crate::process::Unpinnable;
use crate::protocol::error;
use crate::results::{BlockError, ErrorKind};
use crate::runner_table::Runner;
use crate::session::exchange::Exchange;
use crate::session::hits::Hits;
use crate::session::start::{Start, request};
use crate::suite::{Expected, SuiteCell};
use libpi::known::KnownCount;
use libpi::{CellName, Generator};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// The largest known count that is checked. Each takes a process.
const SHORT: u64 = 1 << 18;

/// Why there is no count.
pub enum Trouble {
    Interrupted,
    Unpinnable(Unpinnable),
    Failed(BlockError),
}

impl From<BlockError> for Trouble {
    fn from(error: BlockError) -> Self {
        Self::Failed(error)
    }
}

/// The loaded kernels, and what is known of them.
pub struct References<'a> {
    loads: &'a Loads,
    pi: Runner,
    start: &'a Start,
    interrupted: &'a AtomicBool,
    verdicts: BTreeMap<String, Result<(), BlockError>>,
    of_problems: BTreeMap<Generator, Result<Vec<KnownCount>, BlockError>>,
    totals: BTreeMap<(Generator, u64, u64), Result<u64, BlockError>>,
}

impl<'a> References<'a> {
    pub fn new(
        loads: &'a Loads,
        pi: Runner,
        start: &'a Start,
        interrupted: &'a AtomicBool,
    ) -> Self {
        let (verdicts, of_problems, totals) = Default::default();
        Self { loads, pi, start, interrupted, verdicts, of_problems, totals }
    }

    pub fn is_loaded(&self, cell: &SuiteCell) -> bool {
        self.loads.find(&cell.name.generator, &cell.name.kernel).is_some()
    }

    /// Checks the kernel of a cell, if it is a loaded one: against known counts, or against the counts of
    /// the first kernel of its problem.
    ///
    /// # Errors
    /// If it counts wrong or fails.
    pub fn check(&mut self, cell: &SuiteCell) -> Result<(), Trouble> {
        let CellName { generator, kernel, .. } = &cell.name;
        let Some(loaded) = self.loads.find(generator, kernel) else { return Ok(()) };
        if let Some(verdict) = self.verdicts.get(&loaded.full_name()) {
            return Ok(verdict.clone()?);
        }
        let verdict = settled(self.compare(loaded))?;
        self.verdicts.insert(loaded.full_name(), verdict.clone());
        Ok(verdict?)
    }

    fn compare(&mut self, loaded: &Loaded) -> Result<(), Trouble> {
        let known: Vec<KnownCount> = match loaded.generator.is_problem() {
            true => self.of_problem(loaded.generator)?,
            false => KnownCount::up_to(SHORT, loaded.generator).collect(),
        };
        for known in known {
            let hits = self.count(loaded, known.seed, known.first, known.count, 0.0)?;
            if let Some(wrong) = ranges::difference(&known, hits) {
                let message = format!("it counted {wrong}, so it was not timed");
                return Err(error(ErrorKind::WrongHits, message).into());
            }
        }
        Ok(())
    }

    /// The counts of the first kernel of a problem.
    fn of_problem(&mut self, problem: Generator) -> Result<Vec<KnownCount>, Trouble> {
        if let Some(counts) = self.of_problems.get(&problem) {
            return Ok(counts.clone()?);
        }
        let counts = settled(self.count_problem(problem))?;
        self.of_problems.insert(problem, counts.clone());
        Ok(counts?)
    }

    fn count_problem(&self, problem: Generator) -> Result<Vec<KnownCount>, Trouble> {
        let first = self.first(problem)?;
        let counts = ranges::counted(problem, |seed, from, count| {
            self.count(first, seed, from, count, 0.0).map_err(|trouble| of_first(first, trouble))
        })?;
        if let Some(fault) = ranges::fault(&counts) {
            let message = format!("kernel {} {fault}", first.full_name());
            return Err(error(ErrorKind::WrongHits, message).into());
        }
        Ok(counts)
    }

    /// The hits that every kernel of a problem must count among the first indices. `seconds` is the
    /// expected time of the count.
    ///
    /// # Errors
    /// If the first kernel of the problem fails.
    pub fn total(
        &mut self,
        problem: Generator,
        seed: u64,
        count: u64,
        seconds: f64,
    ) -> Result<u64, Trouble> {
        let key = (problem, seed, count);
        if let Some(hits) = self.totals.get(&key) {
            return Ok(hits.clone()?);
        }
        let first = self.first(problem)?;
        let hits = self.count(first, seed, 0, count, seconds);
        let hits = settled(hits.map_err(|trouble| of_first(first, trouble)))?;
        self.totals.insert(key, hits.clone());
        Ok(hits?)
    }

    fn first(&self, problem: Generator) -> Result<&'a Loaded, BlockError> {
        let none = || error(ErrorKind::Launch, format!("no kernel of {problem} can run here"));
        self.loads.reference(problem).ok_or_else(none)
    }

    /// Counts a range with a kernel, serially, in a fresh process.
    fn count(
        &self,
        loaded: &Loaded,
        seed: u64,
        first: u64,
        count: u64,
        seconds: f64,
    ) -> Result<u64, Trouble> {
        let cell = self.cell(loaded, seed);
        let command = self.start.command_to_start(&cell)?;
        let request = pi_protocol::Request { first, ..request(&cell, count, 0, 1) };
        let cpus = self.start.cpus(&cell);
        let exchange = Exchange {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits: Hits::Any,
            cpus: cpus.as_ref(),
            timeout: self.start.timeout(seconds),
            interrupted: self.interrupted,
        };
        let judged = exchange.run().map_err(Trouble::Unpinnable)?;
        let (_, answer) = judged.ok_or(Trouble::Interrupted)?;
        Ok(answer?.runs.first().map_or(0, |run| run.hits))
    }

    /// The cell in which a kernel counts alone.
    fn cell(&self, loaded: &Loaded, seed: u64) -> SuiteCell {
        let Loaded { generator, name, .. } = loaded;
        SuiteCell {
            name: CellName {
                generator: generator.to_string(),
                kernel: name.clone(),
                driver: "serial".to_owned(),
                ranks: 1,
                threads: 1,
            },
            runner: self.pi.with_kernel(loaded),
            group: 0,
            seed,
            weak: false,
            batch: None,
            more: Vec::new(),
            expected: Expected::Generator(*generator),
            missing: None,
        }
    }
}

/// A result that is kept: a count, or the failure of a kernel. Other troubles end the session.
fn settled<T>(result: Result<T, Trouble>) -> Result<Result<T, BlockError>, Trouble> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Trouble::Failed(error)) => Ok(Err(error)),
        Err(trouble) => Err(trouble),
    }
}

/// Says of which kernel an error is: others of its problem have it too.
fn of_first(first: &Loaded, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Failed(BlockError { kind, message }) => Trouble::Failed(BlockError {
            kind,
            message: format!(
                "kernel {}, which the others are compared with: {message}",
                first.full_name()
            ),
        }),
        other => other,
    }
}
