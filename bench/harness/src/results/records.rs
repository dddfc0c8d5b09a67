//! The records of a results file: header, blocks, skipped cells, end.

use super::name;
use libpi::CellName;
use pi_audit::{Tally, Width, Work};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the schema that pi writes. It changes when the meaning of a key changes, not when keys
/// are added.
pub const SCHEMA: u32 = 1;

/// A line of a results file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub enum Record {
    /// The first line.
    Header(Header),
    /// A process that was measured.
    Block(Box<Block>),
    /// A cell that could not be measured here.
    Skipped(Skipped),
    /// What the audit found of a kernel.
    Audit(Box<Audited>),
    /// The last line, written also after an interruption.
    End(End),
    /// A record of a later version, ignored.
    #[serde(other)]
    Unknown,
}

/// Facts about the whole session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the schema.
    pub schema: u32,
    /// When the session began, in UTC, in the format of RFC 3339.
    #[serde(default)]
    pub created: String,
    /// Name of the suite.
    pub suite: String,
    /// The question that the suite answers.
    #[serde(default)]
    pub question: String,
    /// The kind of picture that shows the answer: ladder, matrix, scaling or crossing.
    #[serde(default)]
    pub picture: String,
    /// The seed of the order of the blocks.
    #[serde(default)]
    pub seed: u64,
    /// The command line.
    #[serde(default)]
    pub command: Vec<String>,
    /// Whether the runners were pinned to CPUs. Older results do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// The names of the runners that were used, and what their version commands printed.
    #[serde(default)]
    pub runners: BTreeMap<String, String>,
    /// The kernels that were loaded from shared libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<Library>,
    /// What `pi info --json` prints.
    #[serde(default)]
    pub environment: serde_json::Value,
}

/// A kernel that was loaded from a shared library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Library {
    /// What it counts: a generator, or a problem of the user's own.
    pub generator: String,
    /// Its name in cells.
    pub kernel: String,
    pub language: String,
    /// Its version, or that of its compiler; empty if nobody says it.
    pub version: String,
    pub file: String,
    pub symbol: String,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// A block: the runs of one cell in one fresh process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    /// The cell's name. The key `cell` has the whole name, and further keys have its parts.
    #[serde(flatten, with = "name")]
    pub cell: CellName,
    /// The runner's name in the table of runners.
    pub runner: String,
    /// The language of the kernel.
    pub language: String,
    /// The compiler of the kernel, such as `gcc`, if it is one of libpi's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compiler: String,
    /// Whether every run must count the expected hits. Otherwise the count need only come near pi.
    pub exact: bool,
    /// Whether the count grows with ranks and threads (weak scaling).
    #[serde(skip_serializing_if = "is_false")]
    pub weak: bool,
    /// The sampler's seed.
    pub seed: u64,
    /// Index of the first sample.
    pub first: u64,
    /// Samples in a run; for a crossing, calls in a run.
    pub count: u64,
    /// Samples per call, if a run makes many calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// Number of the process within its cell, from 0.
    pub process: u32,
    /// Whether the block belongs to the second copy of a cell that is measured twice (an A/A pair).
    #[serde(skip_serializing_if = "is_false")]
    pub twin: bool,
    /// Number of the block in the session, from 0.
    pub order: u64,
    /// The command that was run, with the launcher if there is one.
    pub command: Vec<String>,
    /// The version that the runner printed.
    pub version: String,
    /// Seconds from the start of the session to the start of the block.
    pub started: f64,
    /// The timed runs, in order. There are none if there is an error.
    pub runs: Vec<Run>,
    /// The expected hits. There are none if the count need only come near pi.
    pub expected_hits: Option<u64>,
    /// CPU time of the whole process, including its start and warm-up.
    pub cpu_seconds: f64,
    /// Context switches of the whole process.
    pub context_switches: ContextSwitches,
    /// The CPUs on which the runner's threads could run, as the runner reported them.
    pub masks: Vec<String>,
    /// The part of the time of its CPUs that other processes took. None if the system does not say.
    pub foreign_cpu_share: Option<f64>,
    /// Whether that share is too large, or the block was paused.
    pub disturbed: bool,
    /// Whether the harness was stopped, or the machine suspended, during the block.
    #[serde(skip_serializing_if = "is_false")]
    pub paused: bool,
    /// Whether the block was disturbed and measured again. Readers do not use it.
    #[serde(skip_serializing_if = "is_false")]
    pub superseded: bool,
    /// The runner's info lines. The values of a repeated key are joined by `; `.
    pub info: BTreeMap<String, String>,
    /// Why there are no runs.
    pub error: Option<BlockError>,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            cell: name::none(),
            runner: String::new(),
            language: String::new(),
            compiler: String::new(),
            exact: true,
            weak: false,
            seed: 0,
            first: 0,
            count: 0,
            batch: None,
            process: 0,
            twin: false,
            order: 0,
            command: Vec::new(),
            version: String::new(),
            started: 0.0,
            runs: Vec::new(),
            expected_hits: None,
            cpu_seconds: 0.0,
            context_switches: ContextSwitches::default(),
            masks: Vec::new(),
            foreign_cpu_share: None,
            disturbed: false,
            paused: false,
            superseded: false,
            info: BTreeMap::new(),
            error: None,
        }
    }
}

/// Name, weak or not, batch, twin or not, and process.
pub(super) type Identity = (CellName, bool, Option<u64>, bool, u32);

impl Block {
    /// The cell and the process. A session has at most one block with this identity that is not
    /// superseded.
    pub(super) fn identity(&self) -> Identity {
        (self.cell.clone(), self.weak, self.batch, self.twin, self.process)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A timed run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Seconds that the call took.
    pub seconds: f64,
    /// What it counted.
    pub hits: u64,
}

/// The numbers of context switches of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextSwitches {
    /// Switches because the process waited for something.
    pub voluntary: u64,
    /// Switches because the system gave the CPU to another process.
    pub involuntary: u64,
}

/// Why a block has no times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockError {
    /// What went wrong, for programs.
    pub kind: ErrorKind,
    /// What went wrong, for people.
    pub message: String,
}

/// The kinds of errors of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A run did not count the expected hits.
    WrongHits,
    /// The process ended with an exit code other than 0, or by a signal.
    Crash,
    /// The process did not end in time and was killed.
    Timeout,
    /// The answer breaks a rule of the protocol.
    Protocol,
    /// The process printed lines on stdout that do not belong to the protocol.
    Noise,
    /// Workers had to share CPUs although there was a CPU for each, or could run on CPUs that the process
    /// was not given.
    Placement,
    /// The process could not be started.
    Launch,
    /// A kind that a later version added.
    #[serde(other)]
    Other,
}

/// A cell that could not be measured here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The cell's name.
    pub cell: String,
    /// The runner's name.
    #[serde(default)]
    pub runner: String,
    /// The reason, and what would help.
    pub reason: String,
}

/// What the audit found of a kernel: the instructions that it executes for one sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audited {
    /// The generator that the kernel counts.
    pub generator: String,
    /// The kernel's name in cells, with its level.
    pub kernel: String,
    /// The runner whose program holds the kernel.
    #[serde(default)]
    pub runner: String,
    /// The width of its vectors.
    pub width: Width,
    /// Instructions by kind, for people.
    #[serde(default)]
    pub per_sample: Tally,
    /// Instructions by kind and width, for the bound.
    #[serde(default)]
    pub work: Work,
}

/// More instructions than any kernel executes for one sample.
const MOST_INSTRUCTIONS: f64 = 1e12;

impl Audited {
    /// What is wrong with its numbers, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let is_wrong = |times: &&f64| !(0.0..=MOST_INSTRUCTIONS).contains(*times);
        let wrong = self.work.values().find(is_wrong)?;
        Some(format!("{wrong:e} instructions for one sample: it must be from 0 to 1e12"))
    }
}

/// The largest credible noise floor: one copy of a cell is a thousand times slower than the other.
const LARGEST_FLOOR: f64 = 1000.0;

/// Facts that are known at the end of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct End {
    /// Whether every planned block was run.
    pub complete: bool,
    /// Whether a signal ended the session early.
    pub interrupted: bool,
    /// The load averages over 1, 5 and 15 minutes.
    pub load_after: Vec<f64>,
    /// How often a CPU quota stopped the processes of the control group during the session. None if the
    /// system does not say.
    pub throttled_periods: Option<u64>,
    /// The largest gap between the lower quartiles of an A/A pair, relative to the smaller. None without
    /// a pair.
    pub noise_floor: Option<f64>,
}

impl End {
    /// What is wrong with its numbers, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let floor = self.noise_floor.filter(|floor| !(0.0..=LARGEST_FLOOR).contains(floor))?;
        Some(format!("a noise floor of {floor:e}: it must be from 0 to {LARGEST_FLOOR}"))
    }
}
