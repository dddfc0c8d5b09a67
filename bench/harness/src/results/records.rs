//! The records of a results file: a header, blocks, cells that were skipped, an end.

use super::name;
use libpi::CellName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the schema that is written. It grows when the meaning of a key changes, not when
/// keys are added.
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
    /// The last line, written also after an interruption.
    End(End),
    /// A record of a later version, ignored.
    #[serde(other)]
    Unknown,
}

/// What holds for the whole session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the schema.
    pub schema: u32,
    /// When the session began, in UTC, as RFC 3339 writes it.
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
    /// The runners that were started, and what the table's command told of their versions.
    #[serde(default)]
    pub runners: BTreeMap<String, String>,
    /// What `pi info --json` prints.
    #[serde(default)]
    pub environment: serde_json::Value,
}

/// A block: the runs of one cell in one fresh process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    /// The cell's name: whole with the key `cell`, and its parts with keys of their own.
    #[serde(flatten, with = "name")]
    pub cell: CellName,
    /// The runner's name in the table of runners.
    pub runner: String,
    /// The language of the kernel.
    pub language: String,
    /// Whether every run must count the same, or only come near pi.
    pub exact: bool,
    /// Whether the count grows with ranks and threads (weak scaling).
    #[serde(skip_serializing_if = "is_false")]
    pub weak: bool,
    /// The sampler's seed.
    pub seed: u64,
    /// Index of the first sample.
    pub first: u64,
    /// Samples of a run; of a crossing, calls.
    pub count: u64,
    /// Samples of a call, where the runner makes many calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// Number of the process among those of the cell, from 0.
    pub process: u32,
    /// Whether this belongs to the second copy of the cell: together an A/A pair.
    #[serde(skip_serializing_if = "is_false")]
    pub twin: bool,
    /// Number of the block in the order in which they were run, from 0.
    pub order: u64,
    /// The command that was run, with the launcher if there is one.
    pub command: Vec<String>,
    /// What the runner said of its version.
    pub version: String,
    /// Seconds from the session's begin to the block's.
    pub started: f64,
    /// The timed runs, raw, in order; none if there is an error.
    pub runs: Vec<Run>,
    /// The count that was expected; none where the check is only that it is near pi.
    pub expected_hits: Option<u64>,
    /// CPU time of the whole process, its start and warm-up included.
    pub cpu_seconds: f64,
    /// Context switches of the whole process.
    pub context_switches: ContextSwitches,
    /// The CPUs on which the runner's threads might run, as it saw them.
    pub masks: Vec<String>,
    /// Share of the CPUs used that other processes took; none where the system does not say.
    pub foreign_cpu_share: Option<f64>,
    /// Whether that share is too large for the block to be trusted, or it was paused.
    pub disturbed: bool,
    /// Whether the harness was stopped meanwhile, or the machine suspended.
    #[serde(skip_serializing_if = "is_false")]
    pub paused: bool,
    /// Whether the block was disturbed and measured again: kept for the record, not to be used.
    #[serde(skip_serializing_if = "is_false")]
    pub superseded: bool,
    /// The runner's info lines; values of a repeated key are joined by `; `.
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

impl Block {
    /// Which process of which cell it is: in a session there is but one such block that counts.
    pub(super) fn identity(&self) -> (CellName, bool, Option<u64>, bool, u32) {
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

/// How often a process gave up its CPU, and how often it was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextSwitches {
    /// It waited for something.
    pub voluntary: u64,
    /// Another process had its turn.
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

/// The ways in which a block goes wrong, told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A run counted something else than it must.
    WrongHits,
    /// The process ended with another exit code than 0, or by a signal.
    Crash,
    /// The process did not end in time and was killed.
    Timeout,
    /// What it printed breaks the protocol's rules.
    Protocol,
    /// It printed lines on stdout that are not of the protocol.
    Noise,
    /// Workers had to share CPUs though there was one for each, or ran on others than were given.
    Placement,
    /// It could not be started.
    Launch,
    /// A kind of a later version.
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
    /// Why, and what would help.
    pub reason: String,
}

/// A noise floor that no session has: a cell a thousand times slower than itself.
const LARGEST_FLOOR: f64 = 1000.0;

/// What is known at the end of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct End {
    /// Whether every planned block was run.
    pub complete: bool,
    /// Whether a signal ended the session before.
    pub interrupted: bool,
    /// The load averages over 1, 5 and 15 minutes.
    pub load_after: Vec<f64>,
    /// How often a CPU quota stopped the processes of the control group meanwhile; none where the
    /// system does not say.
    pub throttled_periods: Option<u64>,
    /// How far apart the medians of the A/A pairs are, relative to the smaller; none without a pair.
    pub noise_floor: Option<f64>,
}

impl End {
    /// What is wrong with its numbers, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let floor = self.noise_floor.filter(|floor| !(0.0..=LARGEST_FLOOR).contains(floor))?;
        Some(format!("a noise floor of {floor:e}: it is from 0 to {LARGEST_FLOOR}"))
    }
}
