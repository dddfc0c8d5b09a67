//! The options of `pi sample`.

use super::shard::Shard;
use crate::job::placement::pin::Pin;
use crate::job::ranks::joining::parse_limit;
use crate::loading::{Load, parse_problem};
use crate::options::{Output, Threads};
use clap::{ArgGroup, Args};
use libpi::{AUTO, Generator};
use pi_harness::loaded::Loads;
use pi_harness::number::{parse_count, parse_seed};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("amount").args(["count", "precision", "time", "resume"]).required(true).multiple(true))]
pub(crate) struct Sample {
    /// Number of samples: 1000000, 1e6, 10M or 2^24
    #[arg(short = 'n', long = "samples", value_name = "COUNT", value_parser = parse_count,
          allow_hyphen_values = true, conflicts_with_all = ["precision", "time"])]
    pub(super) count: Option<u64>,

    /// Instead of a number: the wanted standard error of pi, such as 1e-6. The number of samples follows
    /// from it
    #[arg(long, value_name = "ERROR", value_parser = parse_precision, allow_hyphen_values = true,
          conflicts_with = "time")]
    pub(super) precision: Option<f64>,

    /// Instead of a number: how long to count, such as 90s, 10m or 1h30m. The answer says how many samples
    /// that were
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_hyphen_values = true)]
    pub(super) time: Option<Duration>,

    /// Count only part I of N of the samples, from 1 on, such as 2/4; `pi merge` adds up the answers
    #[arg(long, value_name = "I/N", allow_hyphen_values = true, conflicts_with = "time")]
    pub(super) shard: Option<Shard>,

    /// Keep what is done in a new file while the count goes on; --resume goes on with it
    #[arg(long, value_name = "FILE", group = "file")]
    pub(super) checkpoint: Option<PathBuf>,

    /// Go on with the count that a file of --checkpoint holds, and keep what is done there. The kernel, the
    /// driver and the number of threads and ranks may be others
    #[arg(long, value_name = "FILE", group = "file")]
    pub(super) resume: Option<PathBuf>,

    /// How often to write the file of --checkpoint or --resume, such as 60s or 5min
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_limit,
          allow_hyphen_values = true, requires = "file")]
    pub(super) every: Duration,

    /// Seed, decimal or 0x…; for npb it must be odd and below 2^46 [default: 42, for npb 271828183]
    #[arg(long, value_parser = parse_seed, allow_hyphen_values = true)]
    pub(super) seed: Option<u64>,

    /// Index of the first sample; first + count may be at most 2^64 [default: 0]
    #[arg(long, value_name = "INDEX", value_parser = parse_count, allow_hyphen_values = true)]
    pub(super) first: Option<u64>,

    /// Generator: philox, npb, xoshiro or textbook; or the problem of your own that a loaded kernel counts
    /// [default: philox, or the kernel's own]
    #[arg(long, value_parser = parse_problem)]
    pub(super) generator: Option<Generator>,

    /// Kernel, as `pi list` names it: auto, c, fortran@x86-64-v3, …; or a loaded one. With several,
    /// separated by commas, the ranks of an MPI job take one each, in turn [default: the first loaded one,
    /// or auto]
    #[arg(long)]
    pub(super) kernel: Option<String>,

    #[command(flatten)]
    load: Load,

    /// Driver, as `pi list` names it: auto, serial, threads, rayon, openmp-c, openmp-fortran
    #[arg(long, default_value = AUTO)]
    pub(super) driver: String,

    #[command(flatten)]
    pub(super) threads: Threads,

    /// Where the threads run: cores (each thread gets a CPU of its own), none (the system places them), a
    /// list of CPUs such as 0-3,8 (the ranks of a node take their parts in turn), or auto (cores if there
    /// are several ranks, else none)
    #[arg(long, default_value = AUTO, value_name = "CPUS", allow_hyphen_values = true)]
    pub(super) pin: Pin,

    /// List each rank: its node, kernel, CPUs and time. Without it, the JSON has sums by node and kernel
    #[arg(long)]
    pub(super) ranks: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Sample {
    /// Loads the kernels.
    ///
    /// # Errors
    /// The errors of [`Load::load`].
    pub(crate) fn load(&self) -> anyhow::Result<Loads> {
        self.load.load(self.generator)
    }
}

/// A standard error.
fn parse_precision(text: &str) -> Result<f64, String> {
    let error = text.parse::<f64>().ok().filter(|error| *error > 0.0 && error.is_finite());
    error.ok_or_else(|| {
        "it must be a number above 0 that fits into a double, such as 1e-6".to_owned()
    })
}

const EXAMPLES: &str = "\
The answer depends only on generator, seed, first and count. It does not depend on the language, the \
driver, or the number of threads and ranks. Only the kernels of the generator textbook are statistical: \
their count depends on the split.

SIGINT, SIGTERM, SIGHUP and SIGUSR1 stop the count, on all ranks of an MPI job at the same sample. pi prints what \
was counted and exits with 75. A second SIGINT ends it at once. --checkpoint keeps what is done, however the \
run ends; --resume goes on to the same answer.

With --load a function in a shared library counts, see bench/YOUR_KERNEL.md. If it counts a problem of your \
own, there is no estimate of pi: in the JSON, pi, standard_error and confidence_interval are null.

In an MPI job only the first rank prints. There is no progress bar, because launchers do not give ranks a \
terminal. In the JSON, usable_cpus is the number of the first rank, groups has the ranks by node and \
kernel, and with --ranks workers has each rank.

Examples:
  pi sample -n 1e9
  pi sample -n 1e9 --json | jq .hits
  pi sample --precision 1e-6              count to this standard error
  pi sample --time 10m                    count for 10 minutes
  pi sample -n 1e14 --checkpoint run.json
                                          keep what is done, every minute
  pi sample --resume run.json             go on with it, here or elsewhere
  pi sample -n 1e12 --shard 2/4 --json    the second quarter, for `pi merge`
  pi sample -n 2^28 --generator npb       class A of NAS Parallel Benchmarks' EP
  pi sample -n 10M --first 10M            the next ten million samples
  pi sample -n 1e8 --kernel c@x86-64      C, at the lowest instruction-set level
  pi sample -n 1e8 --kernel c-textbook    the simplest program in C, to compare
  pi sample -n 1e9 --load mine=./libmine.so:count_hits
                                          your own kernel for philox
  pi sample -n 1e9 --load mine=./libprimes.so:count_primes --generator primes
                                          your own kernel for another problem
  mpiexec -n 4 pi sample -n 1e12          on the ranks of an MPI job
  mpiexec -n 3 pi sample -n 1e11 --kernel rust,c,fortran --driver openmp-c
                                          a language for each rank";
