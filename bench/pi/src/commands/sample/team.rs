//! Who counted: the workers of all ranks, and the CPUs on which they were seen.

use super::assignment::Assignment;
use crate::job::placement;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use libpi::Samples;
use libpi::cpus::{CpuMask, mask_at_start};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs;

/// The workers of all ranks.
pub(super) struct Team {
    pub(super) workers: Vec<RankWorkers>,
    /// What is to be said of those who shared CPUs.
    pub(super) sharing: Option<String>,
    /// What is to be said of those who did not come, or were moved.
    pub(super) absence: Vec<String>,
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

impl Team {
    /// Asks the workers where they are, and tells the other ranks.
    pub(super) fn muster(
        assignment: &Assignment,
        workers: &Workers,
        part: Samples,
        ranks: &Ranks,
    ) -> anyhow::Result<Self> {
        let seen = ranks.lone(workers.muster(part))?;
        let own = RankWorkers {
            rank: ranks.rank(),
            host: host(),
            kernel: assignment.kernel.full_name(),
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
        Ok(Self { workers, sharing, absence: missing.into_iter().chain(changed).collect() })
    }

    /// What is to be said of it.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.sharing.iter().chain(&self.absence).cloned()
    }

    /// The part of the kernel's name that all ranks share, or all different parts, joined with `+`.
    pub(super) fn each_kernel<'a>(&'a self, part: impl Fn(&'a str) -> Option<&'a str>) -> String {
        let kernels = self.workers.iter().map(|rank| rank.kernel.as_str());
        let mut parts: Vec<&str> = kernels.filter_map(part).collect();
        let mut seen = HashSet::new();
        parts.retain(|part| seen.insert(*part));
        parts.join("+")
    }
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
