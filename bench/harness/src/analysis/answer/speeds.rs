//! Which kernel under which driver is fastest, and by how much.

use super::words::{Against, driver, hull, kernel_among, no_difference, way, workers};
use crate::analysis::cell::Cell;
use crate::analysis::contest::Contest;
use crate::analysis::stats::{Interval, Verdict};
use crate::number::{factor, rate};
use crate::shown::enumerated;
use std::collections::BTreeSet;

/// Such as `philox: Rust 1.33 G/s with rayon on 2 threads, 1.46 times Fortran, 1.82 times C; the drivers do
/// not differ (0.991 to 1.011); 2 threads are 1.96 times one.`
pub(super) fn sentence(contest: &Contest, noise_floor: Option<f64>) -> Option<String> {
    let cells: Vec<&Cell> =
        contest.cells.iter().copied().filter(|cell| cell.times.is_enough()).collect();
    let best = *cells.first()?;
    let ways = BTreeSet::from_iter(cells.iter().map(|cell| way(cell)));
    let under = if ways.len() > 1 { format!(" {}", way(best)) } else { String::new() };
    let (name, speed) = (name(&cells, best), rate(1.0 / best.times.value()));
    let mut clauses = kernels(&cells, best, noise_floor);
    let first = format!("{}: {name} {speed}{under}{}", contest.title(), clauses.remove(0));
    clauses.extend(drivers(&cells, best, noise_floor));
    clauses.extend(over_one_thread(&cells, best, noise_floor));
    if cells.len() == 1 {
        clauses.push(match contest.cells.len() {
            1 => "no other cell has times".to_owned(),
            _ => "the other cells have too few processes to compare".to_owned(),
        });
    }
    Some(format!("{}.", [first].into_iter().chain(clauses).collect::<Vec<_>>().join("; ")))
}

fn name(cells: &[&Cell], cell: &Cell) -> String {
    kernel_among(cells, cell)
}

/// What a cell shares with those that it can be compared with, kernel by kernel.
fn place(cell: &Cell) -> (&str, u32, u32) {
    (&cell.block.cell.driver, cell.block.cell.ranks, cell.block.cell.threads)
}

/// The other kernels against that of the best cell, under the same driver on as many workers. A kernel
/// that was not measured in this way is compared in its fastest way that the best kernel has, too, or else
/// as it is. The first item continues the sentence, and may be empty.
fn kernels(cells: &[&Cell], best: &Cell, noise_floor: Option<f64>) -> Vec<String> {
    let of = |kernel: &str, place_of: &Cell| {
        let is_it =
            |cell: &&&Cell| cell.block.cell.kernel == kernel && place(cell) == place(place_of);
        cells.iter().find(is_it).copied()
    };
    let own = &*best.block.cell.kernel;
    // The words before a comparison, the cell of the best kernel, and what is compared with it.
    let mut groups = vec![(String::new(), best, Vec::<(String, &Cell)>::new())];
    let names = BTreeSet::from_iter(cells.iter().map(|cell| &*cell.block.cell.kernel));
    for other in names.into_iter().filter(|name| *name != own) {
        let mut all = cells.iter().copied().filter(|cell| cell.block.cell.kernel == other);
        let Some(fastest) = all.clone().next() else { continue };
        let (words, own, cell) = if let Some(cell) = of(other, best) {
            (String::new(), best, (name(cells, cell), cell))
        } else if let Some((own, cell)) = all.find_map(|cell| Some((of(own, cell)?, cell))) {
            (format!("{} ", way(cell)), own, (name(cells, cell), cell))
        } else {
            let called = format!("{} {}", name(cells, fastest), way(fastest));
            (String::new(), best, (called, fastest))
        };
        match groups.iter_mut().find(|group| group.0 == words) {
            Some(group) => group.2.push(cell),
            None => groups.push((words, own, vec![cell])),
        }
    }
    let mut clauses = Vec::new();
    for (words, own, others) in groups {
        let against = Against::of(own, others, noise_floor);
        let times = against.times();
        if words.is_empty() {
            clauses.push(times.iter().map(|times| format!(", {times}")).collect());
            clauses.extend(against.same_as("it"));
        } else {
            clauses.extend((!times.is_empty()).then(|| format!("{words}{}", enumerated(&times))));
            let same = against.same_as(&name(cells, own));
            clauses.extend(same.map(|same| format!("{words}{same}")));
        }
    }
    clauses
}

/// The drivers against that of the best cell, on as many workers.
fn drivers(cells: &[&Cell], best: &Cell, noise_floor: Option<f64>) -> Option<String> {
    let rivals = |best: &Cell| -> Vec<(String, &Cell)> {
        let is_rival = |cell: &&&Cell| {
            cell.block.cell.kernel == best.block.cell.kernel
                && cell.processors() == best.processors()
                && place(cell) != place(best)
        };
        cells.iter().filter(is_rival).map(|cell| (driver(cell), *cell)).collect()
    };
    if rivals(best).is_empty() {
        return None;
    }
    let own = Against::of(best, rivals(best), noise_floor);
    if !own.slower.is_empty() {
        return Some(format!("of the drivers, {}", enumerated(&own.clauses())));
    }
    // Whether the same holds for every kernel.
    let mut kernels = BTreeSet::new();
    let fastest = cells.iter().filter(|cell| cell.processors() == best.processors());
    let fastest: Vec<&Cell> =
        fastest.copied().filter(|cell| kernels.insert(&cell.block.cell.kernel)).collect();
    let all = fastest.iter().map(|fastest| Against::of(fastest, rivals(fastest), noise_floor));
    let all: Vec<Against> = all.collect();
    let (whose, within): (&str, Option<Interval>) =
        match all.iter().all(|one| one.slower.is_empty()) {
            true => ("the", all.iter().fold(None, |within, one| hull(within, one.within))),
            false => ("its", own.within),
        };
    Some(format!("{whose} drivers do not differ {}", no_difference(within)))
}

/// What the workers of the best cell give over one thread.
fn over_one_thread(cells: &[&Cell], best: &Cell, noise_floor: Option<f64>) -> Option<String> {
    let one = cells.iter().find(|cell| {
        cell.block.cell.kernel == best.block.cell.kernel && place(cell) == ("serial", 1, 1)
    })?;
    if best.processors() == 1 {
        return None;
    }
    let times = one.times.ratio(&best.times);
    let workers = workers(best);
    Some(match Verdict::of(times, noise_floor).differs() {
        true => format!("{workers} are {} times one", factor(times.value)),
        false => format!("{workers} do not differ from one {}", no_difference(times.interval)),
    })
}
