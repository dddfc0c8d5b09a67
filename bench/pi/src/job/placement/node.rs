//! The ranks of one node: the number of CPUs that they have together, and the CPU of each worker.

use super::masks::{Masks, mask};
use super::pin::Pin;
use super::seat::{Seat, number_of};
use crate::job::ranks::Ranks;
use anyhow::{bail, ensure};
use libpi::cpus::{CpuMask, by_core};
use pi_harness::number::counted;
use pi_harness::session::dealing::Dealt;

/// The commands that start ranks without binding them.
const UNBIND: &str = "mpiexec --bind-to none (Open MPI) or srun --cpu-bind=none";

/// The ranks of one node, seen from one of them. What is known of the others are sums and unions.
pub(crate) struct Node {
    own: Seat,
    /// The index of this rank among those of the node.
    me: u32,
    /// The number of ranks on the node.
    ranks: u32,
    /// Whether the job has several ranks, on this node or elsewhere.
    has_ranks: bool,
    /// The CPUs on which its ranks were started.
    masks: Masks,
    /// The CPUs on which its ranks could run if the launcher had not bound them.
    unbound: CpuMask,
    /// The sum of the numbers of CPUs that each rank could use if it were alone.
    usable_by_each: u64,
    /// The sum of the numbers of CPUs that the batch system gives to each rank.
    own_limits: u64,
    /// The number of CPUs that all ranks may use together.
    node_limit: u64,
}

impl Node {
    pub(crate) fn of_this_rank(ranks: &Ranks) -> Self {
        let own = Seat::of_this_rank(ranks);
        let group = ranks.on_node();
        let [usable_by_each, own_limits] = group.sums([own.usable().into(), own.own_limit.into()]);
        let [node_limit] = group.maxima([own.node_limit.into()]);
        let [unbound] = group.unions([own.unbound]);
        Self {
            own,
            me: group.rank(),
            ranks: group.size(),
            has_ranks: ranks.size() > 1,
            masks: Masks::of(&[own.cpus], group),
            unbound,
            usable_by_each,
            own_limits,
            node_limit,
        }
    }

    /// The number of CPUs that its ranks may use together, or the largest number if nothing limits them.
    fn usable(&self) -> u32 {
        let usable = self.usable_by_each.min(self.limit()).min(u32::MAX.into()) as u32;
        usable.min(number_of(&self.masks.all)).max(1)
    }

    /// The number of CPUs that quotas and the batch system allow to its ranks together, without regard to
    /// their masks.
    fn limit(&self) -> u64 {
        self.own_limits.min(self.node_limit)
    }

    /// The number of workers on the node, with so many threads for each rank.
    fn workers(&self, threads: u32) -> u32 {
        self.ranks.saturating_mul(threads)
    }

    /// The number of threads of this rank without --threads: its share of the node.
    pub(super) fn threads(&self) -> u32 {
        match self.usable() {
            u32::MAX => 1,
            usable => (usable / self.ranks).clamp(1, self.own.usable()),
        }
    }

    /// A warning if there are more workers than usable CPUs.
    pub(crate) fn oversubscription(&self, threads: u32) -> Option<String> {
        let (workers, usable) = (self.workers(threads), self.usable());
        let cpus = counted(usable, "usable CPU");
        (workers > usable).then(|| match self.ranks {
            // The warning about the binding has the remedy.
            1 if self.binding(threads).is_some() => {
                format!("{workers} threads on {cpus}: they will take turns")
            }
            1 => format!(
                "{workers} threads on {cpus}: they will take turns; \
                 use --threads {usable} or see `pi info`"
            ),
            ranks => format!(
                "{workers} threads of {ranks} ranks on {cpus} of their node: they \
                 will take turns; use fewer ranks or threads, or see `pi info`"
            ),
        })
    }

    /// A warning if the launcher has bound this rank to too few CPUs.
    pub(crate) fn binding(&self, threads: u32) -> Option<String> {
        let Seat { cpus, unbound, .. } = self.own;
        (threads > cpus.count() && unbound.count() > cpus.count()).then(|| {
            format!(
                "a rank with {threads} threads was started on {} ({cpus}): if the launcher bound \
                 it, start with {UNBIND}, and pi pins the threads itself",
                counted(cpus.count(), "CPU"),
            )
        })
    }

    /// A warning if no rank may use some CPUs of the node.
    pub(crate) fn kept_back(&self) -> Option<String> {
        let (used, all) = (self.masks.all, self.unbound);
        (u64::from(used.count()) < self.limit().min(all.count().into())).then(|| {
            format!(
                "of the CPUs {all} of a node only {used} are used, because no rank was started on the \
                 others; if the launcher bound the ranks, start with {UNBIND}"
            )
        })
    }

    /// The CPU of each of the threads of this rank, or nothing if the system places them.
    ///
    /// # Errors
    /// If there are not enough CPUs, or if a list names a CPU that may not be used.
    pub(crate) fn pins(
        &self,
        pin: &Pin,
        threads: u32,
        ranks: &Ranks,
    ) -> anyhow::Result<Vec<usize>> {
        self.pins_among(pin, threads, || {
            ranks.on_node().all((ranks.rank(), self.own.cpus.to_string()))
        })
    }

    /// [`pins`](Self::pins), where `list` asks for the number of each rank of the node and the CPUs on which
    /// it was started.
    fn pins_among(
        &self,
        pin: &Pin,
        threads: u32,
        list: impl FnOnce() -> Vec<(u32, String)>,
    ) -> anyhow::Result<Vec<usize>> {
        let is_unknown = self.masks.number < self.ranks.into();
        match pin {
            Pin::None => Ok(Vec::new()),
            Pin::Auto if is_unknown => Ok(Vec::new()),
            _ if is_unknown => bail!(
                "--pin: the system does not say on which CPUs a process may run, so pi cannot pin \
                 threads: use --pin none"
            ),
            Pin::List(cpus) => self.own_slice(cpus, threads),
            Pin::Cores => self.deal(threads, list),
            // A single process is pinned only if the user asks for it: another process may use the same
            // CPUs. The same holds if a quota or a batch system limits the number of CPUs, but not which.
            Pin::Auto if !self.has_ranks => Ok(Vec::new()),
            Pin::Auto if self.usable() < self.masks.all.count() => Ok(Vec::new()),
            Pin::Auto => Ok(self.deal(threads, list).unwrap_or_default()),
        }
    }

    /// This rank's part of a list for the node.
    fn own_slice(&self, cpus: &[usize], threads: u32) -> anyhow::Result<Vec<usize>> {
        let may = |mask: &CpuMask, cpu: usize| mask.cpus().any(|there| there == cpu);
        let on_node = self.unbound;
        if let Some(cpu) = cpus.iter().find(|&&cpu| !may(&on_node, cpu)) {
            bail!("--pin names CPU {cpu}: it must be one of the node's CPUs {on_node}");
        }
        let slice = cpus.chunks(threads as usize).nth(self.me as usize).unwrap_or_default();
        let own = self.own.cpus;
        if let Some(&cpu) = slice.iter().find(|&&cpu| !may(&own, cpu)) {
            let mend = if may(&self.own.unbound, cpu) {
                format!("; if the launcher bound this rank, start with {UNBIND}")
            } else {
                String::new()
            };
            bail!(
                "--pin names CPU {cpu}: it must be one of the CPUs {own} on which this rank may run{mend}"
            );
        }
        self.check_number(cpus.len(), threads)?;
        Ok(slice.to_vec())
    }

    /// Checks that there are at least as many CPUs as workers on the node.
    fn check_number(&self, cpus: usize, threads: u32) -> anyhow::Result<()> {
        let workers = self.workers(threads);
        ensure!(
            cpus >= workers as usize,
            "--pin has {} for {workers} workers: name as many CPUs as there are threads on a node, or use \
             fewer threads or --pin none",
            counted(cpus, "CPU")
        );
        Ok(())
    }

    /// A CPU for each worker of this rank. All workers of the node get different CPUs, each out of the mask
    /// of its rank. Only if the masks overlap and differ, the ranks must tell them each other: then there
    /// are at most as many ranks as CPUs.
    fn deal(
        &self,
        threads: u32,
        list: impl FnOnce() -> Vec<(u32, String)>,
    ) -> anyhow::Result<Vec<usize>> {
        self.check_number(self.masks.all.count() as usize, threads)?;
        let own = by_core(&self.own.cpus);
        if self.masks.are_equal() {
            let before = self.me as usize * threads as usize;
            return Ok(own[before..][..threads as usize].to_vec());
        }
        if self.masks.are_disjoint() && self.masks.narrowest >= threads.into() {
            return Ok(own[..threads as usize].to_vec());
        }
        self.deal_among(threads, &list())
    }

    /// Deals the CPUs to ranks with these masks.
    fn deal_among(&self, threads: u32, ranks: &[(u32, String)]) -> anyhow::Result<Vec<usize>> {
        let masks: Vec<Vec<usize>> = ranks.iter().map(|(_, cpus)| by_core(&mask(cpus))).collect();
        let mut dealt = Dealt::new(&masks);
        for (place, (rank, cpus)) in ranks.iter().enumerate() {
            for _ in 0..threads {
                ensure!(
                    dealt.give_one_to(place).is_ok(),
                    "--pin cores does not find a CPU for each of the {threads} threads of rank {rank}, \
                     which may run only on CPUs {cpus}, like other ranks: use fewer ranks or threads, or \
                     start with {UNBIND}"
                );
            }
        }
        let me = self.me as usize;
        let own = masks[me].iter().copied();
        Ok(own.filter(|cpu| dealt.owner(*cpu) == Some(me)).collect())
    }
}

#[cfg(test)]
mod tests;
