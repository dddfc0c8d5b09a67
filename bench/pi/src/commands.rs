//! The subcommands. Each has a file with its options, its examples and its work. This file runs them.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod call_kernel;
pub(crate) mod check_kernel;
pub(crate) mod check_runner;
pub(crate) mod compare;
pub(crate) mod info;
pub(crate) mod lesson;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod overhead_runner;
pub(crate) mod report;
pub(crate) mod runner;
pub(crate) mod sample;
pub(crate) mod verify;

use crate::answer;
use crate::cli::Command;
use crate::failure::{Agreed, exit_code, say_why};
use crate::job::ranks::Ranks;
use crate::job::ranks::job::Job;
use crate::loading;
use crate::output::Output;
use libpi::Catalog;
use pi_harness::loaded::Loads;
use pi_harness::process::StopSignals;
use std::ffi::OsString;
use std::io::{self, Write};
use std::time::Instant;

/// Where a subcommand writes its results.
type Out = Output<Box<dyn Write>>;

/// Runs a subcommand. Returns the exit code.
pub(crate) fn carry_out(
    catalog: &'static Catalog,
    command: &Command,
    job: &Job,
    arguments: &[OsString],
    start: Instant,
) -> u8 {
    // `loads` are the kernels that this rank has loaded, before it joined the others.
    let on_ranks =
        |loads: anyhow::Result<Loads>,
         work: &dyn Fn(&Catalog, &Ranks, &mut Out) -> anyhow::Result<()>| {
            on_ranks(job, |ranks, out| {
                ranks.agree_on_arguments(arguments)?;
                let catalog = loading::agreed(catalog, loads, ranks)?;
                work(&catalog, ranks, out)
            })
        };
    match command {
        Command::Sample(options) => {
            let loads = options.load();
            // From here on: a job may be asked to stop while its ranks still join.
            match StopSignals::watch() {
                Ok(signals) => on_ranks(loads, &|catalog, ranks, out| {
                    sample::run(catalog, options, arguments, ranks, &signals, start, out)
                }),
                Err(error) => say_why(&error),
            }
        }
        Command::Verify(options) => on_ranks(options.load(), &|catalog, ranks, out| {
            verify::run(catalog, options, ranks, out)
        }),
        Command::Runner(options) => on_ranks(options.load(), &|catalog, ranks, out| {
            runner::run(catalog, ranks, io::stdin().lock(), out)
        }),
        Command::OverheadRunner(options) => {
            by_itself(|out| overhead_runner::run(catalog, options, io::stdin().lock(), out))
        }
        Command::Audit(options) => by_itself(|out| audit::run(catalog, options, out)),
        Command::Merge(options) => by_itself(|out| merge::run(options, out)),
        Command::List(options) => by_itself(|out| list::run(catalog, options, out)),
        Command::Info(options) => by_itself(|out| info::run(options, out)),
        Command::Compare(options) => by_itself(|out| compare::run(options, out)),
        Command::Report(options) => by_itself(|out| report::run(options, out)),
        Command::Bench(options) => once(job, |out| bench::run(catalog, options, out)),
        Command::Lesson(options) => once(job, |out| lesson::run(catalog, options, out)),
        Command::New(options) => by_itself(|out| new::run(catalog, options, out)),
        Command::CheckKernel(options) => once(job, |out| check_kernel::run(catalog, options, out)),
        Command::CallKernel(options) => {
            by_itself(|out| call_kernel::run(options, io::stdin().lock(), out))
        }
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
