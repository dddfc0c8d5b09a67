//! Who counted: the ranks and their workers, and the CPUs on which they were seen.

use super::assignment::Assignment;
use super::timing::Spread;
use crate::job::placement;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use libpi::Samples;
use libpi::cpus::{CpuMask, mask_at_start};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;

/// The ranks and their workers. Only the first rank knows those of the others.
pub(super) struct Team {
    pub(super) groups: Vec<RankGroup>,
    /// Each rank, if the user asks for it.
    pub(super) workers: Option<Vec<RankWorkers>>,
    /// What is to be said of those who shared CPUs.
    pub(super) sharing: Option<String>,
    /// What is to be said of those who did not come, or were moved.
    pub(super) absence: Vec<String>,
}

/// The ranks of a node that count with the same kernel.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RankGroup {
    pub(super) host: String,
    pub(super) kernel: String,
    pub(super) ranks: u64,
    pub(super) first_rank: u32,
    /// The number of their threads that worked.
    pub(super) workers: u64,
    /// The CPUs on which the ranks were started.
    pub(super) mask: String,
    /// The CPUs on which the workers were seen.
    pub(super) worker_cpus: String,
    pub(super) seconds: Spread,
}

/// A rank, as `--ranks` lists it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RankWorkers {
    pub(super) rank: u32,
    pub(super) host: String,
    pub(super) kernel: String,
    /// The CPUs the rank was started on.
    pub(super) mask: String,
    /// The CPUs on which each of its threads was seen.
    pub(super) threads: Vec<String>,
    pub(super) seconds: f64,
}

impl Team {
    /// Asks the workers where they are, and tells the first rank.
    pub(super) fn muster(
        assignment: &Assignment,
        workers: &Workers,
        part: Samples,
        seconds: f64,
        ranks: &Ranks,
    ) -> anyhow::Result<Self> {
        let seen = ranks.lone(workers.muster(part))?;
        let named = |said: Option<String>| said.map(|text| ranks.named(&text));
        let [missing, changed, sharing] = ranks.firsts([
            named(workers.missing()),
            named(changed(workers.seen(), &seen)),
            placement::sharing(&seen, ranks),
        ]);
        let kernel = assignment.kernel.full_name();
        Ok(Self {
            groups: groups(&kernel, &seen, seconds, ranks),
            workers: assignment.lists_ranks.then(|| list(kernel, &seen, seconds, ranks)),
            sharing,
            absence: missing.into_iter().chain(changed).collect(),
        })
    }

    /// What is to be said of it.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.sharing.iter().chain(&self.absence).cloned()
    }

    /// The part of the kernel's name that all ranks share, or all different parts, joined with `+`.
    pub(super) fn each_kernel<'a>(&'a self, part: impl Fn(&'a str) -> Option<&'a str>) -> String {
        let kernels = self.groups.iter().map(|group| group.kernel.as_str());
        let mut parts: Vec<&str> = kernels.filter_map(part).collect();
        let mut seen = HashSet::new();
        parts.retain(|part| seen.insert(*part));
        parts.join("+")
    }
}

/// For the first rank, all ranks by node and kernel, in the order of the lowest rank of each group.
fn groups(kernel: &str, seen: &[CpuMask], seconds: f64, ranks: &Ranks) -> Vec<RankGroup> {
    let node = ranks.on_node();
    let (mut groups, mut is_counted) = (Vec::new(), false);
    // The ranks of a node take the kernels one by one, each time the kernel of the lowest rank that is
    // left.
    while let [Some(lowest)] = node.lowest([!is_counted]) {
        let (first_rank, its_kernel) = node.value_of(lowest, (ranks.rank(), kernel.to_owned()));
        let is_in = its_kernel == kernel;
        is_counted |= is_in;
        let cpus = |masks: &[CpuMask]| {
            masks.iter().filter(|_| is_in).flat_map(CpuMask::cpus).collect::<CpuMask>()
        };
        let workers = if is_in { seen.len() as u64 } else { 0 };
        let [ranks, workers] = node.sums([u64::from(is_in), workers]);
        let [mask, worker_cpus] = node.unions([cpus(&[mask_at_start()]), cpus(seen)]);
        groups.push(RankGroup {
            host: host(),
            kernel: its_kernel,
            ranks,
            first_rank,
            workers,
            mask: mask.to_string(),
            worker_cpus: worker_cpus.to_string(),
            seconds: Spread::of(is_in.then_some(seconds), node),
        });
    }
    let of_nodes = ranks.everyone().collected((node.rank() == 0).then_some(groups));
    let mut all: Vec<RankGroup> = of_nodes.into_iter().flat_map(|(_, groups)| groups).collect();
    all.sort_by_key(|group| group.first_rank);
    all
}

/// For the first rank, each rank.
fn list(kernel: String, seen: &[CpuMask], seconds: f64, ranks: &Ranks) -> Vec<RankWorkers> {
    let own = RankWorkers {
        rank: ranks.rank(),
        host: host(),
        kernel,
        mask: mask_at_start().to_string(),
        threads: seen.iter().map(CpuMask::to_string).collect(),
        seconds,
    };
    ranks.everyone().collected(Some(own)).into_iter().map(|(_, rank)| rank).collect()
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
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
