//! `pi sample`: the main job.

use crate::job::placement::{self, Node, Pin, Seat};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::options::{Output, Threads};
use crate::output;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libpi::cpus::{CpuCount, CpuMask, mask_at_start};
use libpi::{AUTO, Catalog, Driver, Estimate, Generator, Kernel, Samples};
use pi_harness::failure::CheckFailed;
use pi_harness::number::{counted, parse_count, parse_seed, rate, share};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sample {
    /// Number of samples: 1000000, 1e6, 10M or 2^24
    #[arg(short = 'n', long = "samples", value_name = "COUNT", value_parser = parse_count,
          allow_hyphen_values = true)]
    count: u64,

    /// Seed, decimal or 0x…; npb takes odd ones below 2^46 [default: 42, for npb 271828183]
    #[arg(long, value_parser = parse_seed, allow_hyphen_values = true)]
    seed: Option<u64>,

    /// Index of the first sample; first + count may be at most 2^64
    #[arg(long, value_name = "INDEX", default_value = "0", value_parser = parse_count,
          allow_hyphen_values = true)]
    first: u64,

    /// Generator: philox, npb, xoshiro or textbook [default: philox, or the kernel's own]
    #[arg(long)]
    generator: Option<Generator>,

    /// Kernel, as `pi list` names it: auto, c, fortran@x86-64-v3, …; several, with commas between
    /// them, are dealt to the ranks of an MPI job in turn, and those beyond the ranks are not used
    #[arg(long, default_value = AUTO)]
    kernel: String,

    /// Driver, as `pi list` names it: auto, serial, threads, rayon, openmp-c, openmp-fortran
    #[arg(long, default_value = AUTO)]
    driver: String,

    #[command(flatten)]
    threads: Threads,

    /// Where the threads run: cores (one each), none (wherever the system puts them), a list of CPUs
    /// such as 0-3,8, of which the ranks of a node take their parts in turn, or auto: cores for the
    /// ranks of an MPI job if there are several, else none
    #[arg(long, default_value = AUTO, value_name = "CPUS", allow_hyphen_values = true)]
    pin: Pin,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
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

/// Samples for each thread before the first look at the clock: long enough for the start of threads
/// to cost nothing.
const FIRST_SPAN: u64 = 1 << 27;

/// Seconds between two looks at the clock, about: long enough for the threads to make up for what
/// delays one of them, short enough for a bar that moves.
const SPAN_SECONDS: f64 = 1.0;

/// The result, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Answer {
    generator: &'static str,
    seed: u64,
    first: u64,
    count: u64,
    kernel: String,
    level: String,
    driver: &'static str,
    threads: u32,
    ranks: u32,
    cell: String,
    exact: bool,
    hits: u64,
    pi: Option<f64>,
    standard_error: Option<f64>,
    confidence_interval: Option<[f64; 2]>,
    /// Of the slowest rank, by its own clock.
    seconds: f64,
    samples_per_second: Option<f64>,
    phases: Phases,
    /// How much longer the slowest rank took than the mean: 0 for perfect balance.
    imbalance: f64,
    /// Of the first rank; the mask of each is among `workers`.
    usable_cpus: u32,
    oversubscribed: bool,
    /// Whether workers were seen to share a CPU, or a launcher left them too few.
    shared_cpus: bool,
    workers: Vec<RankWorkers>,
    warnings: Vec<String>,
}

/// Seconds by phase, each measured by a rank's own clock.
#[derive(Debug, Serialize)]
struct Phases {
    /// From the start of the program to the first sample, MPI's start included: the longest.
    startup: f64,
    compute: Spread,
    /// Adding up over the ranks: the shortest, which did not wait for others.
    reduce: f64,
}

#[derive(Debug, Serialize)]
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

/// What a rank tells the others when it is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RankWorkers {
    rank: u32,
    host: String,
    kernel: String,
    /// The CPUs the rank was started on.
    mask: String,
    /// The CPUs on which each of its threads was seen.
    threads: Vec<String>,
}

/// What is to be done, decided before anything is counted.
struct Plan<'a> {
    seed: u64,
    samples: Samples,
    kernel: &'a Kernel,
    driver: &'a Driver,
    threads: u32,
    cpus: Vec<usize>,
    usable_cpus: u32,
    oversubscription: Option<String>,
    binding: Option<String>,
    kept_back: Option<String>,
}

pub(crate) fn run(
    catalog: &Catalog,
    options: &Sample,
    ranks: &Ranks,
    start: Instant,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let plan = plan(catalog, options, ranks)?;
    let generator = plan.kernel.generator();
    let known = [
        generator.warning(options.count),
        idle_kernels(options, ranks),
        plan.oversubscription.clone(),
        plan.binding.clone(),
        plan.kept_back.clone(),
    ];
    let known = known.into_iter().flatten();
    let mut warnings: Vec<String> = known.chain(output::build_warnings()).collect();
    if ranks.is_root() {
        output::warn(&warnings);
    }

    let part = ranks.part(plan.samples);
    let workers = ranks.lone(plan.workers(part))?;
    let refusal = refusal(&workers, &options.pin, ranks)?;
    if ranks.is_root() {
        output::warn(refusal.as_slice());
    }
    warnings.extend(refusal);
    ranks.wait();
    let startup = start.elapsed().as_secs_f64();
    let (own_hits, compute) = ranks.lone(count(&workers, &plan, part, ranks))?;
    let counting_done = Instant::now();
    let hits = ranks.sum(own_hits);
    let reduce = counting_done.elapsed().as_secs_f64();

    let times = ranks.all((startup, compute, reduce));
    let seen = ranks.lone(workers.muster(part))?;
    let own = RankWorkers {
        rank: ranks.rank(),
        host: host(),
        kernel: plan.kernel.full_name(),
        mask: mask_at_start().to_string(),
        threads: seen.iter().map(CpuMask::to_string).collect(),
    };
    let first = |said: Option<String>| ranks.first(said.map(|text| ranks.named(&text)));
    let missing = first(workers.missing());
    let changed = first(changed(workers.seen(), &seen));
    let (nodes, workers): (Vec<u32>, Vec<RankWorkers>) =
        ranks.all((ranks.node(), own)).into_iter().unzip();
    let mut by_node: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (node, rank) in nodes.into_iter().zip(&workers) {
        by_node.entry(node).or_default().extend(rank.threads.iter().cloned());
    }
    let sharing = placement::sharing(&by_node, ranks.are_launched());
    let shared_cpus = sharing.is_some() || plan.binding.is_some();
    let said: Vec<String> = sharing.into_iter().chain(missing).chain(changed).collect();
    if ranks.is_root() {
        output::warn(&said);
    }
    warnings.extend(said);

    let seconds: Vec<f64> = times.iter().map(|&(_, compute, _)| compute).collect();
    let compute = Spread::of(&seconds);
    let estimate = Estimate::new(hits, options.count)?;
    let answer = Answer {
        generator: generator.name(),
        seed: plan.seed,
        first: options.first,
        count: options.count,
        kernel: each(&workers, |kernel| kernel.split('@').next()),
        level: each(&workers, |kernel| kernel.split('@').nth(1)),
        driver: plan.driver.name(),
        threads: plan.threads,
        ranks: ranks.size(),
        cell: format!(
            "{generator}/{}/{}/{}x{}",
            each(&workers, Some),
            plan.driver.name(),
            ranks.size(),
            plan.threads
        ),
        exact: generator.is_exact(),
        hits,
        pi: estimate.map(|e| e.pi),
        standard_error: estimate.map(|e| e.standard_error),
        confidence_interval: estimate.map(|e| e.confidence_interval),
        seconds: compute.max,
        samples_per_second: (options.count > 0 && compute.max > 0.0)
            .then(|| options.count as f64 / compute.max),
        imbalance: compute.imbalance(&seconds),
        phases: Phases {
            startup: times.iter().map(|time| time.0).fold(0.0, f64::max),
            compute,
            reduce: times.iter().map(|time| time.2).fold(f64::INFINITY, f64::min),
        },
        usable_cpus: plan.usable_cpus,
        oversubscribed: plan.oversubscription.is_some(),
        shared_cpus,
        workers,
        warnings,
    };
    if options.output.json { output::json(out, &answer) } else { print(out, &answer, estimate) }
}

/// Decides what is to be done; all ranks come to the same plan, apart from their kernels.
fn plan<'a>(catalog: &'a Catalog, options: &Sample, ranks: &Ranks) -> anyhow::Result<Plan<'a>> {
    let kernels: Vec<&str> = kernels(options).collect();
    let generator = options.generator.unwrap_or_else(|| catalog.generator_of(kernels[0]));
    let seed = options.seed.unwrap_or(generator.default_seed());
    let chosen = || -> anyhow::Result<_> {
        generator.check_seed(seed)?;
        let samples = Samples::new(options.first, options.count)?;
        // Checked by every rank, so that a wrong name is found on any number of them.
        let kernels: Vec<&Kernel> = kernels
            .iter()
            .map(|name| catalog.kernel(generator, name))
            .collect::<libpi::Result<_>>()?;
        Ok((samples, kernels[ranks.rank() as usize % kernels.len()]))
    };
    let (samples, kernel) = ranks.agree(chosen())?;

    let asked = options.threads.number.0;
    if asked.is_none() && options.driver != "serial" {
        placement::agree_on_request(ranks)?;
    }
    let default = placement::default_threads(ranks);
    let share = options.count / u64::from(ranks.size());
    let (driver, threads) = ranks.agree(
        catalog
            .driver_and_threads_or(&options.driver, asked, share, || default.clone())
            .map_err(Into::into),
    )?;

    let is_free = asked.is_none() && placement::request().is_none() && options.driver != "serial";
    let seats = ranks.all(Seat::of_this_rank(ranks, threads));
    let node = Node::of(&seats, ranks.rank());
    Ok(Plan {
        seed,
        samples,
        kernel,
        driver,
        threads,
        cpus: ranks.agree(node.plan(&options.pin))?,
        usable_cpus: CpuCount::of_this_process().usable,
        oversubscription: ranks.first(node.oversubscription()),
        binding: ranks.first(node.binding()),
        kept_back: ranks.first(node.kept_back().filter(|_| is_free)),
    })
}

impl Plan<'_> {
    fn workers(&self, part: Samples) -> libpi::Result<Workers<'_>> {
        Workers::new(self.kernel, self.driver, self.seed, part, self.threads, &self.cpus)
    }
}

/// What is to be said of threads that the system does not let us place, if it does not.
///
/// # Errors
/// If placing was asked for.
fn refusal(workers: &Workers, pin: &Pin, ranks: &Ranks) -> anyhow::Result<Option<String>> {
    let said = workers.refusal().map(|why| {
        ranks.named(&format!(
            "the system does not let pi give its threads a CPU each (sched_setaffinity: {why}), as in \
             some containers: use --pin none, which leaves the placing to the system"
        ))
    });
    match ranks.first(said) {
        Some(said) if *pin != Pin::Auto => ranks.agree(Err(CheckFailed(said).into())),
        said => Ok(said),
    }
}

/// What is to be said if workers may not run any more where they might at first.
fn changed(first: &[CpuMask], last: &[CpuMask]) -> Option<String> {
    let all = |masks: &[CpuMask]| masks.iter().flat_map(CpuMask::cpus).collect::<CpuMask>();
    let (first, last) = (all(first), all(last));
    (first != last).then(|| {
        format!(
            "the workers might run on CPUs {first} at first and on {last} in the end: somebody changed \
             that meanwhile, so the time says little"
        )
    })
}

/// The kernels that the ranks take in turn.
fn kernels(options: &Sample) -> impl Iterator<Item = &str> {
    options.kernel.split(',').map(str::trim)
}

/// What is to be said of kernels for which there are no ranks, if there are any.
fn idle_kernels(options: &Sample, ranks: &Ranks) -> Option<String> {
    let idle: Vec<&str> = kernels(options).skip(ranks.size() as usize).collect();
    (!idle.is_empty()).then(|| {
        format!(
            "nobody counts with {}: each rank takes one kernel, and the job has {}; start as many as \
             kernels",
            idle.join(" and "),
            counted(ranks.size(), "rank")
        )
    })
}

/// What all ranks have, or the different things they have.
fn each<'a>(workers: &'a [RankWorkers], part: impl Fn(&'a str) -> Option<&'a str>) -> String {
    let mut parts: Vec<&str> = workers.iter().filter_map(|rank| part(&rank.kernel)).collect();
    let mut seen = HashSet::new();
    parts.retain(|part| seen.insert(*part));
    parts.join("+")
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        Self { min, median: f64::midpoint(low, high), max }
    }

    fn imbalance(&self, values: &[f64]) -> f64 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if mean > 0.0 { self.max / mean - 1.0 } else { 0.0 }
    }
}

/// Hits and seconds of this rank's part; shows how far it is, on a terminal.
fn count(
    workers: &Workers,
    plan: &Plan,
    part: Samples,
    ranks: &Ranks,
) -> libpi::Result<(u64, f64)> {
    let mut progress = Progress::new(part.count(), ranks);
    let mut hits = 0;
    let mut elapsed = Duration::ZERO;
    let mut length = FIRST_SPAN * u64::from(plan.threads);
    let mut rest = part;
    while rest.count() > 0 {
        let span;
        (span, rest) = rest.split_at(length);
        let start = Instant::now();
        hits += workers.hits(span)?;
        elapsed += start.elapsed();
        progress.advance(span.count(), elapsed);
        // What a statistical kernel counts depends on how the range is cut, so not on the time.
        if plan.kernel.generator().is_exact() {
            length = length.max((progress.per_second() * SPAN_SECONDS) as u64);
        }
    }
    Ok((hits, elapsed.as_secs_f64()))
}

/// How far it is: a bar on stderr, if that is a terminal, from the second second on. The first rank
/// shows its own part, which is like the others', and the rate of all.
struct Progress {
    total: u64,
    ranks: u32,
    done: u64,
    elapsed: Duration,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    fn new(total: u64, ranks: &Ranks) -> Self {
        let shown = ranks.is_root() && stderr().is_terminal();
        Self { total, ranks: ranks.size(), done: 0, elapsed: Duration::ZERO, bar: None, shown }
    }

    fn per_second(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }

    fn advance(&mut self, samples: u64, elapsed: Duration) {
        self.done += samples;
        self.elapsed = elapsed;
        if !self.shown || elapsed < Duration::from_secs(1) {
            return;
        }
        let per_second = self.per_second();
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}");
            bar.with_style(style.expect("the template is well-formed"))
        });
        bar.set_position(self.done);
        let left = Duration::from_secs_f64((self.total - self.done) as f64 / per_second);
        let left = indicatif::HumanDuration(left);
        bar.set_message(format!("{}, {left} left", rate(per_second * f64::from(self.ranks))));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn print(out: &mut impl Write, answer: &Answer, estimate: Option<Estimate>) -> anyhow::Result<()> {
    let Answer { generator, seed, first, count, hits, cell, .. } = answer;
    match estimate {
        None => writeln!(out, "no estimate: no samples")?,
        Some(Estimate { pi, standard_error, confidence_interval: [low, high] }) => {
            // Where all samples are alike, what they say of pi is their interval alone.
            let error = if standard_error > 0.0 { standard_error } else { (high - low) / 4.0 };
            // Two digits of the error are worth showing, and as many places of pi.
            let places = (1.0 - error.log10().floor()).clamp(0.0, 15.0) as usize;
            if standard_error > 0.0 {
                writeln!(out, "pi = {pi:.places$} ± {standard_error:.places$} (standard error)")?;
            } else {
                let alike = if *hits == 0 { "none is a hit" } else { "all are hits" };
                writeln!(
                    out,
                    "pi = {pi:.0} (of these samples {alike}: too few for a standard error)"
                )?;
            }
            writeln!(out, "  95% interval  {low:.places$} to {high:.places$}")?;
        }
    }
    writeln!(out, "  hits          {hits} of {}", counted(*count, "sample"))?;
    let kind = if answer.exact { "" } else { " (statistical: the count depends on the split)" };
    writeln!(out, "  generator     {generator}, seed {seed}, from sample {first}{kind}")?;
    writeln!(out, "  cell          {cell}")?;
    if answer.ranks > 1 {
        let Phases { startup, compute, reduce } = &answer.phases;
        writeln!(
            out,
            "  ranks         {:.6} to {:.6} s (imbalance {}), start-up {startup:.3} s, reduction \
             {reduce:.6} s",
            compute.min,
            compute.max,
            share(answer.imbalance)
        )?;
    }
    let speed = answer.samples_per_second.map(|r| format!(", {} samples", rate(r)));
    writeln!(out, "  time          {:.6} s{}", answer.seconds, speed.unwrap_or_default())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_that_are_taken_away_meanwhile_are_noticed() {
        let masks = |masks: &[&[usize]]| -> Vec<CpuMask> {
            masks.iter().map(|cpus| cpus.iter().copied().collect()).collect()
        };
        let both = masks(&[&[0, 1], &[0, 1]]);
        let said = changed(&both, &masks(&[&[0], &[0]])).unwrap();
        assert!(said.contains("CPUs 0-1 at first and on 0 in the end"), "{said}");
        // Threads come in any order.
        assert_eq!(changed(&masks(&[&[0], &[1]]), &masks(&[&[1], &[0]])), None);
        assert_eq!(changed(&both, &both), None);
    }
}
