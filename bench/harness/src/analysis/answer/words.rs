//! The words that the sentences share.

use crate::analysis::cell::Cell;
use crate::analysis::crossings::language;
use crate::analysis::intervals::interval_text;
use crate::analysis::stats::{Interval, Verdict};
use crate::number::{counted, factor, is_near_one, ratio};
use crate::shown::enumerated;

/// A cell's kernel as people call it among these cells: `Rust` for `rust@x86-64`. If two compilers made plain
/// kernels of a language, each is called `C by gcc` or `C by clang`.
pub(super) fn kernel(cells: &[&Cell], own: &Cell) -> String {
    let name = own.block.cell.kernel_name();
    let Some((of, compiler)) = language_and_compiler(own) else { return language(name).to_owned() };
    let is_rival = |cell: &Cell| {
        language_and_compiler(cell).is_some_and(|rival| rival.0 == of && rival.1 != compiler)
    };
    let language = language(of);
    match name != of || cells.iter().any(|cell| is_rival(cell)) {
        true => format!("{language} by {compiler}"),
        false => language.to_owned(),
    }
}

/// The language of a plain kernel, as in the names of cells, and its compiler. None for another kernel, or if
/// the compiler was not recorded.
fn language_and_compiler(cell: &Cell) -> Option<(&str, &str)> {
    let (name, compiler) = (cell.block.cell.kernel_name(), &*cell.block.compiler);
    let (language, suffix) = name.split_once('-').unwrap_or((name, compiler));
    (suffix == compiler && !compiler.is_empty()).then_some((language, compiler))
}

/// [`kernel`] with the level.
pub(super) fn kernel_at_level(cells: &[&Cell], own: &Cell) -> String {
    let name = kernel(cells, own);
    own.block.cell.level().map_or_else(|| name.clone(), |level| format!("{name}@{level}"))
}

/// [`kernel`], with the level if it was measured at several.
pub(super) fn kernel_among(cells: &[&Cell], own: &Cell) -> String {
    let is_at_other_level = |other: &Cell| {
        let (own, other) = (&own.block.cell, &other.block.cell);
        own.kernel_name() == other.kernel_name() && own.kernel != other.kernel
    };
    match cells.iter().any(|cell| is_at_other_level(cell)) {
        true => kernel_at_level(cells, own),
        false => kernel(cells, own),
    }
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
    format!("({})", factors(interval))
}

/// The interval of a ratio that is no difference, in brackets. If it does not hold 1, the noise floor is the
/// reason, and is named.
pub(super) fn no_difference(interval: Option<Interval>) -> String {
    let holds_one = interval.is_none_or(|i| i.low <= 1.0 && 1.0 <= i.high);
    let reason = if holds_one { "" } else { ", not beyond the noise floor" };
    format!("({}{reason})", factors(interval))
}

fn factors(interval: Option<Interval>) -> String {
    let near = interval.is_some_and(|i| is_near_one(i.low) || is_near_one(i.high));
    interval_text(interval, if near { ratio } else { factor })
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
        let (names, within) = (enumerated(&self.same), no_difference(self.within));
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
