//! What more processors give: speed-up, efficiency, serial fraction, and the laws of scaling.

use crate::measured::{Cell, Kind, Measured};
use crate::stats::{Estimate, Fit, Law, karp_flatt};
use std::collections::BTreeMap;

/// A kernel under a driver on several numbers of processors.
pub(crate) struct Series<'a> {
    /// Whether the work grows with the processors.
    pub(crate) weak: bool,
    pub(crate) kernel: String,
    /// The driver, and what else does not change along the series.
    pub(crate) label: String,
    /// By processors, the fewest first.
    pub(crate) points: Vec<Point<'a>>,
    /// Amdahl's or Gustafson's law, if there are enough numbers of processors.
    pub(crate) fit: Option<Fit>,
    /// What a speed-up of 1 is.
    pub(crate) base: &'a Cell,
}

/// A cell of a series.
pub(crate) struct Point<'a> {
    pub(crate) cell: &'a Cell,
    pub(crate) processors: f64,
    /// How much faster than the base.
    pub(crate) speedup: Estimate,
}

impl Point<'_> {
    /// The share of the processors that does the base's work.
    pub(crate) fn efficiency(&self) -> Estimate {
        self.speedup.map(|speedup| speedup / self.processors)
    }

    /// The serial fraction that explains the speed-up; of one processor there is none.
    pub(crate) fn serial_fraction(&self) -> Option<Estimate> {
        let some = self.processors > 1.0;
        some.then(|| self.speedup.map(|speedup| karp_flatt(speedup, self.processors)))
    }
}

impl Series<'_> {
    /// The speed-up that the fitted law gives.
    pub(crate) fn law(&self, processors: f64) -> Option<f64> {
        Some(self.fit?.rate(processors) * self.base.times.median())
    }
}

/// The cell that speed-ups of a generator are held against: the fastest without a driver, on one
/// processor. A speed-up over one's own slow serial version would flatter.
fn base<'a>(measured: &'a Measured, generator: &str) -> Option<&'a Cell> {
    let mut serial = measured.fastest_first(Kind::Sample).into_iter().filter(|cell| {
        let block = &cell.block;
        block.generator == generator && block.driver == "serial" && cell.processors() == 1
    });
    serial.next()
}

/// The series of a session that have at least two numbers of processors, strong scaling first.
pub(crate) fn series(measured: &Measured) -> Vec<Series<'_>> {
    let mut groups: BTreeMap<_, Vec<&Cell>> = BTreeMap::new();
    for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Sample) {
        let block = &cell.block;
        // Without a driver the ranks vary; under one, the threads of so many ranks.
        let ranks = (block.driver != "serial").then_some(block.ranks);
        let key = (block.weak, &block.generator, &block.kernel, &block.driver, ranks);
        groups.entry(key).or_default().push(cell);
    }
    let mut all = Vec::new();
    for ((weak, generator, kernel, driver, ranks), mut cells) in groups {
        let Some(base) = base(measured, generator) else { continue };
        cells.sort_by_key(|cell| cell.processors());
        let (first, last) = (cells[0].processors(), cells[cells.len() - 1].processors());
        if first == last {
            continue;
        }
        let points = cells.iter().map(|&cell| Point {
            cell,
            processors: f64::from(cell.processors()),
            speedup: base.times.ratio(&cell.times),
        });
        let law = if weak { Law::Gustafson } else { Law::Amdahl };
        let times: Vec<_> = cells.iter().map(|cell| (cell.processors(), &cell.times)).collect();
        let label = match ranks {
            None => "ranks".to_owned(),
            Some(1) => driver.clone(),
            Some(ranks) => format!("{driver}, {ranks} ranks"),
        };
        all.push(Series {
            weak,
            kernel: format!("{generator}/{kernel}"),
            label,
            points: points.collect(),
            fit: Fit::new(law, &times),
            base,
        });
    }
    all
}
