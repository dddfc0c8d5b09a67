//! The command `pi`: one file per subcommand, on top of the core.

#[doc(hidden)]
pub mod answer;
mod bounds;
mod calls;
mod cli;
mod commands;
mod early_end;
mod failure;
mod job;
mod loading;
#[doc(hidden)]
mod measure;
pub mod memory;
mod options;
mod output;
mod ranking;
mod subject;
mod table;

use clap::CommandFactory;
use cli::Cli;
use commands::carry_out;
use failure::{USAGE, exit_code, say_why};
use job::ranks::kinds::ignored_variables;
use libpi::Catalog;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

/// Runs the command on a catalog. Results go to stdout, everything else to stderr. `sample`, `verify`
/// and `runner` use all ranks of an MPI job. The other subcommands never call MPI: each process
/// answers for itself.
pub fn run(catalog: &'static Catalog, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let start = Instant::now();
    // The programs that this process starts must ignore the same launcher.
    pi_harness::process::remove_variables(ignored_variables());
    let arguments: Vec<OsString> = arguments.collect();
    let read = Cli::read(&arguments);
    let read = read.and_then(|cli| {
        // A LIBPI_LEVEL that makes no sense is an error in every command.
        libpi::Level::cap()?;
        Ok((cli.job()?, cli.command))
    });
    let code = match read {
        Ok((job, command)) => carry_out(catalog, &command, &job, &arguments, start),
        Err(error) => refuse(&error, &arguments),
    };
    early_end::allow();
    ExitCode::from(code)
}

/// Prints why the command line is refused, or the answer to --help and --version. If all ranks of a job
/// have the same error, only the first prints it.
fn refuse(error: &anyhow::Error, arguments: &[OsString]) -> u8 {
    match Cli::job_meant(arguments).filter(|_| exit_code(error) == USAGE) {
        Some(job) => job.fail(|| say_why(error)),
        None => say_why(error),
    }
}

/// The command line as clap knows it, from which the manual and the completions are made.
pub fn command() -> clap::Command {
    Cli::command()
}
