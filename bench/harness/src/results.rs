//! Results of `pi bench`: JSON Lines, one record a line, see `bench/RESULTS.md`.
//!
//! Unknown keys and unknown records are ignored, and what may be missing has a default, so that an
//! older `pi` reads what a newer one of the same schema wrote, and a newer one reads older schemas.

pub mod fault;
pub mod files;
pub mod writer;

use anyhow::{anyhow, bail};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

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
    /// The cell's name, `generator/kernel@level/driver/RANKSxTHREADS`.
    pub cell: String,
    /// The runner's name in the table of runners.
    pub runner: String,
    /// The language of the kernel.
    pub language: String,
    /// Whether every run must count the same, or only come near pi.
    pub exact: bool,
    /// The four parts of the cell's name.
    pub generator: String,
    /// See `generator`.
    pub kernel: String,
    /// See `generator`.
    pub driver: String,
    /// See `generator`.
    pub ranks: u32,
    /// See `generator`: threads of each rank.
    pub threads: u32,
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
            cell: String::new(),
            runner: String::new(),
            language: String::new(),
            exact: true,
            generator: String::new(),
            kernel: String::new(),
            driver: String::new(),
            ranks: 1,
            threads: 1,
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
    fn identity(&self) -> (String, bool, Option<u64>, bool, u32) {
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
    fn fault(&self) -> Option<String> {
        let floor = self.noise_floor.filter(|floor| !(0.0..=LARGEST_FLOOR).contains(floor))?;
        Some(format!("a noise floor of {floor:e}: it is from 0 to {LARGEST_FLOOR}"))
    }
}

/// Bytes of a line that no record needs.
const LONGEST_LINE: u64 = 64 << 20;

/// A noise floor that no session has: a cell a thousand times slower than itself.
const LARGEST_FLOOR: f64 = 1000.0;

/// A results file, as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The header.
    pub header: Header,
    /// All blocks, in the order of the file.
    pub blocks: Vec<Block>,
    /// The cells that could not be measured.
    pub skipped: Vec<Skipped>,
    /// The last record; none if the session was cut off.
    pub end: Option<End>,
    /// The lines that could not be read: whoever uses the rest says so and exits with 1.
    pub problems: Vec<Problem>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: {}", self.file.display(), self.line, self.message)
    }
}

impl Results {
    /// Reads a file. Lines that are no records of it are kept as problems, and the rest is used.
    ///
    /// # Errors
    /// If the file cannot be read, has neither header nor blocks, or has a schema that this version
    /// does not know.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let unreadable = |error| anyhow!("could not read {}: {error}", path.display());
        let file = File::open(path).map_err(unreadable)?;
        let (mut header, mut blocks, mut skipped, mut end, mut problems) =
            (None, Vec::new(), Vec::new(), None, Vec::new());
        let mut reader = BufReader::new(file);
        let mut text = Vec::new();
        let mut processes = BTreeSet::new();
        for line in 1.. {
            text.clear();
            let length = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut text);
            if length.map_err(unreadable)? == 0 {
                break;
            }
            if line == 1 && text.starts_with("\u{feff}".as_bytes()) {
                text.drain(.."\u{feff}".len());
            }
            let whole = text.last() == Some(&b'\n');
            if text.trim_ascii().is_empty() {
                continue;
            }
            let mut problem = |message: String| {
                problems.push(Problem { file: path.to_owned(), line, message });
            };
            if !whole && text.len() as u64 == LONGEST_LINE {
                problem(format!(
                    "a line of more than {LONGEST_LINE} bytes is no record of results"
                ));
                break;
            }
            match serde_json::from_slice(&text) {
                Ok(Record::Header(found)) if header.is_none() => header = Some(found),
                Ok(Record::Header(_)) => {
                    problem(
                        "a second header: one file is one session, and this and all after it is \
                         not used"
                            .to_owned(),
                    );
                    break;
                }
                Ok(Record::Block(block)) => {
                    if block.superseded || processes.insert(block.identity()) {
                        blocks.push(*block);
                    } else {
                        let Block { process, .. } = *block;
                        problem(format!("process {process} of its cell is there a second time"));
                    }
                }
                Ok(Record::Skipped(cell)) => skipped.push(cell),
                Ok(Record::End(_)) if end.is_some() => problem("a second end".to_owned()),
                Ok(Record::End(found)) => match found.fault() {
                    None => end = Some(found),
                    Some(fault) => {
                        problem(fault);
                        end = Some(End { noise_floor: None, ..found });
                    }
                },
                Ok(Record::Unknown) => {}
                Err(_) if !whole => problem("the line is cut off".to_owned()),
                Err(error) => problem(format!("this is no record of results: {error}")),
            }
        }
        if header.is_none() && !blocks.is_empty() {
            let message = "the file has no header: of which suite and machine it is, is not known";
            problems
                .insert(0, Problem { file: path.to_owned(), line: 1, message: message.to_owned() });
            header = Some(Header { schema: SCHEMA, ..Header::default() });
        }
        let Some(header) = header else {
            bail!(
                "{} holds no results: a file of `pi bench` has a header, and this has none{}",
                path.display(),
                problems.first().map(|p: &Problem| format!(" ({p})")).unwrap_or_default()
            );
        };
        if !(1..=SCHEMA).contains(&header.schema) {
            bail!(
                "{} has schema {}, and this version of pi reads from 1 to {SCHEMA}: use a newer one",
                path.display(),
                header.schema
            );
        }
        Ok(Self { header, blocks, skipped, end, problems })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        std::fs::write(&path, lines).unwrap();
        (folder, path)
    }

    const HEADER: &str = r#"{"record":"header","schema":1,"suite":"default"}"#;

    #[test]
    fn what_a_later_version_adds_is_ignored() {
        let (_folder, path) = written(&format!(
            "{HEADER}\n{}\n{}\n",
            r#"{"record":"weather","rain":true}"#,
            r#"{"record":"block","cell":"a/b/c/1x1","colour":"red","error":{"kind":"heat","message":"too hot"}}"#
        ));
        let results = Results::read(&path).unwrap();
        assert_eq!(results.problems, []);
        assert_eq!(results.blocks[0].cell, "a/b/c/1x1");
        assert_eq!(results.blocks[0].error.as_ref().unwrap().kind, ErrorKind::Other);
    }

    #[test]
    fn lines_that_are_no_records_are_named_and_the_rest_is_used() {
        let (_folder, path) = written(&format!(
            "{HEADER}\n\nhello\n{{\"a\":1}}\n{{\"record\":\"block\",\"cell\":\"x\"}}\n\u{fffd}\n{{\"record\":\"blo"
        ));
        let results = Results::read(&path).unwrap();
        let lines: Vec<usize> = results.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4, 6, 7]);
        assert!(results.problems[3].to_string().ends_with("line 7: the line is cut off"));
        assert_eq!(results.blocks.len(), 1);
        assert!(results.end.is_none());
    }

    #[test]
    fn of_two_sessions_in_one_file_the_first_is_used() {
        let block = "{\"record\":\"block\",\"cell\":\"x\"}";
        let (_folder, path) = written(&format!("{HEADER}\n{block}\n{HEADER}\n{block}\n"));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (1, 1));
        assert!(results.problems[0].to_string().contains("line 3: a second header"));
    }

    #[test]
    fn a_file_that_lost_its_header_is_used_as_far_as_it_goes() {
        let (_folder, path) = written("der\"}\n{\"record\":\"block\",\"cell\":\"x\"}\n");
        let results = Results::read(&path).unwrap();
        assert_eq!(results.blocks.len(), 1);
        let problems: Vec<String> = results.problems.iter().map(Problem::to_string).collect();
        assert!(problems[0].contains("line 1: the file has no header"), "{problems:?}");
        assert!(problems[1].contains("line 1: this is no record"), "{problems:?}");
    }

    #[test]
    fn a_process_that_stands_twice_counts_once() {
        let block =
            |more: &str| format!("{{\"record\":\"block\",\"cell\":\"x\",\"process\":1{more}}}\n");
        let old = block(",\"superseded\":true");
        let (_folder, path) = written(&format!("{HEADER}\n{old}{}{}", block(""), block("")));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (2, 1));
        assert!(results.problems[0].to_string().contains("line 4: process 1 of its cell"));
        // Of another size, way of scaling or copy, it is another.
        let others: String =
            [",\"batch\":1", ",\"batch\":2", ",\"weak\":true", ",\"twin\":true", ""]
                .map(block)
                .concat();
        let (_folder, path) = written(&format!("{HEADER}\n{others}"));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (5, 0));
    }

    #[test]
    fn an_end_that_makes_no_sense_is_told() {
        for (floor, good) in
            [("0", true), ("1000", true), ("-5", false), ("-1e-9", false), ("1001", false)]
        {
            let end = format!("{{\"record\":\"end\",\"complete\":true,\"noise_floor\":{floor}}}");
            let (_folder, path) = written(&format!("{HEADER}\n{end}\n"));
            let results = Results::read(&path).unwrap();
            assert_eq!(results.problems.is_empty(), good, "{floor}");
            let end = results.end.unwrap();
            assert!(end.complete);
            assert_eq!(end.noise_floor.is_some(), good, "{floor}");
        }
        let end = "{\"record\":\"end\"}";
        let (_folder, path) = written(&format!("{HEADER}\n{end}\n{end}\n"));
        assert!(Results::read(&path).unwrap().problems[0].to_string().ends_with("a second end"));
    }

    #[test]
    fn a_line_without_end_is_read_no_further() {
        let error = Results::read(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("bytes"), "{error}");
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let (_folder, path) = written(&format!("\u{feff}{HEADER}\n"));
        assert_eq!(Results::read(&path).unwrap().problems, []);
    }

    #[test]
    fn a_file_without_a_header_or_of_a_later_schema_is_refused() {
        for (text, words) in [
            ("", "no results"),
            ("hello\n", "line 1"),
            ("{\"record\":\"header\",\"schema\":2,\"suite\":\"s\"}\n", "schema 2"),
            ("{\"record\":\"header\",\"schema\":0,\"suite\":\"s\"}\n", "schema 0"),
        ] {
            let (_folder, path) = written(text);
            let error = Results::read(&path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
