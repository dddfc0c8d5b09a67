//! Starts of programs: of any program, of pi, and of pi on ranks, from the call that starts them to their
//! end.

use super::{Request, VERSION, failed};
use crate::job::ranks::Ranks;
use anyhow::{anyhow, ensure};
use libpi::cpus::CpuMask;
use libpi::{AUTO, BLOCK, Catalog, Generator, Samples};
use pi_harness::failure::CheckFailed;
use pi_harness::launcher::Launcher;
use pi_harness::process::Program as Held;
use pi_harness::shown::{readable, shortened};
use pi_protocol::Answer;
use serde::Deserialize;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// What is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    /// A program that does nothing: the cost of any start.
    True,
    /// `pi sample` for one block of each process.
    Pi,
}

impl Program {
    pub(super) fn of(kernel: &str) -> Option<Self> {
        match kernel {
            "true" => Some(Self::True),
            "pi" => Some(Self::Pi),
            _ => None,
        }
    }
}

/// How it is started: by the words of a launcher, or by none.
struct How {
    /// `{ranks}` stands for the number of processes.
    launcher: Vec<String>,
}

impl How {
    /// # Errors
    /// If the driver's name means none, or if there is no launcher.
    fn of(driver: &str) -> anyhow::Result<Self> {
        match driver {
            "exec" => Ok(Self { launcher: Vec::new() }),
            "mpiexec" => {
                let launcher = Launcher::find(None, &AtomicBool::new(false));
                if let Some(reason) = launcher.missing() {
                    return Err(CheckFailed(reason).into());
                }
                Ok(Self { launcher: launcher.command() })
            }
            _ => Err(anyhow!("unknown driver '{driver}': use exec or mpiexec")),
        }
    }
}

/// Why a program cannot be started in this way here, if it cannot.
pub(super) fn can_start(program: Program, driver: &str) -> Result<(), String> {
    let how = How::of(driver).map_err(|error| format!("{error:#}"))?;
    let needs_mpi = program == Program::Pi && !how.launcher.is_empty();
    match Ranks::library() {
        None if needs_mpi => {
            Err("this pi was built without MPI: build it with --features mpi".to_owned())
        }
        _ => Ok(()),
    }
}

/// What `pi sample --json` prints, as far as it is checked.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Sampled {
    hits: u64,
    ranks: u32,
}

/// Times starts. The count is the number of starts; each program that ends well, with the right answer, is a
/// hit.
pub(super) fn answer(request: &Request) -> anyhow::Result<Answer> {
    let &Request { kernel, driver, workers: processes, samples, calls, .. } = request;
    let program =
        Program::of(kernel).ok_or_else(|| anyhow!("unknown kernel '{kernel}': use true or pi"))?;
    let how = How::of(driver)?;
    ensure!(
        processes == 1 || !how.launcher.is_empty(),
        "threads {processes}: exec starts one process"
    );
    let start = Start::new(program, &how, processes)?;
    let mut answer = Answer::new(VERSION);
    answer.tell("ranks", 1);
    answer.tell("threads", processes);
    answer.tell("mask", CpuMask::of_this_thread());
    answer.runs = calls
        .make(|| (0..samples.count()).try_for_each(|_| start.once()).map(|()| samples.count()))?;
    Ok(answer)
}

/// A program to start, and what it must answer.
struct Start {
    command: Vec<OsString>,
    right: Option<Sampled>,
}

impl Start {
    fn new(program: Program, how: &How, processes: u32) -> anyhow::Result<Self> {
        let number = processes.to_string();
        let launcher = how.launcher.iter().map(|word| word.replace("{ranks}", &number).into());
        let mut start = Self { command: launcher.collect(), right: None };
        match program {
            Program::True => start.command.push("true".into()),
            Program::Pi => {
                let samples = Samples::new(0, u64::from(processes) * BLOCK)?;
                start.command.push(Held::own()?.to_start().map_err(CheckFailed)?.into());
                let count = samples.count().to_string();
                let words = ["sample", "-n", &count, "--driver", "serial", "--json"];
                start.command.extend(words.map(OsString::from));
                let catalog = Catalog::here();
                let kernel = catalog.kernel(Generator::Philox, AUTO)?;
                let seed = Generator::Philox.default_seed();
                let hits = kernel.hits(catalog.driver("serial")?, seed, samples, 1)?;
                start.right = Some(Sampled { hits, ranks: processes });
            }
        }
        Ok(start)
    }

    /// Starts the program and waits for its end.
    ///
    /// # Errors
    /// If it cannot be started, fails, or answers wrongly.
    fn once(&self) -> anyhow::Result<()> {
        let program = readable(&self.command[0]);
        let mut command = Command::new(&self.command[0]);
        let done = command.args(&self.command[1..]).stdin(Stdio::null()).output();
        let done = done.map_err(|error| failed(error, &format!("could not start {program}")))?;
        let wrong = match &self.right {
            _ if !done.status.success() => {
                let said = String::from_utf8_lossy(&done.stderr);
                format!("{program} ended with {}: {}", done.status, said.trim())
            }
            Some(right) if serde_json::from_slice(&done.stdout).ok().as_ref() != Some(right) => {
                let said = String::from_utf8_lossy(&done.stdout);
                let Sampled { hits, ranks } = right;
                format!("{program} did not count {hits} hits on {ranks} ranks: {}", said.trim())
            }
            _ => return Ok(()),
        };
        Err(CheckFailed(shortened(&wrong)).into())
    }
}
