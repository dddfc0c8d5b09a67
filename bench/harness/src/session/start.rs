//! How the runner of a cell is started: command, CPUs, time limit and request.

use crate::protocol::error;
use crate::results::{BlockError, ErrorKind};
use crate::suite::SuiteCell;
use libpi::CellName;
use libpi::cpus::CpuMask;
use pi_protocol::Request;
use std::ffi::OsString;
use std::time::Duration;

/// The shortest time limit of a process.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How runners are started.
#[derive(Debug)]
pub struct Start {
    /// The words before a runner's command if there are several ranks; `{ranks}` stands for their number.
    pub launcher: Vec<String>,
    /// The CPUs to which processes are pinned, in the order in which they are used. With none the system
    /// places the processes.
    pub cpus: Option<Vec<usize>>,
    pub timeout: Option<Duration>,
}

impl Start {
    /// The command of a cell, including the launcher.
    pub fn command(&self, cell: &SuiteCell) -> Vec<OsString> {
        let CellName { kernel, driver, .. } = &cell.name;
        self.words_before(cell).chain(cell.runner.command(kernel, driver)).collect()
    }

    fn words_before(&self, cell: &SuiteCell) -> impl Iterator<Item = OsString> {
        let ranks = cell.name.ranks.to_string();
        let launcher = self.launcher.iter().map(move |word| word.replace("{ranks}", &ranks).into());
        launcher.take(if cell.name.ranks > 1 { usize::MAX } else { 0 })
    }

    /// The same command, with the very program that was there when the session began.
    ///
    /// # Errors
    /// If the program was replaced, changed or removed since.
    pub fn command_to_start(&self, cell: &SuiteCell) -> Result<Vec<OsString>, BlockError> {
        let CellName { kernel, driver, .. } = &cell.name;
        let runner = cell.runner.command_to_start(kernel, driver);
        let runner = runner.map_err(|changed| error(ErrorKind::Launch, changed))?;
        Ok(self.words_before(cell).chain(runner).collect())
    }

    /// The CPUs of a cell: one for each worker, or all CPUs if there are fewer.
    pub fn cpus(&self, cell: &SuiteCell) -> Option<CpuMask> {
        let cpus = self.cpus.as_ref()?;
        Some(cpus.iter().copied().take(cell.workers() as usize).collect())
    }

    /// The time limit of a process that should take so many seconds.
    pub fn timeout(&self, seconds: f64) -> Duration {
        self.timeout
            .unwrap_or_else(|| SHORTEST_TIMEOUT + Duration::from_secs_f64(seconds.max(0.0) * 20.0))
    }
}

/// The request for a cell.
pub fn request(cell: &SuiteCell, count: u64, warmup: u32, runs: u32) -> Request {
    let batch = cell.batch.map(|batch| ("batch".to_owned(), batch.to_string()));
    let CellName { generator, kernel, driver, ranks, threads } = cell.name.clone();
    Request {
        generator,
        seed: cell.seed,
        first: 0,
        count,
        kernel,
        driver,
        ranks,
        threads,
        warmup,
        runs,
        more: batch.into_iter().chain(cell.more.clone()).collect(),
    }
}
