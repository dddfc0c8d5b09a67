//! What a rank may use and wants to use.

use crate::job::ranks::Ranks;
use libpi::cpus::{CpuCount, CpuMask, Role, mask_at_start};
use serde::{Deserialize, Serialize};

/// What a rank may use and wants to use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// What tells nodes apart.
    pub(crate) node: u32,
    /// The CPUs it was started on.
    pub(crate) cpus: Vec<usize>,
    /// The CPUs on which it could run if its launcher had not bound it.
    pub(crate) unbound: Vec<usize>,
    /// How many CPUs the batch system gives to it.
    pub(crate) own_limit: u32,
    /// How many CPUs all ranks of its node may use together.
    pub(crate) node_limit: u32,
    /// Its threads.
    pub(crate) threads: u32,
}

impl Seat {
    pub(crate) fn of_this_rank(ranks: &Ranks, threads: u32) -> Self {
        let cpus: Vec<usize> = mask_at_start().cpus().collect();
        let unbound = if ranks.are_launched() { unbound().cpus().collect() } else { cpus.clone() };
        let limit = |is_own: bool| {
            let sources = CpuCount::of_this_process().sources.iter();
            let limits = sources.filter(|source| source.role == Role::Limit);
            // Slurm gives a task its number; quotas are those of all tasks on the node.
            let limits = limits.filter(|source| (source.name == "SLURM_CPUS_PER_TASK") == is_own);
            let limits = limits.filter(|source| source.name != "affinity mask");
            limits.filter_map(|source| source.value).fold(f64::INFINITY, f64::min)
        };
        // No limit becomes the greatest number, and a part of a CPU is one that may be used.
        let (own_limit, node_limit) = (limit(true) as u32, (limit(false) as u32).max(1));
        Self { node: ranks.node(), cpus, unbound, own_limit, node_limit, threads }
    }

    /// How many of its CPUs it may use; the greatest number if nothing says.
    pub(super) fn usable(&self) -> u32 {
        self.own_limit.min(number_of(self.cpus.len())).max(1)
    }
}

/// A number of CPUs; none are those that the system does not tell, and the greatest number.
pub(super) fn number_of(cpus: usize) -> u32 {
    if cpus == 0 { u32::MAX } else { cpus as u32 }
}

/// All CPUs that the system would let this process use: those to which it cuts down a wish for all.
fn unbound() -> CpuMask {
    let own = CpuMask::of_this_thread();
    if own.count() == 0 {
        // The system does not tell, so what is changed could not be put back.
        return own;
    }
    let _ = (0..8192).collect::<CpuMask>().apply_to_this_thread();
    let all = CpuMask::of_this_thread();
    let _ = own.apply_to_this_thread();
    all
}
