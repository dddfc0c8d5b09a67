//! How near the cells of a session came to the bound of the core on which they ran.

use crate::analysis::bound::{Bound, Peak, bound};
use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::number::share;
use crate::results::Audited;
use libpi::split_level;
use serde::Serialize;
use std::collections::BTreeMap;

/// The bounds of all kernels that were audited, on the core that was measured in the same session.
#[derive(Debug, Default)]
pub struct Bounds {
    /// By generator and kernel.
    of: BTreeMap<(String, String), Bound>,
}

/// A cell against the bounds of its core.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// The bound of the kernel's own instructions, in samples a second.
    pub per_second: f64,
    /// The part of it that the cell reached.
    pub share: f64,
    /// What the kernel's own instructions use up first.
    pub limit: &'static str,
    /// The kernel of the same generator and level with the highest bound.
    pub leanest: String,
    /// The bound of that kernel.
    pub leanest_per_second: f64,
    /// The part of it that the cell reached.
    pub share_of_leanest: f64,
}

impl Bounds {
    pub fn of(cells: &[Cell], audits: &[Audited]) -> Self {
        let micro = cells.iter().filter(|cell| cell.kind() == Kind::Peak);
        let peak: Peak =
            micro.map(|cell| (cell.block.cell.kernel.clone(), 1.0 / cell.times.value())).collect();
        let bounds = audits.iter().filter_map(|audit| {
            let key = (audit.generator.clone(), audit.kernel.clone());
            Some((key, bound(&audit.work, &peak)?))
        });
        Self { of: bounds.collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// How near a cell came to its bounds. None if it has several workers, because the bound is that of
    /// one core, or if its kernel has no bound.
    pub fn reached(&self, cell: &Cell) -> Option<Reached> {
        let name = &cell.block.cell;
        let own = self.of.get(&(name.generator.clone(), name.kernel.clone()))?;
        let (leanest, lean) = self.leanest(&name.generator, &name.kernel)?;
        let rate = 1.0 / cell.times.value();
        (cell.processors() == 1).then(|| Reached {
            per_second: own.per_second,
            share: rate / own.per_second,
            limit: own.limit,
            leanest: leanest.to_owned(),
            leanest_per_second: lean.per_second,
            share_of_leanest: rate / lean.per_second,
        })
    }

    /// The kernel with the highest bound among those of a generator and of the level of one of them.
    fn leanest(&self, generator: &str, kernel: &str) -> Option<(&str, &Bound)> {
        let level = split_level(kernel).1;
        let rivals = self.of.iter().filter(|((of, name), _)| {
            of == generator && (name == kernel || (level.is_some() && split_level(name).1 == level))
        });
        let leanest = rivals.max_by(|a, b| a.1.per_second.total_cmp(&b.1.per_second));
        leanest.map(|((_, name), bound)| (&**name, bound))
    }
}

impl Reached {
    /// Such as `87.0% of this core's bound, limited by vector slots`.
    pub fn text(&self) -> String {
        format!("{} of this core's bound, limited by {}", share(self.share), self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::Measured;
    use crate::analysis::measured::tests::block;
    use crate::results::{Block, Header, Results};
    use pi_audit::{Tally, Width, Work};

    /// A session with these cells and their samples or instructions a second, and audits with the vector
    /// slots of a sample.
    fn session(cells: &[(&str, f64)], audits: &[(&str, f64)]) -> Measured {
        let block = |(name, rate): &(&str, f64)| Block {
            cell: name.parse().unwrap(),
            ..block(1000.0 / rate)
        };
        let audit = |(name, slots): &(&str, f64)| {
            let (generator, kernel) = name.split_once('/').unwrap();
            let work: Work =
                ["instructions", "slots-256"].map(|name| (name.to_owned(), *slots)).into();
            let (generator, kernel) = (generator.to_owned(), kernel.to_owned());
            let (runner, width) = ("pi".to_owned(), Width::Bits(256));
            Audited { generator, kernel, runner, width, per_sample: Tally::default(), work }
        };
        Measured::of(Results {
            header: Header::default(),
            blocks: cells.iter().map(block).collect(),
            skipped: vec![],
            audits: audits.iter().map(audit).collect(),
            end: None,
            problems: vec![],
        })
    }

    const PEAK: [(&str, f64); 2] =
        [("peak/add-256/serial/1x1", 4e6), ("peak/instructions-256/serial/1x1", 6e6)];

    fn reached(measured: &Measured, cell: &str) -> Option<Reached> {
        let cell = measured.cells.iter().find(|one| one.key.to_string() == cell).unwrap();
        measured.bounds.reached(cell)
    }

    #[test]
    fn a_cell_is_held_against_its_own_bound_and_that_of_the_leanest_kernel() {
        let cells = [
            PEAK[0],
            PEAK[1],
            ("philox/c@v3/serial/1x1", 3e5),
            ("philox/rust@v3/serial/1x1", 4e5),
            ("philox/rust@v3/threads/1x2", 8e5),
            ("philox/mine/serial/1x1", 1e5),
        ];
        let audits = [
            ("philox/c@v3", 10.0),
            ("philox/rust@v3", 8.0),
            ("philox/c@v4", 4.0),
            ("npb/c@v3", 1.0),
        ];
        let session = session(&cells, &audits);
        let c = reached(&session, "philox/c@v3/serial/1x1").unwrap();
        let close =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{c:?}");
        close(c.per_second, 4e5);
        close(c.share, 0.75);
        close(c.leanest_per_second, 5e5);
        close(c.share_of_leanest, 0.6);
        assert_eq!((c.limit, &*c.leanest), ("vector slots", "rust@v3"));
        assert_eq!(c.text(), "75.0% of this core's bound, limited by vector slots");
        // Several workers, and a kernel without an audit.
        assert_eq!(reached(&session, "philox/rust@v3/threads/1x2"), None);
        assert_eq!(reached(&session, "philox/mine/serial/1x1"), None);
    }

    #[test]
    fn without_audits_or_micro_kernels_there_are_no_bounds() {
        assert!(session(&PEAK, &[]).bounds.is_empty());
        let cells = [("philox/c@v3/serial/1x1", 3e5)];
        assert!(session(&cells, &[("philox/c@v3", 10.0)]).bounds.is_empty());
    }
}
