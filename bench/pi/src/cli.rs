//! The command line.

use crate::job::placement::Pin;
use crate::job::ranks::job::Job;
use crate::job::ranks::joining::parse_limit;
use crate::job::ranks::launcher::Source;
use clap::{Args, CommandFactory, Parser, Subcommand};
use libpi::{AUTO, Generator};
use pi_harness::number::{parse_count, parse_seed, parse_share};
use pi_harness::suite::filter::Numbers;
use pi_harness::suite::names;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Monte Carlo pi in Rust, C and Fortran: serial, on threads, rayon and OpenMP, always the same integer
#[derive(Debug, Parser)]
#[command(name = "pi", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    job: JobOptions,
}

/// How a process finds the other ranks of an MPI job.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ranks of an MPI job")]
struct JobOptions {
    /// The launcher whose variables tell pi its rank and the number of ranks [default:
    /// LIBPI_RANKS_FROM, or auto]
    #[arg(long, global = true, value_name = "LAUNCHER")]
    ranks_from: Option<Source>,

    /// How long a rank waits for the other ranks to start pi [default: LIBPI_JOIN_TIMEOUT, or 60s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_limit)]
    join_timeout: Option<Duration>,
}

impl Cli {
    /// The MPI job, as the options and variables describe it.
    ///
    /// # Errors
    /// If a variable's value makes no sense.
    pub(crate) fn job(&self) -> anyhow::Result<Job> {
        Job::new(self.job.ranks_from, self.job.join_timeout)
    }

    /// The job, if this command line with an error in it names a subcommand that uses all ranks.
    pub(crate) fn job_meant(arguments: &[OsString]) -> Option<Job> {
        let found = Self::command().ignore_errors(true).try_get_matches_from(arguments).ok()?;
        if !["sample", "verify", "runner"].contains(&found.subcommand_name()?) {
            return None;
        }
        let ranks_from = found.try_get_one::<Source>("ranks_from").ok().flatten().copied();
        Some(Job::with_an_error(ranks_from))
    }
}

const EXAMPLES: &str = "\
Examples:
  pi sample -n 1e9                        from a thousand million samples
  pi sample -n 2^30 --kernel fortran --driver openmp-c
                                          a Fortran kernel under OpenMP in C
  pi list                                 what this build holds
  pi verify philox                        check all of one generator
  pi info                                 how many CPUs may be used, and why
  pi bench                                measure languages and drivers
  pi compare results.jsonl                which is fastest, and what is as fast
  pi report results.jsonl                 make a page of it

Exit codes: 0 done, 1 a check or the run failed, 2 bad usage, 75 stopped with work saved.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Estimate pi: count the hits among a range of samples
    Sample(Sample),
    /// List generators, kernels and drivers; what is missing, and why
    List(List),
    /// Check every kernel under every driver against known counts
    Verify(Verify),
    /// Show how many CPUs may be used, which rule decided, and how this build was made; with --diff,
    /// what differs between two results
    Info(Info),
    /// Measure the cells of a suite and keep every run
    Bench(Bench),
    /// Try a runner against the protocol of bench/PROTOCOL.md
    CheckRunner(CheckRunner),
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

    /// Kernel, as `pi list` names it: auto, c, fortran@x86-64-v3, …; several, with commas between
    /// them, are dealt to the ranks of an MPI job in turn, and those beyond the ranks are not used
    #[arg(long, default_value = AUTO)]
    pub(crate) kernel: String,

    /// Driver, as `pi list` names it: auto, serial, threads, rayon, openmp-c, openmp-fortran
    #[arg(long, default_value = AUTO)]
    pub(crate) driver: String,

    #[command(flatten)]
    pub(crate) threads: Threads,

    /// Where the threads run: cores (one each), none (wherever the system puts them), a list of CPUs
    /// such as 0-3,8, of which the ranks of a node take their parts in turn, or auto: cores for the
    /// ranks of an MPI job if there are several, else none
    #[arg(long, default_value = AUTO, value_name = "CPUS", allow_hyphen_values = true)]
    pub(crate) pin: Pin,

    #[command(flatten)]
    pub(crate) output: Output,
}

const SAMPLE_EXAMPLES: &str = "\
The answer depends on generator, seed, first and count alone: not on the language, the driver or the \
number of threads or ranks. Only the kernels of generator textbook are statistical.

On the ranks of an MPI job the first speaks for all. There is no progress bar, since launchers give \
ranks no terminal. In the JSON usable_cpus is the first rank's number; workers has the mask of each.

Examples:
  pi sample -n 1e9
  pi sample -n 1e9 --json | jq .hits
  pi sample -n 2^28 --generator npb       class A of NAS Parallel Benchmarks' EP
  pi sample -n 10M --first 10M            the next ten million samples
  pi sample -n 1e8 --kernel c@x86-64      C, at the lowest instruction-set level
  pi sample -n 1e8 --kernel c-textbook    what one writes first in C, to compare
  mpiexec -n 4 pi sample -n 1e12          on the ranks of an MPI job
  mpiexec -n 3 pi sample -n 1e11 --kernel rust,c,fortran --driver openmp-c
                                          a language for each rank";

/// How many threads.
#[derive(Debug, Args)]
pub(crate) struct Threads {
    /// Threads (of each rank), 1 to 1024, or auto: one for each usable CPU, see `pi info`
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
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) output: Output,
}

const LIST_EXAMPLES: &str = "\
Examples:
  pi list                                 what can run here, and what not
  pi list --json | jq -r '.kernels[] | select(.missing == null).name'
                                          names of the kernels that can run";

#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(crate) struct Verify {
    /// Cells to check: generator/kernel@level/driver/1xTHREADS, the first three parts patterns, all but
    /// the first optional
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,

    #[command(flatten)]
    pub(crate) threads: Threads,

    #[command(flatten)]
    pub(crate) output: Output,
}

const VERIFY_EXAMPLES: &str = "\
Each line is a cell, its count, the verdict, and the rate of that one run (not a benchmark). Exit \
code 1 if any count is wrong.

Examples:
  pi verify                               everything that can run here
  pi verify npb                           one generator
  pi verify 'philox/fortran'              one language, all levels and drivers
  pi verify '*/*@x86-64-v3/openmp-*'      one level under the OpenMP drivers
  pi verify philox/c/rayon/1x4            on four threads
  mpiexec -n 2 pi verify                  with the ranks of an MPI job";

#[derive(Debug, Args)]
#[command(after_help = INFO_EXAMPLES)]
pub(crate) struct Info {
    /// Say what differs between the environments of two results
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(crate) diff: Option<Vec<PathBuf>>,

    #[command(flatten)]
    pub(crate) output: Output,
}

const INFO_EXAMPLES: &str = "\
Examples:
  pi info                                 CPUs, machine, build, and warnings
  pi info --json | jq .cpus.threads
  OMP_NUM_THREADS=2 pi info               which rule decides then
  pi info --diff before.jsonl after.jsonl
                                          why two results may differ";

#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct Compare {
    /// Result of `pi bench`, to be ranked or compared with
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// A later result: what changed since the first
    #[arg(value_name = "OTHER")]
    pub(crate) other: Option<PathBuf>,

    /// Compare results too whose machines, settings of the machine, variables, compilers, flags or
    /// pinning differ
    #[arg(long, requires = "other")]
    pub(crate) anyway: bool,

    /// Exit with 1 if the whole interval of a cell's ratio is beyond this, or if a cell has no times
    /// any more; with 3 if of a cell it cannot be told whether it is beyond
    #[arg(long, value_name = "PERCENT", requires = "other", value_parser = parse_share,
          allow_hyphen_values = true)]
    pub(crate) fail_if_slower: Option<f64>,

    #[command(flatten)]
    pub(crate) output: Output,
}

const COMPARE_EXAMPLES: &str = "\
A cell's time is the lower quartile of its processes; intervals are between processes, and say the \
level they reach. Two cells differ if the whole interval of their ratio lies beyond the noise floor, \
which the session measured by timing some cells twice. A cell shares the rank above it, as in =2, if \
it does not differ from that cell of the rank whose interval ends first; of fewer than five processes \
nothing is told. Where all cells moved by the same ratio, the machine did.
Exit codes: 0 done, 1 a line could not be read, or a cell is slower than --fail-if-slower allows or \
has no times any more, 2 bad usage, 3 with --fail-if-slower: it cannot be told of some cell.

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

    /// The page: Markdown if its name ends in .md or .MD, else HTML; - for stdout
    #[arg(short = 'o', long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,

    /// Replace a file that is no page made by pi report, or a symbolic link
    #[arg(long)]
    pub(crate) force: bool,
}

const REPORT_EXAMPLES: &str = "\
The HTML page is one file and asks the network for nothing: pictures, tables, the environment, how \
it was measured, and the results themselves to be taken out again. A page replaces an older one, whose \
permissions stay, and owner and group where that is allowed. Anything else is replaced only with \
--force; a symbolic link is then replaced itself, and what it leads to stays.

Examples:
  pi report results.jsonl                 makes report.html
  pi report default.jsonl ffi.jsonl -o all.html
  pi report results.jsonl -o results.md";

#[derive(Debug, Args)]
#[command(after_help = BENCH_EXAMPLES)]
pub(crate) struct Bench {
    /// Suite: default, ffi, levels, scale, or a path to a .toml file
    #[arg(default_value = "default")]
    pub(crate) suite: String,

    /// Where the results go, JSON Lines; - for stdout, the ranking on stderr then [default: a new file,
    /// pi-SUITE-TIME.jsonl]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,

    /// Time to spend, such as 60s or 5min; it decides over counts and repeats, up to 50 processes of
    /// a cell [default: the suite's]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) budget: Option<Duration>,

    /// Measure only cells that match: generator/kernel@level/driver/RANKSxTHREADS, each part a
    /// pattern, later parts optional; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) filter: Vec<String>,

    /// Numbers of ranks, such as 2 or 1-4 or 1,2,4
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub(crate) ranks: Option<Numbers>,

    /// Numbers of threads, such as 2 or 1-4 or 1,2,4
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub(crate) threads: Option<Numbers>,

    /// Processes for each cell; of fewer than 5 nothing is told, and 12 reach intervals of 95%
    /// [default: at least 12, more where the time allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000),
          allow_hyphen_values = true)]
    pub(crate) processes: Option<u32>,

    /// Seed of the order in which the processes are run [default: another one each time]
    #[arg(long, value_parser = parse_seed, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,

    /// Try the cells, print the plan and the time it would take, and measure nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Allow more ranks times threads than usable CPUs
    #[arg(long)]
    pub(crate) oversubscribe: bool,

    /// What starts ranks; {ranks} stands for their number, else -n and the number are added
    /// [default: mpiexec, or what MPIEXEC names, with what it needs to leave the placing to pi]
    #[arg(long, value_name = "COMMAND", value_parser = parse_launcher)]
    pub(crate) launcher: Option<String>,

    /// Leave it to the system on which CPUs the processes run
    #[arg(long)]
    pub(crate) no_pin: bool,

    /// When a process that does not end is killed [default: 30 s and 20 times what it should take]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,

    /// A table of more runners, as bench/runners.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) runners: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

fn parse_launcher(text: &str) -> Result<String, String> {
    match text.split_whitespace().next() {
        Some(_) => Ok(text.to_owned()),
        None => Err("it must be a command, such as 'mpiexec -n {ranks}'".to_owned()),
    }
}

const BENCH_EXAMPLES: &str = "\
Every block of runs is a fresh process, pinned to as many CPUs as it has workers; they come in rounds, \
a block of every cell in each, in a random order. Each run's count is checked: a wrong one is an \
error, never a time. Some cells are measured twice: how far one is from itself is the noise floor. \
Ctrl-C keeps what was measured.
Exit codes: 0 done, 1 a cell has an error, 2 bad usage, 75 interrupted, results kept.

Examples:
  pi bench                                languages and drivers
  pi bench ffi                            what calls across languages cost
  pi bench scale --threads 1-4            scaling over threads and ranks
  pi bench levels -o levels.jsonl         what each instruction-set level gives
  pi bench --budget 20s --filter 'philox/*/serial' --filter 'xoshiro/c'
  pi bench --dry-run                      the plan, and the time it takes
  pi bench my/suite.toml --runners my/runners.toml
                                          your own kernel (bench/YOUR_KERNEL.md)";

#[derive(Debug, Args)]
#[command(after_help = CHECK_RUNNER_EXAMPLES)]
pub(crate) struct CheckRunner {
    /// Generator whose counts it should know; with --statistical any name
    #[arg(long, default_value = "philox", value_parser = names::parse)]
    pub(crate) generator: String,

    /// Kernel to ask for
    #[arg(long, default_value = AUTO, value_parser = names::parse)]
    pub(crate) kernel: String,

    /// Driver to ask for
    #[arg(long, default_value = "serial", value_parser = names::parse)]
    pub(crate) driver: String,

    /// Its counts need only come near pi
    #[arg(long)]
    pub(crate) statistical: bool,

    /// When it is taken to hang and is killed
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,

    #[command(flatten)]
    pub(crate) output: Output,

    /// The runner and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) command: Vec<OsString>,
}

const CHECK_RUNNER_EXAMPLES: &str = "\
Puts requests to the runner, for one thread and one rank, and judges what it does; what more threads, \
ranks and `batch` do is not tried. Exit codes: 0 it keeps the protocol, 1 it does not, 2 bad usage, 75 \
interrupted.

Examples:
  pi check-runner pi runner
  pi check-runner ./my-kernel
  pi check-runner --generator npb ./my-kernel --fast
  pi check-runner --statistical python3 pi.py";
