//! The command `pi`: one file per subcommand, on top of the core.

mod bench;
mod check_runner;
mod cli;
mod compare;
mod environment;
mod filter;
mod info;
mod list;
mod measure;
mod measured;
mod number;
mod output;
mod plan;
mod process;
mod protocol;
pub mod results;
mod runner;
mod runners;
mod sample;
mod stats;
mod suite;
mod verify;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use libpi::Catalog;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

/// Exit code: a check or the run failed.
const FAILED: u8 = 1;
/// Exit code: the request made no sense.
const USAGE: u8 = 2;

/// Exit code: stopped before the end, with what was done kept.
const STOPPED: u8 = 75;

/// Runs the command on a catalog; results go to stdout, everything else to stderr.
pub fn run(catalog: &'static Catalog, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    let mut out = io::stdout().lock();
    let done = match &cli.command {
        Command::Sample(options) => sample::run(catalog, options, &mut out),
        Command::List(options) => list::run(catalog, options, &mut out),
        Command::Verify(options) => verify::run(catalog, options, &mut out),
        Command::Info(options) => info::run(options, &mut out),
        Command::Bench(options) => bench::run(catalog, options, &mut out),
        Command::CheckRunner(options) => check_runner::run(options, &mut out),
        Command::Runner => runner::run(catalog, io::stdin().lock(), &mut out),
        Command::Compare(options) => compare::run(options, &mut out),
        Command::Report(_) => unimplemented!(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code(&error),
    }
}

/// The command line as clap knows it, from which the manual and the completions are made.
pub fn command() -> clap::Command {
    Cli::command()
}

/// A check that found something wrong, or work that could not be done: exit code 1.
#[derive(Debug)]
struct CheckFailed(String);

impl std::fmt::Display for CheckFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CheckFailed {}

/// Work that somebody stopped, kept as far as it had come: exit code 75.
#[derive(Debug)]
struct Stopped(String);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

/// Says what went wrong and whose turn it is. A reader that has seen enough is no error.
fn exit_code(error: &anyhow::Error) -> ExitCode {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: could not write the output: {error}");
        return ExitCode::from(FAILED);
    }
    eprintln!("error: {error:#}");
    if error.is::<Stopped>() {
        return ExitCode::from(STOPPED);
    }
    let failed = error.is::<CheckFailed>()
        || matches!(error.downcast_ref(), Some(libpi::Error::Spawn { .. }));
    ExitCode::from(if failed { FAILED } else { USAGE })
}
