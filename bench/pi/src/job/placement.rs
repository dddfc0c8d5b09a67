//! The placement of workers on CPUs: the plan, and the warnings about what happened.

pub(crate) mod node;
pub(crate) mod pin;
pub(crate) mod seat;

use crate::job::ranks::Ranks;
use libpi::cpus::{CpuCount, CpuMask, cpu_list};
use node::Node;
use pi_harness::number::listed;
use pi_harness::session::dealing::{Crowd, crowd};
use seat::Seat;
use std::collections::BTreeMap;

/// The number of threads that environment variables ask for, if they do.
pub(crate) fn request() -> Option<u32> {
    let count = CpuCount::of_this_process();
    (count.threads_by != count.usable_by).then_some(count.threads)
}

/// Checks that environment variables ask for the same number of threads on all ranks.
pub(crate) fn agree_on_request(ranks: &Ranks) -> anyhow::Result<()> {
    let request = request().map_or("none".to_owned(), |threads| threads.to_string());
    let what = "the number of threads in environment variables such as LIBPI_NUM_THREADS (--threads \
                overrides them)";
    ranks.agree_on(what, &request)
}

/// The number of threads of each rank without --threads: what environment variables ask for, or the
/// rank's share of the node. All ranks get the smallest of their numbers.
pub(crate) fn default_threads(ranks: &Ranks) -> libpi::Result<u32> {
    let count = CpuCount::of_this_process();
    let seats = ranks.all(Seat::of_this_rank(ranks, 0));
    let share = Node::of(&seats, ranks.rank()).threads();
    let mine = if request().is_some() { count.threads } else { share };
    let least = ranks.all(mine).into_iter().min().unwrap_or(mine);
    count.threads().map(|_| least)
}

/// A warning if the ranks of a node together have more threads than usable CPUs.
pub(crate) fn oversubscription(ranks: &Ranks, threads: u32) -> Option<String> {
    let seats = ranks.all(Seat::of_this_rank(ranks, threads));
    ranks.first(Node::of(&seats, ranks.rank()).oversubscription())
}

/// A warning about workers that cannot have a CPU each. `workers` are their masks, by node.
pub(crate) fn sharing(workers: &BTreeMap<u32, Vec<String>>, are_launched: bool) -> Option<String> {
    let mend = if are_launched {
        "start the ranks with --bind-to none (Open MPI), or see --pin"
    } else {
        "give the process more CPUs (taskset), unset OMP_PLACES, or use --pin cores"
    };
    let mask = |text: &String| cpu_list(text).unwrap_or_default().into_iter().collect();
    let Crowd { workers, cpus } = workers.values().find_map(|masks| {
        let masks: Vec<CpuMask> = masks.iter().map(mask).collect();
        crowd(&masks)
    })?;
    Some(format!("{workers} workers could run only on {}: they took turns; {mend}", listed(&cpus)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_without_a_cpu_each_are_found() {
        let masks = |node: u32, masks: &[&str]| {
            (node, masks.iter().map(|&mask| mask.to_owned()).collect::<Vec<_>>())
        };
        let alone = [masks(0, &["0", "1", "0-3", "0-3"]), masks(1, &["0"])];
        assert_eq!(sharing(&alone.into_iter().collect(), true), None);
        let shared = [masks(0, &["1"]), masks(1, &["0", "2", "0"])];
        let shared = shared.into_iter().collect();
        let said = sharing(&shared, true).unwrap();
        assert!(said.contains("2 workers could run only on CPU 0:"), "{said}");
        assert!(said.contains("--bind-to none"), "{said}");
        assert!(sharing(&shared, false).unwrap().contains("taskset"));
        let turns = [masks(0, &["0-1", "0-1", "0-1"])].into_iter().collect();
        assert!(sharing(&turns, false).unwrap().contains("3 workers could run only on CPUs 0-1"));
        assert_eq!(sharing(&[masks(0, &["", ""])].into_iter().collect(), false), None);
    }
}
