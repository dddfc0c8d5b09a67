//! Tests of how the CPUs of a node are dealt to its ranks.

use super::*;

/// A rank on these CPUs, not bound by the launcher.
fn seat(cpus: &[usize]) -> Seat {
    let cpus: CpuMask = cpus.iter().copied().collect();
    Seat { cpus, unbound: cpus, own_limit: u32::MAX, node_limit: u32::MAX }
}

/// A rank that the launcher has bound to these of four CPUs.
fn bound(cpus: &[usize]) -> Seat {
    Seat { unbound: (0..4).collect(), ..seat(cpus) }
}

/// The node of these seats, as the rank with this index sees it.
fn node(seats: &[Seat], me: usize) -> Node {
    let sum = |number: fn(&Seat) -> u32| seats.iter().map(|seat| u64::from(number(seat))).sum();
    let masks: Vec<CpuMask> = seats.iter().map(|seat| seat.cpus).collect();
    Node {
        own: seats[me],
        me: me as u32,
        ranks: seats.len() as u32,
        has_ranks: seats.len() > 1,
        masks: Masks::of(&masks, Ranks::alone().everyone()),
        unbound: seats.iter().flat_map(|seat| seat.unbound.cpus().collect::<Vec<_>>()).collect(),
        usable_by_each: sum(Seat::usable),
        own_limits: sum(|seat| seat.own_limit),
        node_limit: seats.iter().map(|seat| seat.node_limit.into()).max().unwrap(),
    }
}

/// The CPUs of this rank's threads.
fn pins_of(seats: &[Seat], me: usize, pin: &Pin, threads: u32) -> anyhow::Result<Vec<usize>> {
    let list = || (0..).zip(seats).map(|(rank, seat)| (rank, seat.cpus.to_string())).collect();
    node(seats, me).pins_among(pin, threads, list)
}

/// The CPUs of all ranks' threads.
fn pins(seats: &[Seat], pin: &Pin, threads: u32) -> Vec<Vec<usize>> {
    (0..seats.len()).map(|me| pins_of(seats, me, pin, threads).unwrap()).collect()
}

fn refused(seats: &[Seat], me: usize, pin: &Pin, threads: u32) -> String {
    pins_of(seats, me, pin, threads).unwrap_err().to_string()
}

/// No CPUs for any rank.
fn unpinned(ranks: usize) -> Vec<Vec<usize>> {
    vec![Vec::new(); ranks]
}

#[test]
fn ranks_of_a_node_share_its_cpus_in_turn() {
    let seats = [seat(&[0, 1, 2, 3]), seat(&[0, 1, 2, 3])];
    assert_eq!(pins(&seats, &Pin::Auto, 2), [[0, 1], [2, 3]]);
    assert_eq!(pins(&seats, &Pin::List(vec![3, 2, 1, 0]), 2), [[3, 2], [1, 0]]);
    assert_eq!(pins(&seats, &Pin::None, 2), unpinned(2));
    // Another node has the other ranks of the job.
    let alone = Node { has_ranks: true, ..node(&seats[..1], 0) };
    assert_eq!(alone.pins_among(&Pin::Auto, 2, Vec::new).unwrap(), [0, 1]);
}

#[test]
fn cpus_that_the_launcher_dealt_out_stay_with_their_ranks() {
    let seats = [seat(&[2, 3]), seat(&[0, 1])];
    assert_eq!(pins(&seats, &Pin::Auto, 2), [[2, 3], [0, 1]]);
    assert_eq!(pins(&seats, &Pin::Auto, 1), [[2], [0]]);
    assert_eq!(node(&seats, 0).threads(), 2);
    assert!(node(&seats, 0).binding(2).is_none());
}

/// A worker stays in its rank's mask, and does not share a CPU while another CPU is free.
#[test]
fn masks_may_overlap() {
    for pin in [Pin::Auto, Pin::Cores] {
        assert_eq!(pins(&[seat(&[1]), seat(&[0, 1])], &pin, 1), [[1], [0]]);
        assert_eq!(pins(&[seat(&[0, 1]), seat(&[0])], &pin, 1), [[1], [0]]);
        let (a, b) = (seat(&[0, 1, 2, 3]), seat(&[4, 5, 6, 7]));
        assert_eq!(pins(&[a, b, a, b], &pin, 2), [[0, 1], [4, 5], [2, 3], [6, 7]]);
        let chain = [seat(&[0, 1]), seat(&[1, 2]), seat(&[2, 3]), seat(&[0, 1])];
        assert_eq!(pins(&chain, &pin, 1), [[1], [2], [3], [0]]);
    }
}

/// The ranks of a large node tell each other their masks only if they must.
#[test]
fn equal_masks_and_disjoint_ones_are_dealt_without_a_list() {
    let is_listed = |seats: &[Seat], threads| {
        let mut is_listed = false;
        let list = || {
            is_listed = true;
            (0..).zip(seats).map(|(rank, seat)| (rank, seat.cpus.to_string())).collect()
        };
        let _ = node(seats, 0).pins_among(&Pin::Cores, threads, list);
        is_listed
    };
    assert!(!is_listed(&[seat(&[0, 1, 2, 3]), seat(&[0, 1, 2, 3])], 2));
    assert!(!is_listed(&[seat(&[0, 1]), seat(&[2, 3])], 2));
    assert!(!is_listed(&[seat(&[0, 1]), seat(&[1])], 2), "more workers than CPUs");
    assert!(is_listed(&[seat(&[0, 1, 2]), seat(&[3])], 2));
    assert!(is_listed(&[seat(&[0, 1]), seat(&[1, 2])], 1));
}

#[test]
fn where_one_rank_finds_no_cpu_none_is_pinned() {
    let overlapping = [seat(&[0, 1, 2, 3]), seat(&[0]), seat(&[0])];
    assert_eq!(pins(&overlapping, &Pin::Auto, 1), unpinned(3));
    let disjoint = [seat(&[1, 2, 3, 4]), seat(&[5, 6]), seat(&[0])];
    assert_eq!(pins(&disjoint, &Pin::Auto, 2), unpinned(3));
    for (seats, threads) in [(&overlapping, 1), (&disjoint, 2)] {
        for me in 0..3 {
            let said = refused(seats, me, &Pin::Cores, threads);
            assert!(said.contains("threads of rank 2, which may run only on CPUs 0,"), "{said}");
        }
    }
}

#[test]
fn binding_by_the_launcher_is_reported_with_its_mend() {
    let narrow = [bound(&[0]), bound(&[1])];
    assert!(node(&narrow, 1).binding(2).unwrap().contains("--bind-to none"));
    assert_eq!(pins(&narrow, &Pin::Auto, 2), unpinned(2));
    let said = node(&narrow, 0).kept_back().unwrap();
    assert!(said.contains("CPUs 0-3 of a node only 0-1 are used"), "{said}");
    let said = node(&[bound(&[0])], 0).oversubscription(2).unwrap();
    assert!(!said.contains("--threads"), "{said}");
    let whole = [bound(&[0, 1]), bound(&[2, 3])];
    assert!(node(&whole, 0).kept_back().is_none());
    // The batch system gave no more.
    let of_node = Seat { node_limit: 1, ..bound(&[0]) };
    assert!(node(&[of_node], 0).kept_back().is_none());
    let of_task = Seat { own_limit: 1, ..bound(&[0]) };
    assert!(node(&[of_task], 0).kept_back().is_none());
    assert!(node(&[seat(&[0])], 0).kept_back().is_none());
}

/// A list is for the node, and each rank takes its own part of it.
#[test]
fn a_list_is_checked_against_the_masks() {
    let seats = [bound(&[0]), bound(&[1])];
    assert_eq!(pins(&seats, &Pin::List(vec![0, 1]), 1), [[0], [1]]);
    let said = refused(&seats, 1, &Pin::List(vec![0, 2]), 1);
    assert!(said.contains("CPU 2") && said.contains("--bind-to none"), "{said}");
    let said = refused(&seats, 1, &Pin::List(vec![0, 9]), 1);
    assert!(said.contains("CPU 9") && !said.contains("--bind-to"), "{said}");
}

#[test]
fn too_many_workers_are_left_alone_or_refused() {
    let seats = [seat(&[0, 1]), seat(&[0, 1])];
    assert_eq!(pins(&seats, &Pin::Auto, 2), unpinned(2));
    assert!(node(&seats, 0).oversubscription(2).unwrap().contains("4 threads of 2 ranks"));
    assert!(refused(&seats, 0, &Pin::Cores, 2).contains("2 CPUs for 4 workers"));
    assert!(refused(&seats, 0, &Pin::List(vec![0]), 2).contains("1 CPU for 4 workers"));
    assert!(refused(&seats, 0, &Pin::List(vec![99]), 2).contains("CPU 99"));
    assert!(refused(&seats, 1, &Pin::List(vec![0, 1, 1]), 2).contains("3 CPUs for 4 workers"));
}

#[test]
fn unknown_cpus_give_no_warning() {
    for seats in [vec![seat(&[])], vec![seat(&[]), seat(&[])], vec![seat(&[]), seat(&[0, 1, 2, 3])]]
    {
        let node = node(&seats, 0);
        assert_eq!((node.binding(2), node.kept_back()), (None, None));
        for pin in [Pin::Cores, Pin::List(vec![0, 1])] {
            let said = refused(&seats, 0, &pin, 2);
            assert!(said.contains("does not say") && said.contains("--pin none"), "{said}");
        }
        assert_eq!(pins(&seats, &Pin::Auto, 2), unpinned(seats.len()));
    }
    let unknown = node(&[seat(&[]), seat(&[])], 0);
    assert_eq!((unknown.threads(), unknown.oversubscription(2)), (1, None));
    let limited = Seat { node_limit: 3, ..seat(&[]) };
    assert!(node(&[limited], 0).oversubscription(4).unwrap().contains("on 3 usable"));
}

/// A quota limits the number of CPUs, and does not say which.
#[test]
fn nobody_is_pinned_where_a_quota_decides() {
    let limited = Seat { node_limit: 2, ..seat(&[0, 1, 2, 3]) };
    let seats = [limited, limited];
    assert_eq!(pins(&seats, &Pin::Auto, 1), unpinned(2));
    assert_eq!(pins(&seats, &Pin::Cores, 1), [[0], [1]]);
    assert_eq!(node(&seats, 0).threads(), 1);
    assert!(node(&seats, 0).oversubscription(1).is_none());
}

/// A quota is for the whole node, but Slurm gives each task its own number of CPUs.
#[test]
fn a_task_has_its_own_number_of_cpus() {
    let task = |own_limit| Seat { own_limit, ..seat(&[0, 1, 2, 3]) };
    let two = [task(2), task(2)];
    assert!(node(&two, 0).oversubscription(2).is_none());
    assert_eq!(pins(&two, &Pin::Auto, 2), [[0, 1], [2, 3]]);
    let unequal = [task(1), task(3)];
    assert!(node(&unequal, 0).oversubscription(2).is_none());
    assert_eq!(node(&unequal, 0).threads(), 1);
    assert_eq!(node(&unequal, 1).threads(), 2);
    let few = [task(1), task(1)];
    assert!(node(&few, 0).oversubscription(2).unwrap().contains("on 2 usable"));
    assert_eq!(pins(&few, &Pin::Auto, 2), unpinned(2));
}

#[test]
fn a_single_process_is_pinned_only_on_request() {
    let seats = [seat(&[0, 1])];
    assert_eq!(pins(&seats, &Pin::Auto, 2), unpinned(1));
    assert_eq!(pins(&seats, &Pin::Cores, 2), [[0, 1]]);
    assert_eq!(node(&seats, 0).threads(), 2);
}
