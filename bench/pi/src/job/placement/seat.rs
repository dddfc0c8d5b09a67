//! The CPUs that a rank may use.

use crate::job::ranks::Ranks;
use libpi::cpus::{CpuCount, CpuMask, Role, mask_at_start};

/// The CPUs that a rank may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    /// The CPUs on which it was started.
    pub(super) cpus: CpuMask,
    /// The CPUs on which it could run if its launcher had not bound it.
    pub(super) unbound: CpuMask,
    /// The number of CPUs that the batch system gives to it.
    pub(super) own_limit: u32,
    /// The number of CPUs that all ranks of its node may use together.
    pub(super) node_limit: u32,
}

impl Seat {
    pub(super) fn of_this_rank(ranks: &Ranks) -> Self {
        let cpus = mask_at_start();
        let unbound = if ranks.are_launched() { unbound() } else { cpus };
        let limit = |is_own: bool| {
            let sources = CpuCount::of_this_process().sources.iter();
            let limits = sources.filter(|source| source.role == Role::Limit);
            // Slurm limits each task by itself. Quotas hold for all tasks on the node together.
            let limits = limits.filter(|source| (source.name == "SLURM_CPUS_PER_TASK") == is_own);
            let limits = limits.filter(|source| source.name != "affinity mask");
            limits.filter_map(|source| source.value).fold(f64::INFINITY, f64::min)
        };
        // Without a limit this is the largest number. A limit below one CPU still allows one.
        let (own_limit, node_limit) = (limit(true) as u32, (limit(false) as u32).max(1));
        Self { cpus, unbound, own_limit, node_limit }
    }

    /// The number of its CPUs that it may use, or the largest number if nothing limits it.
    pub(super) fn usable(&self) -> u32 {
        self.own_limit.min(number_of(&self.cpus)).max(1)
    }
}

/// A number of CPUs. No CPUs mean that the system does not tell them: the largest number.
pub(super) fn number_of(cpus: &CpuMask) -> u32 {
    match cpus.count() {
        0 => u32::MAX,
        number => number,
    }
}

/// All CPUs that the system would let this process use. The process asks for all CPUs, and the system
/// reduces the mask to those that it allows.
fn unbound() -> CpuMask {
    let own = CpuMask::of_this_thread();
    if own.count() == 0 {
        // The system does not tell the mask, so it could not be restored.
        return own;
    }
    let _ = (0..8192).collect::<CpuMask>().apply_to_this_thread();
    let all = CpuMask::of_this_thread();
    let _ = own.apply_to_this_thread();
    all
}
