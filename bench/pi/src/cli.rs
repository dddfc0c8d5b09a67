//! The command line.

use crate::commands::audit::AuditOptions;
use crate::commands::bench::Bench;
use crate::commands::call_kernel::CallKernel;
use crate::commands::check_kernel::CheckKernel;
use crate::commands::check_runner::CheckRunner;
use crate::commands::compare::Compare;
use crate::commands::info::Info;
use crate::commands::lesson::Lesson;
use crate::commands::list::List;
use crate::commands::merge::Merge;
use crate::commands::new::New;
use crate::commands::overhead_runner::OverheadRunner;
use crate::commands::report::Report;
use crate::commands::runner::Runner;
use crate::commands::sample::options::Sample;
use crate::commands::verify::Verify;
use crate::job::ranks::job::Job;
use crate::job::ranks::source::Source;
use crate::options::JobOptions;
use anyhow::anyhow;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use pi_harness::shown::readable;
use std::ffi::OsString;

/// Monte Carlo pi in Rust, C and Fortran: serial, on threads, rayon and OpenMP, always the same integer
#[derive(Debug, Parser)]
#[command(name = "pi", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    job: JobOptions,
}

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// If it makes no sense, or asks for help or the version.
    pub(crate) fn read(arguments: &[OsString]) -> anyhow::Result<Self> {
        Self::try_parse_from(arguments).map_err(|error| match error.kind() {
            // clap does not say which.
            ErrorKind::InvalidUtf8 => not_utf8(arguments),
            _ => error.into(),
        })
    }

    /// The MPI job, as the options and variables describe it.
    ///
    /// # Errors
    /// If a variable's value makes no sense.
    pub(crate) fn job(&self) -> anyhow::Result<Job> {
        Job::new(self.job.ranks_from, self.job.join_timeout)
    }

    /// The job, if a command line with an error names a subcommand that uses all ranks.
    pub(crate) fn job_meant(arguments: &[OsString]) -> Option<Job> {
        let found = Self::command().ignore_errors(true).try_get_matches_from(arguments).ok()?;
        if !["sample", "verify", "runner"].contains(&found.subcommand_name()?) {
            return None;
        }
        let ranks_from = found.try_get_one::<Source>("ranks_from").ok().flatten().copied();
        Some(Job::with_an_error(ranks_from))
    }
}

fn not_utf8(arguments: &[OsString]) -> anyhow::Error {
    let words = arguments.iter().filter(|word| word.to_str().is_none());
    let words: Vec<String> = words.map(|word| format!("'{}'", readable(word))).collect();
    anyhow!(
        "not UTF-8: {}; only the names of files may be other bytes: correct the rest, see `pi --help`",
        words.join(", ")
    )
}

const EXAMPLES: &str = "\
Examples:
  pi sample -n 1e9                        estimate pi from 10^9 samples
  pi sample -n 2^30 --kernel fortran --driver openmp-c
                                          use a Fortran kernel under OpenMP in C
  pi list                                 list what this build holds
  pi verify philox                        check all cells of one generator
  pi info                                 show how many CPUs pi may use, and why
  pi bench                                measure languages and drivers
  pi compare results.jsonl                rank the cells of a result
  pi report results.jsonl                 write the result as a page
  pi lesson pool                          do an exercise of the lesson
  pi audit --asm philox/c                 show what a compiler made of a kernel
  pi new mine --language zig              write a kernel of your own

Exit codes: 0 done, 1 a check or the run failed, 2 bad usage, 3 cannot tell (only
`compare --fail-if-slower`), 75 stopped with work saved.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Estimate pi: count the hits among a range of samples
    Sample(Sample),
    /// Add up the answers of shards, or of consecutive ranges
    Merge(Merge),
    /// List generators, kernels and drivers; say what is missing, and why
    List(List),
    /// Check every kernel under every driver against known counts
    Verify(Verify),
    /// Show how many CPUs may be used, which rule decided, and how this build was made; with --diff,
    /// what differs between two results
    Info(Info),
    /// Measure the cells of a suite and keep every run
    Bench(Bench),
    /// Count the instructions that each kernel executes for one sample; show its hot loop
    Audit(AuditOptions),
    /// Write a small project for a kernel of your own, in any of eleven languages
    New(New),
    /// Check that a function in a shared library is a kernel: right, pure, and no danger to its process
    CheckKernel(CheckKernel),
    /// Call a kernel for check-kernel
    #[command(hide = true)]
    CallKernel(CallKernel),
    /// Check that a runner follows the protocol in bench/PROTOCOL.md
    CheckRunner(CheckRunner),
    /// Read a request on stdin, count and time: the runner protocol, see bench/PROTOCOL.md
    Runner(Runner),
    /// The runner of the suite overhead, see bench/OVERHEAD.md
    #[command(hide = true)]
    OverheadRunner(OverheadRunner),
    /// Rank the cells of one result, or show what changed between two
    Compare(Compare),
    /// Write results as an offline page, HTML or Markdown
    Report(Report),
    /// The lesson on parallel Python: measure its ladder, or do one of its exercises
    Lesson(Lesson),
}
