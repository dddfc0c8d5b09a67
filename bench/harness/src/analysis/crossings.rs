//! The cost of calls across languages, and the batches that make it negligible.

use crate::analysis::kind::Kind;
use crate::analysis::measured::{Cell, Measured};
use crate::analysis::stats::Estimate;
use crate::number::size;
use std::collections::BTreeMap;

/// The languages: the name in cells and the name for people.
pub const LANGUAGES: [(&str, &str); 3] = [("rust", "Rust"), ("c", "C"), ("fortran", "Fortran")];

/// The ways of calling, the cheapest first: inlined, without a call; directly; through a pointer;
/// through a shared library; through the checked interface.
pub const WAYS: [&str; 5] = [FLOOR, "direct", "pointer", "shared", "checked"];

/// The loop alone, without a call.
const FLOOR: &str = "floor";

/// A batch is near the best one if its time per sample is larger by at most this share.
const NEAR_BEST: f64 = 0.05;

/// A batch is large enough if the crossing costs at most this share of its time.
const NEGLIGIBLE: f64 = 0.01;

/// The position of a way in [`WAYS`]; unknown ways come last.
pub fn way(name: &str) -> usize {
    WAYS.iter().position(|&way| way == name).unwrap_or(WAYS.len())
}

/// The positions of caller and callee in [`LANGUAGES`], for a pair such as `c-rust`.
fn languages(kernel: &str) -> [usize; 2] {
    let place = |name: &str| {
        LANGUAGES.iter().position(|&(short, _)| short == name).unwrap_or(LANGUAGES.len())
    };
    let (caller, callee) = kernel.split_once('-').unwrap_or((kernel, ""));
    [place(caller), place(callee)]
}

fn caller(kernel: &str) -> &str {
    kernel.split('-').next().unwrap_or_default()
}

/// The names of caller and callee in a pair such as `c-rust`. A kernel that is not a pair has only a caller.
pub fn pair(kernel: &str) -> (String, Option<String>) {
    let name = |part: &str| {
        let known = LANGUAGES.iter().find(|(short, _)| *short == part);
        known.map_or(part.to_owned(), |(_, name)| (*name).to_owned())
    };
    match kernel.split_once('-') {
        Some((caller, callee)) => (name(caller), Some(name(callee))),
        None => (kernel.to_owned(), None),
    }
}

/// A way of calling from one language into another, with its measurements.
pub struct Crossing<'a> {
    pub kernel: &'a str,
    pub way: &'a str,
    /// The loop of calls, if it was timed.
    pub call: Option<&'a Cell>,
    /// The cost of a call in seconds: its time minus the time of the same caller's loop without a call.
    pub cost: Option<Estimate>,
    /// The batch sizes with their cells, the smallest batch first.
    pub batches: Vec<(u64, &'a Cell)>,
}

impl<'a> Crossing<'a> {
    /// All ways of a session, sorted by caller, callee and way, without the loops that make no call.
    pub fn all(measured: &'a Measured) -> Vec<Self> {
        let mut all: BTreeMap<_, Self> = BTreeMap::new();
        for cell in &measured.cells {
            let (kernel, driver) = (&*cell.block.cell.kernel, &*cell.block.cell.driver);
            let key = (languages(kernel), kernel, way(driver), driver);
            let new = Self { kernel, way: driver, call: None, cost: None, batches: Vec::new() };
            match cell.kind() {
                Kind::Crossing if driver != FLOOR => {
                    let crossing = all.entry(key).or_insert(new);
                    crossing.call = Some(cell);
                    let floor = floor(measured, caller(kernel));
                    crossing.cost = floor.map(|floor| cell.times.above(&floor.times));
                }
                Kind::Batch => {
                    let crossing = all.entry(key).or_insert(new);
                    crossing.batches.push((cell.block.batch.unwrap_or(1), cell));
                }
                _ => {}
            }
        }
        let mut all: Vec<Self> = all.into_values().collect();
        all.iter_mut().for_each(|one| one.batches.sort_by_key(|&(batch, _)| batch));
        all
    }

    /// The smallest batch at which a call of this cost takes a negligible share of the time, there and
    /// in all larger batches.
    pub fn enough(&self, cost: f64) -> Option<u64> {
        let small = |&&(batch, cell): &&(u64, &Cell)| {
            cost <= NEGLIGIBLE * batch as f64 * cell.times.value()
        };
        self.batches.iter().rev().take_while(small).last().map(|&(batch, _)| batch)
    }

    /// The same in words. It has two sizes if the interval of the cost allows both.
    pub fn enough_text(&self) -> String {
        let Some(cost) = self.cost.filter(|_| !self.batches.is_empty()) else {
            return "-".to_owned();
        };
        let text = |cost| self.enough(cost).map_or("none of these".to_owned(), size);
        let (low, high) = cost.interval.map_or((cost.value, cost.value), |i| (i.low, i.high));
        let (low, high) = (text(low), text(high));
        if low == high { low } else { format!("{low} to {high}") }
    }

    /// The smallest batch whose time per sample is near that of the best batch.
    pub fn near_best(&self) -> Option<u64> {
        let time = |&(_, cell): &(u64, &Cell)| cell.times.value();
        let best = self.batches.iter().map(time).min_by(f64::total_cmp)?;
        let near = self.batches.iter().find(|one| time(one) <= best * (1.0 + NEAR_BEST))?;
        Some(near.0)
    }
}

/// The loop of a caller without a call.
fn floor<'a>(measured: &'a Measured, language: &str) -> Option<&'a Cell> {
    floors(measured).into_iter().find(|cell| caller(&cell.block.cell.kernel) == language)
}

/// The loops without a call, one for each caller.
pub fn floors(measured: &Measured) -> Vec<&Cell> {
    let mut floors: Vec<&Cell> = measured
        .cells
        .iter()
        .filter(|cell| cell.kind() == Kind::Crossing && cell.block.cell.driver == FLOOR)
        .collect();
    floors.sort_by_key(|cell| languages(&cell.block.cell.kernel));
    floors
}
