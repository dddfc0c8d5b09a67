//! The answer of `pi sample`.

use super::assignment::Assignment;
use super::shard::ShardOf;
use super::team::{RankGroup, RankWorkers, Team};
use super::timing::Phases;
use super::work::{Tally, Work};
use crate::output::{self, print_estimate, print_problem};
use libpi::{CellName, Estimate, split_level};
use pi_harness::number::{counted, duration, rate, share};
use serde::Serialize;
use std::io::Write;

/// The result, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) generator: &'static str,
    pub(super) seed: u64,
    pub(super) first: u64,
    /// The samples that were counted.
    pub(super) count: u64,
    /// The samples that were to be counted. With --time nobody knows them before the end.
    pub(super) wanted: Option<u64>,
    /// The range of which this is a part.
    shard: Option<ShardOf>,
    /// The standard error that --precision asks for.
    pub(super) precision: Option<f64>,
    /// The signal that ended the count before its end.
    pub(super) stopped_by: Option<String>,
    /// What earlier runs have counted of it. The times and the rate are those of this run.
    pub(super) resumed: Option<Resumed>,
    pub(super) kernel: String,
    pub(super) level: String,
    pub(super) driver: &'static str,
    pub(super) threads: u32,
    pub(super) ranks: u32,
    pub(super) cell: String,
    pub(super) exact: bool,
    /// Whether it is a problem of the user's own. Then there is no estimate.
    #[serde(skip)]
    pub(super) problem: bool,
    pub(super) hits: u64,
    pub(super) pi: Option<f64>,
    pub(super) standard_error: Option<f64>,
    pub(super) confidence_interval: Option<[f64; 2]>,
    /// The time of the slowest rank, by its own clock.
    pub(super) seconds: f64,
    pub(super) samples_per_second: Option<f64>,
    pub(super) phases: Phases,
    /// The time of the slowest rank relative to the mean, minus 1: 0 means perfect balance.
    pub(super) imbalance: f64,
    /// The number of the first rank.
    pub(super) usable_cpus: u32,
    pub(super) oversubscribed: bool,
    /// Whether workers had to share a CPU, or a launcher gave them too few CPUs.
    pub(super) shared_cpus: bool,
    /// The ranks by node and kernel.
    pub(super) groups: Vec<RankGroup>,
    /// Each rank, if the user asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) workers: Option<Vec<RankWorkers>>,
    pub(super) warnings: Vec<String>,
}

/// What was counted before this run.
#[derive(Debug, Serialize)]
pub(super) struct Resumed {
    pub(super) samples: u64,
    pub(super) seconds: f64,
}

impl Resumed {
    fn of(before: &Tally) -> Option<Self> {
        let Tally { samples, time, .. } = *before;
        (samples > 0).then_some(Self { samples, seconds: time.as_secs_f64() })
    }
}

impl Answer {
    pub(super) fn of(
        assignment: &Assignment,
        total: Tally,
        estimate: Option<Estimate>,
        phases: Phases,
        team: Team,
        stopped_by: Option<String>,
        warnings: Vec<String>,
    ) -> Self {
        let Assignment { work, driver, threads, .. } = assignment;
        let Work { generator, seed, samples, precision, .. } = *work;
        let (driver, threads) = (*driver, *threads);
        let seconds = phases.compute.max;
        let counted = total.samples - work.before.samples;
        let ranks = assignment.ranks;
        let cell = CellName {
            generator: generator.to_string(),
            kernel: team.each_kernel(Some),
            driver: driver.name().to_owned(),
            ranks,
            threads,
        };
        Self {
            generator: generator.name(),
            seed,
            first: samples.first(),
            count: total.samples,
            wanted: work.limit.is_none().then(|| samples.count()),
            shard: work.shard,
            precision,
            stopped_by,
            resumed: Resumed::of(&work.before),
            kernel: team.each_kernel(|kernel| Some(split_level(kernel).0)),
            level: team.each_kernel(|kernel| split_level(kernel).1),
            driver: driver.name(),
            threads,
            ranks,
            cell: cell.to_string(),
            exact: generator.is_exact(),
            problem: generator.is_problem(),
            hits: total.hits,
            pi: estimate.map(|e| e.pi),
            // If all samples are hits, or none is, there is no standard error.
            standard_error: estimate.map(|e| e.standard_error).filter(|&error| error > 0.0),
            confidence_interval: estimate.map(|e| e.confidence_interval),
            seconds,
            samples_per_second: (counted > 0 && seconds > 0.0).then(|| counted as f64 / seconds),
            imbalance: phases.imbalance(),
            phases,
            usable_cpus: assignment.usable_cpus,
            oversubscribed: assignment.oversubscription.is_some(),
            shared_cpus: team.sharing.is_some() || assignment.binding.is_some(),
            groups: team.groups,
            workers: team.workers,
            warnings,
        }
    }
}

pub(super) fn print(
    out: &mut impl Write,
    answer: &Answer,
    estimate: Option<Estimate>,
) -> anyhow::Result<()> {
    let Answer { generator, seed, first, count, hits, cell, .. } = answer;
    let unit = if answer.problem { "index" } else { "sample" };
    if answer.problem {
        print_problem(out, generator, *seed, *first, *hits, *count)?;
    } else {
        print_estimate(out, estimate, *hits)?;
        writeln!(out, "  hits          {hits} of {}", counted(*count, "sample"))?;
        let kind = if answer.exact { "" } else { " (statistical: the count depends on the split)" };
        writeln!(out, "  generator     {generator}, seed {seed}, from sample {first}{kind}")?;
    }
    if let Some(shard) = &answer.shard {
        writeln!(out, "  shard         {shard}")?;
    }
    if let (Some(wanted), Some(precision)) = (answer.wanted, answer.precision) {
        let needs = counted(wanted, "sample");
        writeln!(out, "  precision     a standard error of {precision:e} needs {needs}")?;
    }
    if let Some(signal) = &answer.stopped_by {
        let done = match answer.wanted {
            Some(wanted) => format!("{count} of {}", counted(wanted, unit)),
            None => counted(*count, unit),
        };
        writeln!(out, "  stopped       by {signal} after {done}")?;
    }
    if let Some(Resumed { samples, seconds }) = &answer.resumed {
        let before = counted(*samples, unit);
        writeln!(out, "  resumed       after {before}, which took {}", duration(*seconds))?;
    }
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
    for RankWorkers { rank, host, kernel, threads, seconds, .. } in answer.workers.iter().flatten()
    {
        let workers = match &threads[..] {
            [] => "no samples".to_owned(),
            cpus => format!("threads on CPUs {}", cpus.join(" ")),
        };
        output::line(
            out,
            format_args!("  rank {rank:<8} {seconds:.6} s, {kernel} on {host}, {workers}"),
        )?;
    }
    let units = if answer.problem { "indices" } else { "samples" };
    let speed = answer.samples_per_second.map(|r| format!(", {} {units}", rate(r)));
    writeln!(out, "  time          {:.6} s{}", answer.seconds, speed.unwrap_or_default())?;
    Ok(())
}
