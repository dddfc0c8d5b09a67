//! What `pi sample` answers.

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
    /// Of the slowest rank, by its own clock.
    pub(super) seconds: f64,
    pub(super) samples_per_second: Option<f64>,
    pub(super) phases: Phases,
    /// How much longer the slowest rank took than the mean: 0 for perfect balance.
    pub(super) imbalance: f64,
    /// Of the first rank; the mask of each is among `workers`.
    pub(super) usable_cpus: u32,
    pub(super) oversubscribed: bool,
    /// Whether workers were seen to share a CPU, or a launcher left them too few.
    pub(super) shared_cpus: bool,
    pub(super) workers: Vec<RankWorkers>,
    pub(super) warnings: Vec<String>,
}

/// Seconds by phase, each measured by a rank's own clock.
#[derive(Debug, Serialize)]
pub(super) struct Phases {
    /// From the start of the program to the first sample, MPI's start included: the longest.
    pub(super) startup: f64,
    pub(super) compute: Spread,
    /// Adding up over the ranks: the shortest, which did not wait for others.
    pub(super) reduce: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Spread {
    min: f64,
    median: f64,
    pub(super) max: f64,
}

/// What a rank tells the others when it is done.
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

/// What all ranks have, or the different things they have.
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
