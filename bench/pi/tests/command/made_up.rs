//! Results with made-up seconds, written with the records of the harness.

use libpi::CellName;
use pi_audit::{Tally, Width};
use pi_harness::results::{
    Audited, Block, BlockError, End, ErrorKind, Header, Record, Run, SCHEMA, Skipped,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A result that is being built.
pub struct Session {
    header: Header,
    records: Vec<Record>,
    noise: Noise,
    processes: u32,
}

/// Small made-up noise. It is the same for the same seed, and differs between seeds.
struct Noise(u64);

impl Noise {
    /// A factor from 1 to 1.01, mostly near 1, because noise only makes slower.
    fn factor(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (self.0 >> 33) as f64 / f64::from(1 << 31);
        1.0 + 0.01 * uniform * uniform
    }
}

/// The environment of a machine that does not exist.
pub fn environment() -> Value {
    json!({
        "version": "0.1.0",
        "machine": {
            "cpu": "Example CPU 9000", "architecture": "x86_64", "best_level": "x86-64",
            "operating_system": "Linux 6.1.0", "smt": "off",
            "virtualisation": ["virtual machine"],
        },
        "cpus": { "usable": 4, "usable_by": "affinity mask", "mask_at_start": "0-3" },
        "system": {
            "governors": ["performance"], "boost": false, "load": [0.1, 0.2, 0.3],
            "variables": { "OMP_PROC_BIND": "close" },
        },
        "build": {
            "target": "x86_64-unknown-linux-gnu", "profile": "release", "openmp_runtime": "libgomp",
            "compilers": [
                { "language": "Rust", "command": "rustc", "version": "rustc 1.95.0",
                  "flags": [{ "level": "x86-64", "flags": "-C opt-level=3" }] },
                { "language": "C", "command": "gcc", "version": "gcc 12.2.0",
                  "flags": [{ "level": "x86-64", "flags": "-O3 -march=x86-64" }] },
            ],
        },
        "warnings": ["this is a virtual machine: neighbours may take its CPUs"],
    })
}

impl Session {
    pub fn new(suite: &str, picture: &str, seed: u64) -> Self {
        let header = Header {
            schema: SCHEMA,
            created: "2026-11-24T11:20:00Z".to_owned(),
            suite: suite.to_owned(),
            question: "Which language is fastest, and does the driver matter?".to_owned(),
            picture: picture.to_owned(),
            seed,
            command: ["pi", "bench", suite].map(str::to_owned).into(),
            runners: Default::default(),
            environment: environment(),
            ..Header::default()
        };
        Self { header, records: Vec::new(), noise: Noise(seed), processes: 5 }
    }

    pub fn processes(mut self, processes: u32) -> Self {
        self.processes = processes;
        self
    }

    pub fn environment(mut self, pointer: &str, value: Value) -> Self {
        *self.header.environment.pointer_mut(pointer).unwrap() = value;
        self
    }

    /// Sets the command line of the session.
    pub fn command(mut self, words: &[&str]) -> Self {
        self.header.command = words.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Whether the session says that its runners were pinned.
    pub fn pinned(mut self, pinned: bool) -> Self {
        self.header.pinned = Some(pinned);
        self
    }

    /// Adds a runner, and the text that its version command prints.
    pub fn runner(mut self, name: &str, version: &str) -> Self {
        self.header.runners.insert(name.to_owned(), version.to_owned());
        self
    }

    /// Adds a cell whose processes take these nanoseconds per sample.
    pub fn processes_of(self, name: &str, nanoseconds: &[f64]) -> Self {
        let processes = self.processes;
        let session = (0..).zip(nanoseconds).fold(self, |session, (process, &nanoseconds)| {
            session.processes(1).with(name, nanoseconds, |block| block.process = process)
        });
        session.processes(processes)
    }

    /// Adds the blocks of a cell that takes so many nanoseconds per sample.
    pub fn cell(self, name: &str, nanoseconds: f64) -> Self {
        self.with(name, nanoseconds, |_| ())
    }

    /// Adds a cell, and changes its blocks before they are written.
    pub fn with(mut self, name: &str, nanoseconds: f64, change: impl Fn(&mut Block)) -> Self {
        let cell: CellName = name.parse().unwrap();
        let language = match cell.kernel.split(['@', '-']).next().unwrap() {
            "rust" => "Rust",
            "c" => "C",
            "fortran" => "Fortran",
            _ => "Python",
        };
        for process in 0..self.processes {
            let mut block = Block {
                cell: cell.clone(),
                runner: "pi".to_owned(),
                language: language.to_owned(),
                seed: 42,
                count: 1 << 24,
                process,
                order: self.records.len() as u64,
                command: vec!["pi".to_owned(), "runner".to_owned()],
                version: "libpi 0.1.0".to_owned(),
                expected_hits: Some(13_177_331),
                ..Block::default()
            };
            change(&mut block);
            // The process has its own noise, and each run a little more.
            let luck = self.noise.factor();
            block.runs = (0..3)
                .map(|_| Run {
                    seconds: nanoseconds
                        * 1e-9
                        * block.count as f64
                        * luck
                        * self.noise.factor().sqrt(),
                    hits: block.expected_hits.unwrap_or(13_177_331),
                })
                .collect();
            self.records.push(Record::Block(Box::new(block)));
        }
        self
    }

    /// Adds what the audit found of a kernel that takes so many vector instructions for a sample.
    pub fn audit(mut self, generator: &str, kernel: &str, instructions: f64) -> Self {
        let work = ["instructions", "slots-256"].map(|name| (name.to_owned(), instructions)).into();
        self.records.push(Record::Audit(Box::new(Audited {
            generator: generator.to_owned(),
            kernel: kernel.to_owned(),
            runner: "pi".to_owned(),
            width: Width::Bits(256),
            per_sample: Tally { instructions, vector: instructions, ..Tally::default() },
            work,
        })));
        self
    }

    /// Changes the last audit.
    pub fn with_audit(mut self, change: impl FnOnce(&mut Audited)) -> Self {
        if let Some(Record::Audit(audit)) = self.records.last_mut() {
            change(audit);
        }
        self
    }

    /// Changes the last block, including its runs.
    pub fn spoil(mut self, change: impl FnOnce(&mut Block)) -> Self {
        if let Some(Record::Block(block)) = self.records.last_mut() {
            change(block);
        }
        self
    }

    /// Adds a block that ended in an error.
    pub fn error(self, name: &str, kind: ErrorKind, message: &str) -> Self {
        let error = BlockError { kind, message: message.to_owned() };
        let mut session = self.processes(1).cell(name, 1.0).spoil(|block| {
            block.runs.clear();
            block.error = Some(error);
        });
        session.processes = 5;
        session
    }

    pub fn skipped(mut self, cell: &str, reason: &str) -> Self {
        self.records.push(Record::Skipped(Skipped {
            cell: cell.to_owned(),
            runner: "pi".to_owned(),
            reason: reason.to_owned(),
        }));
        self
    }

    /// A session in which every text from other programs holds control characters for a terminal or
    /// markup for a page.
    pub fn hostile() -> Self {
        const BAD: &str =
            "\u{1b}]0;x\u{7}\u{9b}2J\nerror: forged\r\u{202e}\u{200b}|`a``<script>&lt;*";
        let name =
            |kernel: &str| format!("philox{BAD}/{kernel}-{BAD}/how{BAD}/1x1").replace("</", "<");
        let mut session = Self::new("s", "matrix", 1)
            .cell(&name("c"), 1.0)
            .cell(&name("rust"), 2.0)
            .cell(&name("c").replace("1x1", "1x2"), 1.0)
            .cell(&format!("philox/c-{}/serial/1x1", "long-".repeat(2000)), 3.0)
            .error(&name("fortran"), ErrorKind::Crash, BAD)
            .skipped(BAD, BAD)
            .runner(BAD, BAD)
            .command(&["pi", BAD])
            .environment("/machine/cpu", json!(BAD))
            .environment("/warnings", json!([BAD]));
        session.header.suite = BAD.to_owned();
        session.header.question = format!("# {BAD}");
        session.header.created = BAD.to_owned();
        session
    }

    pub fn write(self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        let end = End { complete: true, noise_floor: Some(0.005), ..End::default() };
        let records =
            [&[Record::Header(self.header)], &self.records[..], &[Record::End(end)]].concat();
        let line = |record| serde_json::to_string(record).unwrap() + "\n";
        std::fs::write(&path, records.iter().map(line).collect::<String>()).unwrap();
        path
    }
}

/// Whether a text holds hidden characters other than line ends.
pub fn is_obeyed(text: &str) -> bool {
    let hidden = ['\u{200b}', '\u{202e}'];
    text.chars().any(|c| (c != '\n' && c.is_control()) || hidden.contains(&c))
}
