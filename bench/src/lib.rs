//! The command `pi`: one file per subcommand, on top of the core.

mod cli;
mod compare;
mod crossings;
mod info;
mod list;
mod measured;
mod number;
mod output;
mod report;
pub mod results;
mod sample;
mod scaling;
mod stats;
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

/// Runs the command on a catalog; results go to stdout, everything else to stderr.
pub fn run(catalog: &'static Catalog, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    let mut out = io::stdout().lock();
    let done = match &cli.command {
        Command::Sample(options) => sample::run(catalog, options, &mut out),
        Command::List(options) => list::run(catalog, options, &mut out),
        Command::Verify(options) => verify::run(catalog, options, &mut out),
        Command::Info(options) => info::run(options, &mut out),
        Command::Compare(options) => compare::run(options, &mut out),
        Command::Report(options) => report::run(options, &mut out),
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
    let failed = error.is::<CheckFailed>()
        || matches!(error.downcast_ref(), Some(libpi::Error::Spawn { .. }));
    ExitCode::from(if failed { FAILED } else { USAGE })
}
