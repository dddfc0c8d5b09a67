//! The command line.

use crate::number::{parse_count, parse_seed, parse_share};
use clap::{Args, Parser, Subcommand};
use libpi::{AUTO, Generator};
use std::path::PathBuf;

/// Monte Carlo pi in Rust, C and Fortran: serial, on threads, rayon and OpenMP, always the same integer
#[derive(Debug, Parser)]
#[command(name = "pi", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pi sample -n 1e9                        estimate pi from a thousand million samples
  pi sample -n 2^30 --kernel fortran --driver openmp-c
                                          a Fortran kernel under OpenMP in C
  pi list                                 what this build holds, and what is missing and why
  pi verify philox                        check every kernel and driver of one generator
  pi info                                 how many CPUs may be used here, and why

Exit codes: 0 done, 1 a check or the run failed, 2 bad usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Estimate pi: count the hits among a range of samples
    Sample(Sample),
    /// List generators, kernels and drivers; what is missing, and why
    List(List),
    /// Check every kernel under every driver against known counts
    Verify(Verify),
    /// Show how many CPUs may be used, which rule decided, and how this build was made
    Info(Info),
    /// Do what a request on stdin asks for and time it: the runner protocol, see bench/PROTOCOL.md
    Runner,
    /// Rank the cells of one result, or say what changed between two
    Compare(Compare),
    /// Make an offline page, HTML or Markdown, of results
    Report(Report),
}

#[derive(Debug, Args)]
#[command(after_help = SAMPLE_EXAMPLES)]
pub(crate) struct Sample {
    /// Number of samples: 1000000, 1e6, 10M or 2^24
    #[arg(short = 'n', long = "samples", value_name = "COUNT", value_parser = parse_count,
          allow_hyphen_values = true)]
    pub(crate) count: u64,

    /// Seed, decimal or 0x…; npb takes odd ones below 2^46 [default: 42, for npb 271828183]
    #[arg(long, value_parser = parse_seed, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,

    /// Index of the first sample; first + count may be at most 2^64
    #[arg(long, value_name = "INDEX", default_value = "0", value_parser = parse_count,
          allow_hyphen_values = true)]
    pub(crate) first: u64,

    /// Generator: philox, npb, xoshiro or textbook [default: philox, or the kernel's own]
    #[arg(long)]
    pub(crate) generator: Option<Generator>,

    /// Kernel, as `pi list` names it: auto, c, fortran@x86-64-v3, …
    #[arg(long, default_value = AUTO)]
    pub(crate) kernel: String,

    /// Driver, as `pi list` names it: auto, serial, threads, rayon, openmp-c, openmp-fortran
    #[arg(long, default_value = AUTO)]
    pub(crate) driver: String,

    #[command(flatten)]
    pub(crate) threads: Threads,

    #[command(flatten)]
    pub(crate) output: Output,
}

const SAMPLE_EXAMPLES: &str = "\
The answer depends on generator, seed, first and count alone: not on the language, the driver or the
number of threads. Only the kernels of generator textbook are statistical.

Examples:
  pi sample -n 1e9
  pi sample -n 1e9 --json | jq .hits
  pi sample -n 2^28 --generator npb       class A of the NAS Parallel Benchmarks' EP
  pi sample -n 10M --first 10M            the next ten million samples
  pi sample -n 1e8 --kernel c@x86-64      C, at the lowest instruction-set level
  pi sample -n 1e8 --kernel c-textbook    what one writes first in C, to compare";

/// How many threads.
#[derive(Debug, Args)]
pub(crate) struct Threads {
    /// Threads, 1 to 1024, or auto: one for each usable CPU, see `pi info`
    #[arg(long = "threads", value_name = "N", default_value = AUTO, value_parser = parse_threads,
          allow_hyphen_values = true)]
    pub(crate) number: ThreadCount,
}

/// A number of threads, if one was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadCount(pub(crate) Option<i64>);

fn parse_threads(text: &str) -> Result<ThreadCount, String> {
    if text == AUTO {
        return Ok(ThreadCount(None));
    }
    let number = text.parse::<i64>().map_err(|_| {
        format!("it must be {AUTO} or a whole number from 1 to {}", libpi::MAX_THREADS)
    })?;
    libpi::check_threads(number).map_err(|error| error.to_string())?;
    Ok(ThreadCount(Some(number)))
}

/// In which form to answer.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Print one JSON object instead of text; its integers are exact, read them as 64-bit
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(crate) struct Verify {
    /// Cells to check: generator/kernel@level/driver, each part a pattern, later parts optional
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,

    #[command(flatten)]
    pub(crate) threads: Threads,

    #[command(flatten)]
    pub(crate) output: Output,
}

const VERIFY_EXAMPLES: &str = "\
Each line is a cell, its count, the verdict, and the rate of that one run (not a benchmark). Exit
code 1 if any count is wrong.

Examples:
  pi verify                               everything that can run here
  pi verify npb                           one generator
  pi verify 'philox/fortran'              one language, all its levels and drivers
  pi verify '*/*@x86-64-v3/openmp-*'      one level under the OpenMP drivers";

#[derive(Debug, Args)]
pub(crate) struct Info {
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct Compare {
    /// Result of `pi bench`, to be ranked or compared with
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// A later result: what changed since the first
    #[arg(value_name = "OTHER")]
    pub(crate) other: Option<PathBuf>,

    /// Compare results of different machines, compilers or flags too
    #[arg(long, requires = "other")]
    pub(crate) anyway: bool,

    /// Exit with 1 if a cell became slower by more than this, beyond the noise; or counts wrongly
    #[arg(long, value_name = "PERCENT", requires = "other", value_parser = parse_share,
          allow_hyphen_values = true)]
    pub(crate) fail_if_slower: Option<f64>,

    #[command(flatten)]
    pub(crate) output: Output,
}

const COMPARE_EXAMPLES: &str = "\
Cells are compared by the median time of their processes; the interval is bootstrapped over
processes. Two cells differ if the whole interval of their ratio lies beyond the noise floor, which
the session measured by timing the same cell twice. Cells that do not differ share a rank, as in =2.

Examples:
  pi compare results.jsonl                which is fastest, and what is as fast
  pi compare before.jsonl after.jsonl     what changed
  pi compare before.jsonl after.jsonl --fail-if-slower 5%
                                          for continuous integration";

#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(crate) struct Report {
    /// Results of `pi bench`, each a chapter
    #[arg(value_name = "RESULTS", required = true)]
    pub(crate) results: Vec<PathBuf>,

    /// The page: Markdown if its name ends in .md, else HTML
    #[arg(short = 'o', long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,
}

const REPORT_EXAMPLES: &str = "\
The HTML page is one file and asks the network for nothing: pictures, tables, the environment, how
it was measured, and the results themselves to be taken out again.

Examples:
  pi report results.jsonl                 makes report.html
  pi report default.jsonl ffi.jsonl -o all.html
  pi report results.jsonl -o results.md";
