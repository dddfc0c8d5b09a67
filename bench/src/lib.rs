//! The command `pi`: one file per subcommand, on top of the core.

#[doc(hidden)]
pub mod answer;
mod bench;
mod change;
mod check_runner;
mod cli;
mod compare;
mod crossings;
mod environment;
mod fault;
mod files;
mod filter;
mod hits;
mod info;
mod intervals;
mod kind;
mod launcher;
mod laws;
mod likeness;
mod limit;
mod list;
mod measure;
mod measured;
mod number;
mod order;
mod output;
mod placement;
mod places;
mod plan;
mod process;
mod protocol;
mod ranking;
mod ranks;
mod report;
pub mod results;
mod rows;
mod runner;
mod runners;
mod sample;
mod scaling;
#[cfg(test)]
mod simulation;
mod stats;
mod suite;
mod verify;
mod writer;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use libpi::Catalog;
use ranks::{Agreed, Ranks};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Exit code: a check or the run failed.
const FAILED: u8 = 1;
/// Exit code: the request made no sense.
const USAGE: u8 = 2;
/// Exit code: whether a limit was kept cannot be told.
const UNTOLD: u8 = 3;
/// Exit code: stopped before the end, with what was done kept.
const STOPPED: u8 = 75;

/// Runs the command on a catalog; results go to stdout, everything else to stderr. Of the ranks of
/// an MPI job the first speaks, and all end with the same exit code.
pub fn run(catalog: &'static Catalog, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let start = Instant::now();
    let ranks = match Ranks::join() {
        Ok(ranks) => ranks,
        Err(error) => {
            ranks::wait_for_lower(error.rank);
            if error.speaks() {
                output::say(format_args!("error: {error}"));
            }
            error.end_job(USAGE);
            return ExitCode::from(USAGE);
        }
    };
    let done = ranks
        .arguments(arguments.collect())
        .and_then(|arguments| dispatch(catalog, Cli::try_parse_from(arguments)?, &ranks, start));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = exit_code(&error);
            if error.is::<Agreed>() || error.is::<clap::Error>() {
                if ranks.is_root() {
                    say_why(&error);
                }
            } else {
                ranks::wait_for_lower(ranks.rank());
                say_why(&error);
                // Where a reader has seen enough, there is nothing to end.
                if code != 0 {
                    ranks.abort(code);
                }
            }
            ExitCode::from(code)
        }
    }
}

fn dispatch(
    catalog: &'static Catalog,
    cli: Cli,
    ranks: &Ranks,
    start: Instant,
) -> anyhow::Result<()> {
    // A cap that makes no sense is an error of every command, not of the kernels it leaves out.
    ranks.agree(libpi::Level::cap().map_err(anyhow::Error::from))?;
    // What the other ranks write is the same once more.
    let mut out: Box<dyn Write> =
        if ranks.is_root() { answer::stream() } else { Box::new(io::sink()) };
    match &cli.command {
        Command::Sample(options) => sample::run(catalog, options, ranks, start, &mut out),
        Command::Verify(options) => verify::run(catalog, options, ranks, &mut out),
        Command::Runner => runner::run(catalog, ranks, io::stdin().lock(), &mut out),
        Command::List(options) => ranks.on_root(|| list::run(catalog, options, &mut out)),
        Command::Info(options) => ranks.on_root(|| info::run(options, &mut out)),
        Command::Compare(options) => ranks.on_root(|| compare::run(options, &mut out)),
        Command::Report(options) => ranks.on_root(|| report::run(options, &mut out)),
        Command::Bench(options) => {
            ranks.refuse_others()?;
            bench::run(catalog, options, &mut out)
        }
        Command::CheckRunner(options) => {
            ranks.refuse_others()?;
            check_runner::run(options, &mut out)
        }
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

/// A question to which what was measured gives no answer: exit code 3.
#[derive(Debug)]
struct CannotTell(String);

impl std::fmt::Display for CannotTell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotTell {}

/// Work that somebody stopped, kept as far as it had come: exit code 75.
#[derive(Debug)]
struct Stopped(String);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

/// Whose turn it is after an error. A reader that has seen enough is no error.
fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return if error.kind() == io::ErrorKind::BrokenPipe { 0 } else { FAILED };
    }
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        return u8::try_from(error.exit_code()).unwrap_or(USAGE);
    }
    if let Some(agreed) = error.downcast_ref::<Agreed>() {
        return agreed.code;
    }
    if error.is::<Stopped>() {
        return STOPPED;
    }
    if error.is::<CannotTell>() {
        return UNTOLD;
    }
    let failed = error.is::<CheckFailed>()
        || matches!(error.downcast_ref(), Some(libpi::Error::Spawn { .. }));
    if failed { FAILED } else { USAGE }
}

/// Says what went wrong.
fn say_why(error: &anyhow::Error) {
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        // Help and version come this way too, and are answers.
        let _ = match error.use_stderr() {
            true => error.print(),
            false => write!(answer::stream(), "{}", error.render()),
        };
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        if error.kind() != io::ErrorKind::BrokenPipe {
            output::say(format_args!("error: could not write the output: {error}"));
        }
    } else if exit_code(error) != 0 {
        output::say(format_args!("error: {error:#}"));
    }
}
