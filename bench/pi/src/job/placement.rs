//! The placement of workers on CPUs: the plan, and the warnings about what happened.

mod masks;
pub(crate) mod node;
pub(crate) mod pin;
mod seat;

use crate::job::ranks::Ranks;
use libpi::cpus::{CpuCount, CpuMask};
use masks::{Masks, mask};
use node::Node;
use pi_harness::number::listed;
use pi_harness::session::dealing::Crowd;

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
pub(crate) fn default_threads(node: &Node, ranks: &Ranks) -> libpi::Result<u32> {
    let count = CpuCount::of_this_process();
    let mine = if request().is_some() { count.threads } else { node.threads() };
    let [inverse] = ranks.everyone().maxima([!u64::from(mine)]);
    count.threads().map(|_| !inverse as u32)
}

/// A warning about workers of a node that cannot have a CPU each. `own` are the CPUs of this rank's
/// workers.
pub(crate) fn sharing(own: &[CpuMask], ranks: &Ranks) -> Option<String> {
    let list = || {
        let own: Vec<String> = own.iter().map(CpuMask::to_string).collect();
        let all: Vec<Vec<String>> = ranks.on_node().all(own);
        all.concat().iter().map(|list| mask(list)).collect()
    };
    let crowd = Masks::of(own, ranks.on_node()).crowd(list);
    crowd.map(|crowd| said_of(&crowd, ranks.are_launched()))
}

fn said_of(crowd: &Crowd, are_launched: bool) -> String {
    let mend = if are_launched {
        "use fewer ranks or threads, or, if other CPUs are free, --bind-to none (Open MPI) or --pin"
    } else {
        "give the process more CPUs (taskset), unset OMP_PLACES, or use --pin cores"
    };
    let Crowd { workers, cpus } = crowd;
    format!("{workers} workers could run only on {}: they took turns; {mend}", listed(cpus))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_without_a_cpu_each_are_named_with_the_mend() {
        let masks: Vec<CpuMask> = ["0-1", "0-1", "0-1"].iter().map(|list| mask(list)).collect();
        let said = sharing(&masks, &Ranks::alone()).unwrap();
        assert!(said.contains("3 workers could run only on CPUs 0-1:"), "{said}");
        assert!(said.contains("taskset"), "{said}");
        assert_eq!(sharing(&masks[1..], &Ranks::alone()), None);
        let crowd = Crowd { workers: 2, cpus: mask("0") };
        let said = said_of(&crowd, true);
        assert!(said.contains("CPU 0:") && said.contains("--bind-to none"), "{said}");
    }
}
