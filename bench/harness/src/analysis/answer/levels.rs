//! What each instruction-set level gives.

use super::words::{hull, kernel, kernel_at_level, no_difference};
use crate::analysis::cell::Cell;
use crate::analysis::contest::Contest;
use crate::analysis::stats::{Estimate, Interval, Verdict};
use crate::number::{factor, rate};
use crate::shown::enumerated;
use libpi::Level;

/// Such as `philox: Rust@x86-64-v3 is the fastest at 456 M/s; x86-64-v3 is 1.70 times x86-64 for Rust and 2.43
/// times for C.` None if no kernel was measured at several levels.
pub(super) fn sentence(contest: &Contest, noise_floor: Option<f64>) -> Option<String> {
    let cells: Vec<&Cell> =
        contest.cells.iter().copied().filter(|cell| cell.times.is_enough()).collect();
    let best = *cells.first()?;
    let mut steps: Vec<Step> = Vec::new();
    for (lower, upper) in pairs(&cells) {
        let levels = (level(lower), level(upper));
        let step = match steps.iter().position(|step| step.levels == levels) {
            Some(known) => &mut steps[known],
            None => {
                steps.push(Step { levels, differ: Vec::new(), same: Vec::new(), within: None });
                steps.last_mut()?
            }
        };
        step.add(kernel(&cells, lower), lower.times.ratio(&upper.times), noise_floor);
    }
    steps.sort_by_key(|step| (position(step.levels.0), position(step.levels.1)));
    let clauses: Vec<String> = steps.iter().flat_map(Step::clauses).collect();
    let (name, speed) = (kernel_at_level(&cells, best), rate(1.0 / best.times.value()));
    let first = format!("{}: {name} is the fastest at {speed}", contest.title());
    (!clauses.is_empty()).then(|| format!("{first}; {}.", clauses.join("; ")))
}

/// A level against the one below it, in each language.
struct Step<'a> {
    levels: (&'a str, &'a str),
    /// The kernels for which the levels differ, with the factor.
    differ: Vec<(String, f64)>,
    same: Vec<String>,
    within: Option<Interval>,
}

impl Step<'_> {
    /// Adds a kernel, with the time at the lower level relative to the upper one's.
    fn add(&mut self, name: String, times: Estimate, noise_floor: Option<f64>) {
        if Verdict::of(times, noise_floor).differs() {
            self.differ.push((name, times.value));
        } else {
            self.same.push(name);
            self.within = hull(self.within, times.interval);
        }
    }

    fn clauses(&self) -> Vec<String> {
        let (lower, upper) = self.levels;
        let mut clauses = Vec::new();
        if let [(first, times), rest @ ..] = &*self.differ {
            let first = format!("{} times {lower} for {first}", factor(*times));
            let rest =
                rest.iter().map(|(name, times)| format!("{} times for {name}", factor(*times)));
            let all: Vec<String> = std::iter::once(first).chain(rest).collect();
            clauses.push(format!("{upper} is {}", enumerated(&all)));
        }
        if !self.same.is_empty() {
            let within = no_difference(self.within);
            clauses.push(format!(
                "{upper} does not differ from {lower} for {} {within}",
                enumerated(&self.same)
            ));
        }
        clauses
    }
}

fn level(cell: &Cell) -> &str {
    cell.block.cell.level().unwrap_or_default()
}

/// The position of a level among those of this machine, the lowest first; unknown levels come last.
fn position(level: &str) -> usize {
    Level::ALL.iter().position(|known| known.name() == level).unwrap_or(Level::ALL.len())
}

/// The cells of each kernel at neighbouring levels, the lower level first. All cells of a kernel run in
/// the same way: that of its fastest cell.
fn pairs<'a>(cells: &[&'a Cell]) -> Vec<(&'a Cell, &'a Cell)> {
    let mut names: Vec<&str> = Vec::new();
    let mut pairs = Vec::new();
    for &fastest in cells {
        let name = fastest.block.cell.kernel_name();
        if names.contains(&name) {
            continue;
        }
        names.push(name);
        let way = |cell: &Cell| {
            let name = &cell.block.cell;
            (name.kernel_name().to_owned(), name.driver.clone(), name.ranks, name.threads)
        };
        let is_like =
            |cell: &&&Cell| cell.block.cell.level().is_some() && way(cell) == way(fastest);
        let mut levels: Vec<&Cell> = cells.iter().filter(is_like).copied().collect();
        levels.sort_by_key(|cell| position(level(cell)));
        pairs.extend(levels.windows(2).map(|pair| (pair[0], pair[1])));
    }
    pairs
}
