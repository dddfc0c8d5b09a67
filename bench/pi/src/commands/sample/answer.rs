//! The answer of `pi sample`.

use libpi::Estimate;
use pi_harness::number::{counted, rate, share};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::io::Write;

/// The result, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) generator: &'static str,
    pub(super) seed: u64,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) kernel: String,
    pub(super) level: String,
    pub(super) driver: &'static str,
    pub(super) threads: u32,
    pub(super) ranks: u32,
    pub(super) cell: String,
    pub(super) exact: bool,
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
    /// The number of the first rank. `workers` has the mask of each rank.
    pub(super) usable_cpus: u32,
    pub(super) oversubscribed: bool,
    /// Whether workers had to share a CPU, or a launcher gave them too few CPUs.
    pub(super) shared_cpus: bool,
    pub(super) workers: Vec<RankWorkers>,
    pub(super) warnings: Vec<String>,
}

/// The seconds of each phase, by each rank's own clock.
#[derive(Debug, Serialize)]
pub(super) struct Phases {
    /// From the start of the program to the first sample, including the start of MPI: the longest of all
    /// ranks.
    pub(super) startup: f64,
    pub(super) compute: Spread,
    /// Adding up over the ranks: the shortest of all ranks, which did not wait for others.
    pub(super) reduce: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Spread {
    min: f64,
    median: f64,
    pub(super) max: f64,
}

/// What a rank reports to the others at the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RankWorkers {
    pub(super) rank: u32,
    pub(super) host: String,
    pub(super) kernel: String,
    /// The CPUs the rank was started on.
    pub(super) mask: String,
    /// The CPUs on which each of its threads was seen.
    pub(super) threads: Vec<String>,
}

impl Spread {
    pub(super) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        Self { min, median: f64::midpoint(low, high), max }
    }

    pub(super) fn imbalance(&self, values: &[f64]) -> f64 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if mean > 0.0 { self.max / mean - 1.0 } else { 0.0 }
    }
}

/// The part of the kernel's name that all ranks share, or all different parts, joined with `+`.
pub(super) fn each<'a>(
    workers: &'a [RankWorkers],
    part: impl Fn(&'a str) -> Option<&'a str>,
) -> String {
    let mut parts: Vec<&str> = workers.iter().filter_map(|rank| part(&rank.kernel)).collect();
    let mut seen = HashSet::new();
    parts.retain(|part| seen.insert(*part));
    parts.join("+")
}

pub(super) fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

pub(super) fn print(
    out: &mut impl Write,
    answer: &Answer,
    estimate: Option<Estimate>,
) -> anyhow::Result<()> {
    let Answer { generator, seed, first, count, hits, cell, .. } = answer;
    match estimate {
        None => writeln!(out, "no estimate: no samples")?,
        Some(Estimate { pi, standard_error, confidence_interval: [low, high] }) => {
            // If all samples are hits, or none is, the interval takes the place of the standard error.
            let error = if standard_error > 0.0 { standard_error } else { (high - low) / 4.0 };
            // The error is shown with two digits, and pi with as many places.
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
