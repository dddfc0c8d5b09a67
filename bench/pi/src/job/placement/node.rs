//! The ranks of one node: the number of CPUs that they have together, and the CPU of each worker.

use super::pin::Pin;
use super::seat::{Seat, number_of};
use anyhow::{bail, ensure};
use libpi::cpus::{CpuMask, by_core};
use pi_harness::number::counted;
use pi_harness::session::dealing::Dealt;

/// The commands that start ranks without binding them.
const UNBIND: &str = "mpiexec --bind-to none (Open MPI) or srun --cpu-bind=none";

/// The ranks of one node, seen from one of them.
pub(crate) struct Node<'a> {
    /// The seats of its ranks, each with the number of the rank.
    seats: Vec<(usize, &'a Seat)>,
    /// The index of this rank among them.
    me: usize,
    /// Whether the job has several ranks, on this node or elsewhere.
    has_ranks: bool,
}

impl<'a> Node<'a> {
    /// The node of rank `rank`.
    pub(crate) fn of(seats: &'a [Seat], rank: u32) -> Self {
        let own = &seats[rank as usize];
        let ranks = seats.iter().enumerate().filter(|(_, seat)| seat.node == own.node);
        let me = ranks.clone().take_while(|(other, _)| *other < rank as usize).count();
        Self { seats: ranks.collect(), me, has_ranks: seats.len() > 1 }
    }

    fn own(&self) -> &'a Seat {
        self.seats[self.me].1
    }

    fn each(&self) -> impl Iterator<Item = &'a Seat> {
        self.seats.iter().map(|(_, seat)| *seat)
    }

    /// The CPUs of all its ranks.
    fn cpus(&self) -> CpuMask {
        self.each().flat_map(|seat| seat.cpus.iter().copied()).collect()
    }

    /// The CPUs on which its ranks could run if the launcher had not bound them.
    fn unbound(&self) -> CpuMask {
        self.each().flat_map(|seat| seat.unbound.iter().copied()).collect()
    }

    /// The number of CPUs that its ranks may use together, or the largest number if nothing limits them.
    fn usable(&self) -> u32 {
        let of_all = number_of(self.cpus().count() as usize);
        let of_each = self.each().map(Seat::usable).fold(0, u32::saturating_add);
        of_all.min(of_each).min(self.limit()).max(1)
    }

    /// The number of CPUs that quotas and the batch system allow to its ranks together, without regard to
    /// their masks.
    fn limit(&self) -> u32 {
        let of_node = self.each().map(|seat| seat.node_limit).max().unwrap_or(u32::MAX);
        self.each().map(|seat| seat.own_limit).fold(0, u32::saturating_add).min(of_node)
    }

    fn workers(&self) -> u32 {
        self.each().map(|seat| seat.threads).sum()
    }

    /// The number of threads of this rank without --threads: its share of the node.
    pub(crate) fn threads(&self) -> u32 {
        match self.usable() {
            u32::MAX => 1,
            usable => (usable / self.seats.len() as u32).clamp(1, self.own().usable()),
        }
    }

    /// A warning if there are more workers than usable CPUs.
    pub(crate) fn oversubscription(&self) -> Option<String> {
        let (workers, usable) = (self.workers(), self.usable());
        let cpus = counted(usable, "usable CPU");
        (workers > usable).then(|| match self.seats.len() {
            // The warning about the binding has the remedy.
            1 if self.binding().is_some() => {
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
    pub(crate) fn binding(&self) -> Option<String> {
        let Seat { cpus, threads, unbound, .. } = self.own();
        (*threads as usize > cpus.len() && unbound.len() > cpus.len()).then(|| {
            format!(
                "a rank with {threads} threads was started on {} ({}): if the launcher bound \
                 it, start with {UNBIND}, and pi pins the threads itself",
                counted(cpus.len(), "CPU"),
                list(cpus)
            )
        })
    }

    /// A warning if no rank may use some CPUs of the node.
    pub(crate) fn kept_back(&self) -> Option<String> {
        let used = self.cpus();
        let all = self.unbound();
        (used.count() < all.count().min(self.limit())).then(|| {
            format!(
                "of the CPUs {all} of a node only {used} are used, because no rank was started on the \
                 others; if the launcher bound the ranks, start with {UNBIND}"
            )
        })
    }

    /// The CPU of each worker of this rank, or nothing if the system places them.
    ///
    /// # Errors
    /// If there are not enough CPUs, or if a list names a CPU that may not be used.
    pub(crate) fn pins(&self, pin: &Pin) -> anyhow::Result<Vec<usize>> {
        let is_unknown = self.each().any(|seat| seat.cpus.is_empty());
        match pin {
            Pin::None => Ok(Vec::new()),
            Pin::Auto if is_unknown => Ok(Vec::new()),
            _ if is_unknown => bail!(
                "--pin: the system does not say on which CPUs a process may run, so pi cannot pin \
                 threads: use --pin none"
            ),
            Pin::List(cpus) => self.own_slice(cpus),
            Pin::Cores => self.deal(),
            // A single process is pinned only if the user asks for it: another process may use the same
            // CPUs. The same holds if a quota or a batch system limits the number of CPUs, but not which.
            Pin::Auto if !self.has_ranks => Ok(Vec::new()),
            Pin::Auto if self.usable() < self.cpus().count() => Ok(Vec::new()),
            Pin::Auto => Ok(self.deal().unwrap_or_default()),
        }
    }

    /// This rank's part of a list for the node.
    fn own_slice(&self, cpus: &[usize]) -> anyhow::Result<Vec<usize>> {
        let own = self.own();
        let on_node = self.unbound();
        if let Some(cpu) = cpus.iter().find(|&&cpu| !on_node.cpus().any(|there| there == cpu)) {
            bail!("--pin names CPU {cpu}: it must be one of the node's CPUs {on_node}");
        }
        let before: u32 = self.each().take(self.me).map(|seat| seat.threads).sum();
        let slice = cpus.iter().copied().skip(before as usize).take(own.threads as usize);
        let slice: Vec<usize> = slice.collect();
        if let Some(cpu) = slice.iter().find(|cpu| !own.cpus.contains(cpu)) {
            let mend = if own.unbound.contains(cpu) {
                format!("; if the launcher bound this rank, start with {UNBIND}")
            } else {
                String::new()
            };
            bail!(
                "--pin names CPU {cpu}: it must be one of the CPUs {} on which this rank may run{mend}",
                list(&own.cpus)
            );
        }
        self.check_number(cpus.len())?;
        Ok(slice)
    }

    /// Checks that there are at least as many CPUs as workers on the node.
    fn check_number(&self, cpus: usize) -> anyhow::Result<()> {
        let workers = self.workers();
        ensure!(
            cpus >= workers as usize,
            "--pin has {} for {workers} workers: name as many CPUs as there are threads on a node, or use \
             fewer threads or --pin none",
            counted(cpus, "CPU")
        );
        Ok(())
    }

    /// A CPU for each worker of this rank. All workers of the node get different CPUs, each out of the mask
    /// of its rank. The masks may overlap.
    fn deal(&self) -> anyhow::Result<Vec<usize>> {
        self.check_number(self.cpus().count() as usize)?;
        let masks: Vec<Vec<usize>> = self.each().map(|seat| by_core(&list(&seat.cpus))).collect();
        let mut dealt = Dealt::new(&masks);
        for (place, (rank, seat)) in self.seats.iter().enumerate() {
            for _ in 0..seat.threads {
                ensure!(
                    dealt.give_one_to(place).is_ok(),
                    "--pin cores does not find a CPU for each of the {} threads of rank {rank}, which may \
                     run only on CPUs {}, like other ranks: use fewer ranks or threads, or start with \
                     {UNBIND}",
                    seat.threads,
                    list(&seat.cpus)
                );
            }
        }
        let own = masks[self.me].iter().copied();
        Ok(own.filter(|cpu| dealt.owner(*cpu) == Some(self.me)).collect())
    }
}

fn list(cpus: &[usize]) -> CpuMask {
    cpus.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rank on these CPUs, not bound by the launcher.
    fn seat(cpus: &[usize], threads: u32) -> Seat {
        let (cpus, unbound) = (cpus.to_vec(), cpus.to_vec());
        Seat { node: 0, cpus, unbound, own_limit: u32::MAX, node_limit: u32::MAX, threads }
    }

    /// A rank that the launcher has bound to these of four CPUs.
    fn bound(cpus: &[usize], threads: u32) -> Seat {
        Seat { unbound: vec![0, 1, 2, 3], ..seat(cpus, threads) }
    }

    fn pins(seats: &[Seat], pin: &Pin) -> Vec<Vec<usize>> {
        (0..seats.len()).map(|rank| Node::of(seats, rank as u32).pins(pin).unwrap()).collect()
    }

    fn refused(seats: &[Seat], rank: u32, pin: &Pin) -> String {
        Node::of(seats, rank).pins(pin).unwrap_err().to_string()
    }

    #[test]
    fn ranks_of_a_node_share_its_cpus_in_turn() {
        let seats = [seat(&[0, 1, 2, 3], 2), seat(&[0, 1, 2, 3], 2)];
        assert_eq!(pins(&seats, &Pin::Auto), [[0, 1], [2, 3]]);
        assert_eq!(pins(&seats, &Pin::List(vec![3, 2, 1, 0])), [[3, 2], [1, 0]]);
        assert_eq!(pins(&seats, &Pin::None), [[], []] as [[usize; 0]; 2]);
        let elsewhere = Seat { node: 1, ..seats[0].clone() };
        assert_eq!(pins(&[elsewhere, seats[0].clone()], &Pin::Auto), [[0, 1], [0, 1]]);
    }

    #[test]
    fn cpus_that_the_launcher_dealt_out_stay_with_their_ranks() {
        let seats = [seat(&[2, 3], 2), seat(&[0, 1], 1)];
        assert_eq!(pins(&seats, &Pin::Auto), [vec![2, 3], vec![0]]);
        assert_eq!(Node::of(&seats, 0).threads(), 2);
        assert!(Node::of(&seats, 0).binding().is_none());
    }

    /// A worker stays in its rank's mask, and does not share a CPU while another CPU is free.
    #[test]
    fn masks_may_overlap() {
        for pin in [Pin::Auto, Pin::Cores] {
            assert_eq!(pins(&[seat(&[1], 1), seat(&[0, 1], 1)], &pin), [[1], [0]]);
            assert_eq!(pins(&[seat(&[0, 1], 1), seat(&[0], 1)], &pin), [[1], [0]]);
            let (a, b) = (seat(&[0, 1, 2, 3], 2), seat(&[4, 5, 6, 7], 2));
            let sockets = [a.clone(), b.clone(), a, b];
            assert_eq!(pins(&sockets, &pin), [[0, 1], [4, 5], [2, 3], [6, 7]]);
            let chain = [seat(&[0, 1], 1), seat(&[1, 2], 1), seat(&[2, 3], 1), seat(&[0, 1], 1)];
            assert_eq!(pins(&chain, &pin), [[1], [2], [3], [0]]);
        }
    }

    #[test]
    fn where_one_rank_finds_no_cpu_none_is_pinned() {
        let seats = [seat(&[0, 1, 2, 3], 1), seat(&[0], 1), seat(&[0], 1)];
        assert_eq!(pins(&seats, &Pin::Auto), [[], [], []] as [[usize; 0]; 3]);
        for rank in 0..3 {
            let said = refused(&seats, rank, &Pin::Cores);
            assert!(said.contains("threads of rank 2, which may run only on CPUs 0,"), "{said}");
        }
    }

    #[test]
    fn binding_by_the_launcher_is_reported_with_its_mend() {
        let narrow = [bound(&[0], 2), bound(&[1], 2)];
        assert!(Node::of(&narrow, 1).binding().unwrap().contains("--bind-to none"));
        assert_eq!(pins(&narrow, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
        let said = Node::of(&narrow, 0).kept_back().unwrap();
        assert!(said.contains("CPUs 0-3 of a node only 0-1 are used"), "{said}");
        let alone = [bound(&[0], 2)];
        let said = Node::of(&alone, 0).oversubscription().unwrap();
        assert!(!said.contains("--threads"), "{said}");
        let whole = [bound(&[0, 1], 2), bound(&[2, 3], 2)];
        assert!(Node::of(&whole, 0).kept_back().is_none());
        // The batch system gave no more.
        let node = Seat { node_limit: 1, ..bound(&[0], 1) };
        assert!(Node::of(&[node], 0).kept_back().is_none());
        let task = Seat { own_limit: 1, ..bound(&[0], 1) };
        assert!(Node::of(&[task], 0).kept_back().is_none());
        assert!(Node::of(&[seat(&[0], 1)], 0).kept_back().is_none());
    }

    /// A list is for the node, and each rank takes its own part of it.
    #[test]
    fn a_list_is_checked_against_the_masks() {
        let seats = [bound(&[0], 1), bound(&[1], 1)];
        assert_eq!(pins(&seats, &Pin::List(vec![0, 1])), [[0], [1]]);
        let said = refused(&seats, 1, &Pin::List(vec![0, 2]));
        assert!(said.contains("CPU 2") && said.contains("--bind-to none"), "{said}");
        let said = refused(&seats, 1, &Pin::List(vec![0, 9]));
        assert!(said.contains("CPU 9") && !said.contains("--bind-to"), "{said}");
    }

    #[test]
    fn too_many_workers_are_left_alone_or_refused() {
        let seats = [seat(&[0, 1], 2), seat(&[0, 1], 2)];
        assert_eq!(pins(&seats, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
        assert!(Node::of(&seats, 0).oversubscription().unwrap().contains("4 threads of 2 ranks"));
        assert!(refused(&seats, 0, &Pin::Cores).contains("2 CPUs for 4 workers"));
        assert!(refused(&seats, 0, &Pin::List(vec![0])).contains("1 CPU for 4 workers"));
        assert!(refused(&seats, 0, &Pin::List(vec![99])).contains("CPU 99"));
    }

    #[test]
    fn unknown_cpus_give_no_warning() {
        for seats in [vec![seat(&[], 2)], vec![seat(&[], 2), seat(&[], 2)]] {
            let node = Node::of(&seats, 0);
            assert_eq!(node.threads(), 1);
            assert_eq!(
                (node.oversubscription(), node.binding(), node.kept_back()),
                (None, None, None)
            );
            assert!(node.pins(&Pin::Auto).unwrap().is_empty());
            for pin in [Pin::Cores, Pin::List(vec![0, 1])] {
                let said = refused(&seats, 0, &pin);
                assert!(said.contains("does not say") && said.contains("--pin none"), "{said}");
            }
        }
        let limited = Seat { node_limit: 3, ..seat(&[], 4) };
        assert!(Node::of(&[limited], 0).oversubscription().unwrap().contains("on 3 usable"));
    }

    /// A quota limits the number of CPUs, and does not say which.
    #[test]
    fn nobody_is_pinned_where_a_quota_decides() {
        let limited = Seat { node_limit: 2, ..seat(&[0, 1, 2, 3], 1) };
        let seats = [limited.clone(), limited];
        assert_eq!(pins(&seats, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
        assert_eq!(pins(&seats, &Pin::Cores), [[0], [1]]);
        assert_eq!(Node::of(&seats, 0).threads(), 1);
        assert!(Node::of(&seats, 0).oversubscription().is_none());
    }

    /// A quota is for the whole node, but Slurm gives each task its own number of CPUs.
    #[test]
    fn a_task_has_its_own_number_of_cpus() {
        let task = |own_limit, threads| Seat { own_limit, ..seat(&[0, 1, 2, 3], threads) };
        let two = [task(2, 2), task(2, 2)];
        assert!(Node::of(&two, 0).oversubscription().is_none());
        assert_eq!(pins(&two, &Pin::Auto), [[0, 1], [2, 3]]);
        let unequal = [task(1, 1), task(3, 3)];
        assert!(Node::of(&unequal, 0).oversubscription().is_none());
        assert_eq!(Node::of(&unequal, 0).threads(), 1);
        let few = [task(1, 1), task(1, 2)];
        assert!(Node::of(&few, 0).oversubscription().unwrap().contains("on 2 usable"));
        assert_eq!(pins(&few, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
    }

    #[test]
    fn a_single_process_is_pinned_only_on_request() {
        let seats = [seat(&[0, 1], 2)];
        let node = Node::of(&seats, 0);
        assert!(node.pins(&Pin::Auto).unwrap().is_empty());
        assert_eq!(node.pins(&Pin::Cores).unwrap(), [0, 1]);
        assert_eq!(node.threads(), 2);
    }
}
