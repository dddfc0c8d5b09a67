//! The words that the sentences share.

use crate::analysis::crossings::language;
use crate::analysis::intervals::interval_text;
use crate::analysis::measured::Cell;
use crate::analysis::stats::{Interval, Verdict};
use crate::number::{counted, factor, is_near_one, ratio};
use libpi::split_level;

/// A kernel as people call it: `Rust` for `rust@x86-64`. The level is left out unless it is asked for.
pub(super) fn kernel(kernel: &str, with_level: bool) -> String {
    let (name, level) = split_level(kernel);
    let name = language(name);
    match level.filter(|_| with_level) {
        Some(level) => format!("{name}@{level}"),
        None => name.to_owned(),
    }
}

/// A kernel as people call it among these cells. The level is a part of the name where a kernel was measured at
/// several.
pub(super) fn kernel_among(cells: &[&Cell], own: &str) -> String {
    let short = kernel(own, false);
    let is_other_level = |other: &str| other != own && kernel(other, false) == short;
    kernel(own, cells.iter().any(|cell| is_other_level(&cell.block.cell.kernel)))
}

/// How a cell ran: `with rayon on 2 threads`, `on one thread`.
pub(super) fn way(cell: &Cell) -> String {
    let on = format!("on {}", workers(cell));
    if cell.block.cell.driver == "serial" {
        on
    } else {
        format!("with {} {on}", cell.block.cell.driver)
    }
}

/// The workers of a cell: `one thread`, `2 threads`, `2 ranks`, `2 ranks of 3 threads`.
pub(super) fn workers(cell: &Cell) -> String {
    match (cell.block.cell.ranks, cell.block.cell.threads) {
        (1, 1) => "one thread".to_owned(),
        (1, threads) => counted(threads, "thread"),
        (ranks, 1) => counted(ranks, "rank"),
        (ranks, threads) => format!("{} of {}", counted(ranks, "rank"), counted(threads, "thread")),
    }
}

/// A driver, with its ranks and threads if there are several ranks.
pub(super) fn driver(cell: &Cell) -> String {
    let block = &cell.block;
    match block.cell.ranks {
        1 => block.cell.driver.clone(),
        ranks => format!("{} {ranks}x{}", block.cell.driver, block.cell.threads),
    }
}

/// An interval of factors in brackets.
pub(super) fn brackets(interval: Option<Interval>) -> String {
    let near = interval.is_some_and(|i| is_near_one(i.low) || is_near_one(i.high));
    format!("({})", interval_text(interval, if near { ratio } else { factor }))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// Cells against the best of them: those that are slower, and those that do not differ.
pub(super) struct Against {
    /// The name, and how many times as long it takes.
    pub(super) slower: Vec<(String, f64)>,
    pub(super) same: Vec<String>,
    /// What holds all intervals of those that do not differ.
    pub(super) within: Option<Interval>,
}

impl Against {
    pub(super) fn of<'a>(
        best: &Cell,
        others: impl IntoIterator<Item = (String, &'a Cell)>,
        noise_floor: Option<f64>,
    ) -> Self {
        let mut against = Self { slower: Vec::new(), same: Vec::new(), within: None };
        for (name, cell) in others {
            let to_best = cell.times.ratio(&best.times);
            if Verdict::of(to_best, noise_floor).differs() {
                against.slower.push((name, to_best.value));
            } else {
                against.same.push(name);
                against.within = hull(against.within, to_best.interval);
            }
        }
        against.slower.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        against
    }

    /// `1.46 times Fortran, 1.82 times C`, as an item each.
    pub(super) fn times(&self) -> Vec<String> {
        self.slower.iter().map(|(name, times)| format!("{} times {name}", factor(*times))).collect()
    }

    /// `threads does not differ from it (0.990 to 1.010)`, `rayon takes 1.12 times as long`, as an item each.
    pub(super) fn clauses(&self) -> Vec<String> {
        let slower = self.slower.iter();
        let slower =
            slower.map(|(name, times)| format!("{name} takes {} times as long", factor(*times)));
        self.same_as("it").into_iter().chain(slower).collect()
    }

    /// `C and Fortran do not differ from Rust (0.990 to 1.020)`.
    pub(super) fn same_as(&self, best: &str) -> Option<String> {
        let verb = if self.same.len() == 1 { "does" } else { "do" };
        let (names, within) = (listed(&self.same), brackets(self.within));
        (!self.same.is_empty()).then(|| format!("{names} {verb} not differ from {best} {within}"))
    }
}

/// The smallest interval that holds both.
pub(super) fn hull(one: Option<Interval>, other: Option<Interval>) -> Option<Interval> {
    match (one, other) {
        (Some(a), Some(b)) => Some(Interval {
            low: a.low.min(b.low),
            high: a.high.max(b.high),
            level: a.level.min(b.level),
        }),
        (one, other) => one.or(other),
    }
}
