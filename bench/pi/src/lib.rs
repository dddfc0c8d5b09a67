//! The command `pi`: one file per subcommand, on top of the core.

#[doc(hidden)]
pub mod answer;
mod cli;
mod commands;
mod failure;
mod job;
mod output;
mod ranking;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use commands::{bench, check_runner, compare, info, list, report, runner, sample, verify};
use failure::{Agreed, USAGE, exit_code, say_why};
use job::ranks::Ranks;
use job::ranks::job::Job;
use job::ranks::launcher::ignored_variables;
use libpi::Catalog;
use output::Output;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Where a subcommand writes its results.
type Out = Output<Box<dyn Write>>;

/// Runs the command on a catalog. Results go to stdout, everything else to stderr. `sample`, `verify`
/// and `runner` use all ranks of an MPI job. The other subcommands never call MPI: each process
/// answers for itself.
pub fn run(catalog: &'static Catalog, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let start = Instant::now();
    // A launcher that this process ignores is none for the programs that it starts.
    pi_harness::process::remove_variables(ignored_variables());
    let arguments: Vec<OsString> = arguments.collect();
    let read = Cli::try_parse_from(&arguments).map_err(anyhow::Error::from);
    let read = read.and_then(|cli| {
        // A cap that makes no sense is an error of every command, not of the kernels it leaves out.
        libpi::Level::cap()?;
        Ok((cli.job()?, cli.command))
    });
    let code = match read {
        Ok((job, command)) => carry_out(catalog, &command, &job, &arguments, start),
        Err(error) => refuse(&error, &arguments),
    };
    ExitCode::from(code)
}

fn carry_out(
    catalog: &'static Catalog,
    command: &Command,
    job: &Job,
    arguments: &[OsString],
    start: Instant,
) -> u8 {
    let on_ranks = |work: &dyn Fn(&Ranks, &mut Out) -> anyhow::Result<()>| {
        on_ranks(job, |ranks, out| {
            ranks.agree_on_arguments(arguments).and_then(|()| work(ranks, out))
        })
    };
    match command {
        Command::Sample(options) => {
            on_ranks(&|ranks, out| sample::run(catalog, options, ranks, start, out))
        }
        Command::Verify(options) => {
            on_ranks(&|ranks, out| verify::run(catalog, options, ranks, out))
        }
        Command::Runner => {
            on_ranks(&|ranks, out| runner::run(catalog, ranks, io::stdin().lock(), out))
        }
        Command::List(options) => by_itself(|out| list::run(catalog, options, out)),
        Command::Info(options) => by_itself(|out| info::run(options, out)),
        Command::Compare(options) => by_itself(|out| compare::run(options, out)),
        Command::Report(options) => by_itself(|out| report::run(options, out)),
        Command::Bench(options) => once(job, |out| bench::run(catalog, options, out)),
        Command::CheckRunner(options) => once(job, |out| check_runner::run(options, out)),
    }
}

/// Runs a subcommand on all ranks of the job. The first rank prints the answer, and all ranks end with
/// the same exit code.
fn on_ranks(job: &Job, work: impl FnOnce(&Ranks, &mut Out) -> anyhow::Result<()>) -> u8 {
    let ranks = match job.join() {
        Ok(ranks) => ranks,
        Err(code) => return code,
    };
    // The other ranks have the same answer and print nothing.
    let done = if ranks.is_root() {
        written(answer::stream(), |out| work(&ranks, out))
    } else {
        written(Box::new(io::sink()), |out| work(&ranks, out))
    };
    let Err(error) = done else { return 0 };
    match error.is::<Agreed>() {
        true if ranks.is_root() => say_why(&error),
        true => exit_code(&error),
        false => ranks.end_job(|| say_why(&error)),
    }
}

/// Runs a subcommand that starts ranks itself, and so must be started once.
fn once(job: &Job, work: impl FnOnce(&mut Out) -> anyhow::Result<()>) -> u8 {
    job.refuse_others().map_or_else(|code| code, |()| by_itself(work))
}

/// Runs a subcommand that needs no other ranks.
fn by_itself(work: impl FnOnce(&mut Out) -> anyhow::Result<()>) -> u8 {
    written(answer::stream(), work).map_or_else(|error| say_why(&error), |()| 0)
}

/// Runs `work` and flushes its output.
fn written(
    out: Box<dyn Write>,
    work: impl FnOnce(&mut Out) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = Output(out);
    work(&mut out)?;
    Ok(out.flush()?)
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
