//! Which worker runs on which CPU: the plan, and what is seen of it.
//!
//! Workers are placed by the kernel that they run: a kernel of our own that moves its thread to the
//! next CPU of the plan, notes the mask it finds, and calls the real one. So placement is the same
//! under every driver, whichever language it is written in.

use crate::environment::place_in_core;
use crate::ranks::Ranks;
use anyhow::bail;
use libpi::cpus::{CpuCount, CpuMask, mask_at_start};
use libpi::{Driver, Kernel, KernelFn};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Where workers shall run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pin {
    /// On a core each under MPI, if the mask alone decides what may be used; else as `None`.
    Auto,
    /// On a core each.
    Cores,
    /// Wherever the system puts them.
    None,
    /// On these CPUs, in this order, rank by rank on each node.
    List(Vec<usize>),
}

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cores" => Ok(Self::Cores),
            "none" => Ok(Self::None),
            _ => cpu_list(text).map(Self::List).ok_or_else(|| {
                "it must be auto, cores, none or a list of CPUs such as 0-3,8".to_owned()
            }),
        }
    }
}

/// The CPUs of a list such as `0-3,8`, in its order, each once.
pub(crate) fn cpu_list(text: &str) -> Option<Vec<usize>> {
    let mut cpus = Vec::new();
    for item in text.split(',') {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        let number = |text: &str| text.parse::<usize>().ok().filter(|&cpu| cpu < 8192);
        cpus.extend(number(from)?..=number(to)?);
    }
    let distinct: BTreeSet<usize> = cpus.iter().copied().collect();
    (!cpus.is_empty() && distinct.len() == cpus.len()).then_some(cpus)
}

/// What a rank may use and wants to use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// What tells nodes apart.
    pub(crate) node: u32,
    /// The CPUs it was started on.
    pub(crate) cpus: Vec<usize>,
    /// How many of them it may use.
    pub(crate) usable: u32,
    /// Its threads.
    pub(crate) threads: u32,
}

impl Seat {
    pub(crate) fn of_this_rank(ranks: &Ranks, threads: u32) -> Self {
        let cpus = mask_at_start().cpus().collect();
        Self { node: ranks.node(), cpus, usable: CpuCount::of_this_process().usable, threads }
    }
}

/// Threads of each rank where no number is given on the command line: what the environment asks for,
/// or its share of the node; the same on all ranks, though some may have more CPUs.
pub(crate) fn default_threads(ranks: &Ranks) -> libpi::Result<u32> {
    let count = CpuCount::of_this_process();
    let seats = ranks.all(Seat::of_this_rank(ranks, 0));
    let is_asked_for = count.threads_by != count.usable_by;
    let share = Node::of(&seats, ranks.rank()).threads();
    let mine = if is_asked_for { count.threads } else { share };
    let least = ranks.all(mine).into_iter().min().unwrap_or(mine);
    count.threads().map(|_| least)
}

/// What is to be said if all ranks together have more threads than their nodes have CPUs.
pub(crate) fn oversubscription(ranks: &Ranks, threads: u32) -> Option<String> {
    let seats = ranks.all(Seat::of_this_rank(ranks, threads));
    let mine = Node::of(&seats, ranks.rank()).oversubscription();
    ranks.all(mine).into_iter().flatten().next()
}

/// The ranks of one node, seen from one of them.
pub(crate) struct Node<'a> {
    seats: Vec<&'a Seat>,
    me: usize,
}

impl<'a> Node<'a> {
    /// The node of rank `rank`.
    pub(crate) fn of(seats: &'a [Seat], rank: u32) -> Self {
        let own = &seats[rank as usize];
        let ranks = seats.iter().enumerate().filter(|(_, seat)| seat.node == own.node);
        let me = ranks.clone().take_while(|(other, _)| *other < rank as usize).count();
        Self { seats: ranks.map(|(_, seat)| seat).collect(), me }
    }

    fn own(&self) -> &'a Seat {
        self.seats[self.me]
    }

    /// The CPUs of all its ranks, by core.
    fn cpus(&self) -> Vec<usize> {
        let all: BTreeSet<usize> = self.seats.iter().flat_map(|s| s.cpus.iter().copied()).collect();
        by_core(all.into_iter().collect(), place_in_core)
    }

    /// Whether no two ranks share a CPU: then the launcher has dealt them out.
    fn is_dealt_out(&self) -> bool {
        self.seats.iter().map(|seat| seat.cpus.len()).sum::<usize>() == self.cpus().len()
    }

    /// CPUs that its ranks may use together: a quota is the node's, not each rank's.
    fn usable(&self) -> u32 {
        let of_all = self.cpus().len() as u32;
        let limit = self.seats.iter().map(|seat| seat.usable).max().unwrap_or(1);
        let is_limited = self.seats.iter().all(|seat| (seat.usable as usize) < seat.cpus.len());
        if is_limited { limit.min(of_all) } else { of_all }
    }

    /// Threads for a rank that was given no number: its share of the node.
    pub(crate) fn threads(&self) -> u32 {
        let share = self.usable() / self.seats.len() as u32;
        share.clamp(1, self.own().usable.max(1))
    }

    /// What is to be said of more workers than CPUs, if they are more.
    pub(crate) fn oversubscription(&self) -> Option<String> {
        let workers: u32 = self.seats.iter().map(|seat| seat.threads).sum();
        let usable = self.usable();
        (workers > usable).then(|| match self.seats.len() {
            1 => format!(
                "{workers} threads on {usable} usable CPUs: they will take turns; \
                 use --threads {usable} or see `pi info`"
            ),
            ranks => format!(
                "{workers} threads of {ranks} ranks on {usable} usable CPUs of their node: they \
                 will take turns; use fewer ranks or threads, or see `pi info`"
            ),
        })
    }

    /// What is to be said of a rank that the launcher has bound too narrowly, if it has.
    pub(crate) fn binding(&self) -> Option<String> {
        let Seat { cpus, threads, .. } = self.own();
        let bound = self.is_dealt_out() && self.seats.len() > 1 && *threads as usize > cpus.len();
        bound.then(|| {
            format!(
                "the launcher bound a rank with {threads} threads to {} CPU(s) ({}): start with \
                 mpiexec --bind-to none (Open MPI) or srun --cpu-bind=none, and pi pins the \
                 threads itself",
                cpus.len(),
                cpus.iter().copied().collect::<CpuMask>()
            )
        })
    }

    /// The CPU of each of this rank's workers, or nothing if they are to be left alone.
    ///
    /// # Errors
    /// If there are not enough CPUs, or a list names one that may not be used.
    pub(crate) fn plan(&self, pin: &Pin, under_mpi: bool) -> anyhow::Result<Vec<usize>> {
        let own = self.own();
        let before: u32 = self.seats[..self.me].iter().map(|seat| seat.threads).sum();
        let workers: u32 = self.seats.iter().map(|seat| seat.threads).sum();
        let mine = |pool: &[usize], before: u32| -> Vec<usize> {
            pool.iter().skip(before as usize).take(own.threads as usize).copied().collect()
        };
        let (pool, before, workers) = match pin {
            Pin::None => return Ok(Vec::new()),
            Pin::List(cpus) => {
                if let Some(cpu) = cpus.iter().find(|cpu| !own.cpus.contains(cpu)) {
                    bail!(
                        "--pin names CPU {cpu}: it must be one of the CPUs {} that may be used here",
                        own.cpus.iter().copied().collect::<CpuMask>()
                    );
                }
                (cpus.clone(), before, workers)
            }
            _ if self.is_dealt_out() => (by_core(own.cpus.clone(), place_in_core), 0, own.threads),
            _ => (self.cpus(), before, workers),
        };
        let fits = pool.len() >= workers as usize;
        if *pin == Pin::Auto {
            // Where a quota or a batch system says how many CPUs may be used but not which, others
            // may count on the same ones.
            let mask_decides = own.usable as usize == own.cpus.len();
            let plan = mine(&pool, before);
            let may = plan.iter().all(|cpu| own.cpus.contains(cpu));
            return Ok(if under_mpi && fits && mask_decides && may { plan } else { Vec::new() });
        }
        if !fits {
            bail!(
                "--pin has {} CPU(s) for {workers} workers: name as many CPUs as there are threads \
                 on a node, use fewer threads, or --pin none",
                pool.len()
            );
        }
        Ok(mine(&pool, before))
    }
}

/// CPUs in the order in which to fill them: one of each core first, by their places in cores.
pub(crate) fn by_core(mut cpus: Vec<usize>, place: impl Fn(usize) -> usize) -> Vec<usize> {
    cpus.sort_by_key(|&cpu| (place(cpu), cpu));
    cpus
}

/// A kernel whose threads are placed and seen. There is one at a time in a process.
pub(crate) struct Placed {
    kernel: Kernel,
    run: Arc<Run>,
    caller: CpuMask,
}

/// What the threads of a run share.
struct Run {
    kernel: KernelFn,
    /// The CPU of each seat; none if threads are left alone.
    cpus: Vec<usize>,
    next_seat: AtomicUsize,
    /// The masks of the first threads, as many as were started.
    seen: Mutex<Vec<CpuMask>>,
    threads: usize,
    number: usize,
}

/// The run that goes on.
static RUN: RwLock<Option<Arc<Run>>> = RwLock::new(None);

thread_local! {
    /// The number of the run in which this thread took its seat, and the seat.
    static SEAT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

impl Placed {
    /// # Errors
    /// If the kernel cannot run here.
    pub(crate) fn new(kernel: &Kernel, cpus: Vec<usize>, threads: u32) -> anyhow::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let run = Arc::new(Run {
            kernel: kernel.function()?,
            cpus,
            next_seat: AtomicUsize::new(0),
            seen: Mutex::default(),
            threads: threads as usize,
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
        });
        *RUN.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&run));
        // SAFETY: the function does what the kernel does, on the same thread.
        let kernel =
            unsafe { Kernel::new(kernel.generator(), kernel.name(), kernel.level(), placed) };
        Ok(Self { kernel, run, caller: CpuMask::of_this_thread() })
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The masks of the workers, as each found it when it had been placed.
    pub(crate) fn seen(&self) -> Vec<CpuMask> {
        self.run.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says so if a runtime started fewer threads than it was asked for.
    pub(crate) fn missing_threads(&self, driver: &Driver, parts: u64) -> Option<String> {
        let (seen, expected) = (self.seen().len(), (self.run.threads as u64).min(parts) as usize);
        // In rayon's pool a thread may take two parts and another none.
        let is_openmp = driver.name().starts_with("openmp");
        (is_openmp && seen < expected).then(|| {
            format!(
                "{seen} of {} threads ran: the OpenMP runtime gives no more (OMP_THREAD_LIMIT?); \
                 unset it or use --threads {seen}",
                self.run.threads
            )
        })
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        *RUN.write().unwrap_or_else(PoisonError::into_inner) = None;
        // The calling thread may have been a worker.
        let _ = self.caller.apply_to_this_thread();
    }
}

/// The kernel that places its thread.
extern "C" fn placed(seed: u64, first: u64, count: u64) -> u64 {
    let run = RUN.read().unwrap_or_else(PoisonError::into_inner).clone();
    // Called only while a `Placed` lives.
    let Some(run) = run else { return 0 };
    run.seat_this_thread();
    // SAFETY: the caller's promise: the arguments are those of the kernel.
    unsafe { (run.kernel)(seed, first, count) }
}

impl Run {
    fn seat_this_thread(&self) {
        let (run, mut seat) = SEAT.get();
        let is_new = run != self.number;
        if is_new {
            seat = self.next_seat.fetch_add(1, Ordering::Relaxed);
            SEAT.set((self.number, seat));
        }
        if !self.cpus.is_empty() {
            let cpu: CpuMask = [self.cpus[seat % self.cpus.len()]].into_iter().collect();
            // Where the system refuses, the mask that is seen tells.
            let _ = cpu.apply_to_this_thread();
        }
        if is_new {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() < self.threads {
                seen.push(CpuMask::of_this_thread());
            }
        }
    }
}

/// What is to be said of workers seen on one CPU; `workers` are the masks by node.
pub(crate) fn sharing(workers: &BTreeMap<u32, Vec<String>>) -> Option<String> {
    for masks in workers.values() {
        let mut alone = BTreeSet::new();
        for mask in masks.iter().filter(|mask| mask.parse::<usize>().is_ok()) {
            if !alone.insert(mask) {
                return Some(format!(
                    "two workers were seen on CPU {mask} alone: they took turns; start the ranks \
                     with --bind-to none (Open MPI), or see --pin"
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(cpus: &[usize], usable: u32, threads: u32) -> Seat {
        Seat { node: 0, cpus: cpus.to_vec(), usable, threads }
    }

    fn plans(seats: &[Seat], pin: &Pin) -> Vec<Vec<usize>> {
        (0..seats.len()).map(|rank| Node::of(seats, rank as u32).plan(pin, true).unwrap()).collect()
    }

    #[test]
    fn pins_people_write() {
        assert_eq!("cores".parse(), Ok(Pin::Cores));
        assert_eq!("3,0-1".parse(), Ok(Pin::List(vec![3, 0, 1])));
        for text in ["", "x", "1-", "-1", "0,0", "0-1,1", "9999", "1,,2", "3-1"] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }

    #[test]
    fn ranks_of_a_node_share_its_cpus_in_turn() {
        let seats = [seat(&[0, 1, 2, 3], 4, 2), seat(&[0, 1, 2, 3], 4, 2)];
        assert_eq!(plans(&seats, &Pin::Auto), [[0, 1], [2, 3]]);
        assert_eq!(plans(&seats, &Pin::List(vec![3, 2, 1, 0])), [[3, 2], [1, 0]]);
        assert_eq!(plans(&seats, &Pin::None), [[], []] as [[usize; 0]; 2]);
        let elsewhere = Seat { node: 1, ..seats[0].clone() };
        assert_eq!(plans(&[elsewhere, seats[0].clone()], &Pin::Auto), [[0, 1], [0, 1]]);
    }

    #[test]
    fn cpus_that_the_launcher_dealt_out_stay_with_their_ranks() {
        let seats = [seat(&[2, 3], 2, 2), seat(&[0, 1], 2, 1)];
        assert_eq!(plans(&seats, &Pin::Auto), [vec![2, 3], vec![0]]);
        assert_eq!(Node::of(&seats, 0).threads(), 2);
        assert!(Node::of(&seats, 0).binding().is_none());
        let narrow = [seat(&[0], 1, 2), seat(&[1], 1, 2)];
        assert!(Node::of(&narrow, 1).binding().unwrap().contains("--bind-to none"));
        assert_eq!(plans(&narrow, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
    }

    #[test]
    fn too_many_workers_are_left_alone_or_refused() {
        let seats = [seat(&[0, 1], 2, 2), seat(&[0, 1], 2, 2)];
        assert_eq!(plans(&seats, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
        assert!(Node::of(&seats, 0).oversubscription().unwrap().contains("4 threads of 2 ranks"));
        let refused = |pin| Node::of(&seats, 0).plan(&pin, true).unwrap_err().to_string();
        assert!(refused(Pin::Cores).contains("2 CPU(s) for 4 workers"));
        assert!(refused(Pin::List(vec![0])).contains("1 CPU(s) for 4 workers"));
        assert!(refused(Pin::List(vec![99])).contains("CPU 99"));
    }

    /// A quota says how many CPUs, not which.
    #[test]
    fn nobody_is_pinned_where_a_quota_decides() {
        let seats = [seat(&[0, 1, 2, 3], 2, 1), seat(&[0, 1, 2, 3], 2, 1)];
        assert_eq!(plans(&seats, &Pin::Auto), [[], []] as [[usize; 0]; 2]);
        assert_eq!(plans(&seats, &Pin::Cores), [[0], [1]]);
        assert_eq!(Node::of(&seats, 0).threads(), 1);
        assert!(Node::of(&seats, 0).oversubscription().is_none());
    }

    #[test]
    fn alone_nobody_is_pinned_unasked() {
        let seats = [seat(&[0, 1], 2, 2)];
        let node = Node::of(&seats, 0);
        assert!(node.plan(&Pin::Auto, false).unwrap().is_empty());
        assert_eq!(node.plan(&Pin::Cores, false).unwrap(), [0, 1]);
        assert_eq!(node.threads(), 2);
    }

    #[test]
    fn one_thread_of_each_core_comes_first() {
        assert_eq!(by_core(vec![0, 1, 2, 3], |cpu| cpu % 2), [0, 2, 1, 3]);
    }

    #[test]
    fn workers_on_one_cpu_are_seen() {
        let masks = |node: u32, masks: &[&str]| {
            (node, masks.iter().map(|&mask| mask.to_owned()).collect::<Vec<_>>())
        };
        let alone = [masks(0, &["0", "1", "0-1", "0-1"]), masks(1, &["0"])];
        assert_eq!(sharing(&alone.into_iter().collect()), None);
        let shared = [masks(0, &["1"]), masks(1, &["0", "2", "0"])];
        assert!(sharing(&shared.into_iter().collect()).unwrap().contains("CPU 0"));
    }
}
