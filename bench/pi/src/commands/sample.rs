//! `pi sample`: the main job.

mod answer;
mod count;
pub(crate) mod options;
mod plan;

use crate::job::placement::{self, pin::Pin};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::output;
use answer::{Answer, Phases, RankWorkers, Spread, each, host, print};
use count::count;
use libpi::cpus::{CpuMask, mask_at_start};
use libpi::{Catalog, CellName, Estimate, split_level};
use options::Sample;
use pi_harness::failure::CheckFailed;
use plan::{idle_kernels, plan};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

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
        kernel: each(&workers, |kernel| Some(split_level(kernel).0)),
        level: each(&workers, |kernel| split_level(kernel).1),
        driver: plan.driver.name(),
        threads: plan.threads,
        ranks: ranks.size(),
        cell: CellName {
            generator: generator.to_string(),
            kernel: each(&workers, Some),
            driver: plan.driver.name().to_owned(),
            ranks: ranks.size(),
            threads: plan.threads,
        }
        .to_string(),
        exact: generator.is_exact(),
        hits,
        pi: estimate.map(|e| e.pi),
        // If all samples are hits, or none is, there is no standard error.
        standard_error: estimate.map(|e| e.standard_error).filter(|&error| error > 0.0),
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

/// A warning if the system does not let pi place the threads.
///
/// # Errors
/// If the user asked for a placement with --pin.
fn refusal(workers: &Workers, pin: &Pin, ranks: &Ranks) -> anyhow::Result<Option<String>> {
    let said = workers.refusal().map(|why| {
        ranks.named(&format!(
            "the system does not let pi pin its threads (sched_setaffinity: {why}), which some \
             containers forbid: use --pin none"
        ))
    });
    match ranks.first(said) {
        Some(said) if *pin != Pin::Auto => ranks.agree(Err(CheckFailed(said).into())),
        said => Ok(said),
    }
}

/// A warning if the workers' CPUs changed during the run.
fn changed(first: &[CpuMask], last: &[CpuMask]) -> Option<String> {
    let all = |masks: &[CpuMask]| masks.iter().flat_map(CpuMask::cpus).collect::<CpuMask>();
    let (first, last) = (all(first), all(last));
    (first != last).then(|| {
        format!(
            "the workers could run on CPUs {first} at first and on {last} in the end: something changed \
             their affinity masks during the run, so the time says little"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_that_are_taken_away_during_the_run_are_noticed() {
        let masks = |masks: &[&[usize]]| -> Vec<CpuMask> {
            masks.iter().map(|cpus| cpus.iter().copied().collect()).collect()
        };
        let both = masks(&[&[0, 1], &[0, 1]]);
        let said = changed(&both, &masks(&[&[0], &[0]])).unwrap();
        assert!(said.contains("CPUs 0-1 at first and on 0 in the end"), "{said}");
        // The order of the threads does not matter.
        assert_eq!(changed(&masks(&[&[0], &[1]]), &masks(&[&[1], &[0]])), None);
        assert_eq!(changed(&both, &both), None);
    }
}
