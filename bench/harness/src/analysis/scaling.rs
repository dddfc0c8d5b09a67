//! Scaling over processors: speed-up, efficiency, serial fraction, and the laws of scaling.

use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::analysis::laws::{Fit, Law, karp_flatt};
use crate::analysis::measured::Measured;
use crate::analysis::stats::Estimate;
use crate::results::Block;
use std::collections::BTreeMap;

/// A kernel under a driver on several numbers of processors.
pub struct Series<'a> {
    /// Whether the work grows with the processors.
    pub weak: bool,
    pub kernel: String,
    /// The driver, and what else does not change along the series.
    pub label: String,
    /// Sorted by the number of processors, the smallest first.
    pub points: Vec<Point<'a>>,
    /// Amdahl's or Gustafson's law, if there are enough different numbers of processors.
    pub fit: Option<Fit>,
    /// The cell with a speed-up of 1.
    pub base: &'a Cell,
}

/// The kind of workers whose number grows along a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Workers {
    /// The driver `serial`: ranks.
    Ranks,
    /// Another driver on one rank: threads.
    Threads,
    /// Another driver on several ranks: ranks and threads.
    RanksOfThreads,
}

impl Workers {
    fn of(block: &Block) -> Self {
        match (&*block.cell.driver, block.cell.ranks) {
            ("serial", _) => Self::Ranks,
            (_, 1) => Self::Threads,
            _ => Self::RanksOfThreads,
        }
    }
}

/// A cell of a series.
pub struct Point<'a> {
    pub cell: &'a Cell,
    pub processors: f64,
    /// The base's time divided by this cell's time.
    pub speedup: Estimate,
}

impl Point<'_> {
    /// The speed-up divided by the number of processors.
    pub fn efficiency(&self) -> Estimate {
        self.speedup.map(|speedup| speedup / self.processors)
    }

    /// The serial fraction that explains the speed-up. One processor has none.
    pub fn serial_fraction(&self) -> Option<Estimate> {
        let some = self.processors > 1.0;
        some.then(|| self.speedup.map(|speedup| karp_flatt(speedup, self.processors)))
    }
}

impl Series<'_> {
    /// The speed-up that the fitted law predicts.
    pub fn law(&self, processors: f64) -> Option<f64> {
        Some(self.fit?.rate(processors) * self.base.times.value())
    }
}

/// The cell that the speed-ups of a generator are relative to: its fastest serial cell on one processor.
/// A speed-up relative to a kernel's own slow serial version would look too good.
fn base<'a>(measured: &'a Measured, generator: &str) -> Option<&'a Cell> {
    let mut serial = measured.fastest_first(Kind::Sample).into_iter().filter(|cell| {
        let block = &cell.block;
        block.cell.generator == generator && block.cell.driver == "serial" && cell.processors() == 1
    });
    serial.next()
}

/// The series of a session, strong scaling first. A driver or kernel that was measured on only one
/// processor has no series.
pub fn series(measured: &Measured) -> Vec<Series<'_>> {
    let mut groups: BTreeMap<_, Vec<&Cell>> = BTreeMap::new();
    for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Sample) {
        let block = &cell.block;
        let key = (
            block.weak,
            &block.cell.generator,
            &block.cell.kernel,
            &block.cell.driver,
            Workers::of(block),
        );
        groups.entry(key).or_default().push(cell);
    }
    let mut all = Vec::new();
    for ((weak, generator, kernel, driver, workers), mut cells) in groups {
        let Some(base) = base(measured, generator) else { continue };
        cells.sort_by_key(|cell| cell.processors());
        if cells.iter().all(|cell| cell.processors() == 1) {
            continue;
        }
        let points = cells.iter().map(|&cell| Point {
            cell,
            processors: f64::from(cell.processors()),
            speedup: match std::ptr::eq(cell, base) {
                true => Estimate { value: 1.0, interval: None },
                false => base.times.ratio(&cell.times),
            },
        });
        let law = if weak { Law::Gustafson } else { Law::Amdahl };
        let times: Vec<_> = cells.iter().map(|cell| (cell.processors(), &cell.times)).collect();
        let label = match workers {
            Workers::Ranks => "ranks".to_owned(),
            Workers::Threads => driver.clone(),
            Workers::RanksOfThreads => format!("{driver} on several ranks"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::measured;
    use crate::results::Run;

    /// A block of a cell with one process, which takes this time.
    fn taking(seconds: f64, generator: &str, driver: &str, ranks: u32, threads: u32) -> Block {
        Block {
            cell: format!("{generator}/rust/{driver}/{ranks}x{threads}").parse().unwrap(),
            count: 1000,
            expected_hits: Some(785),
            runs: vec![Run { seconds, hits: 785 }],
            ..Block::default()
        }
    }

    #[test]
    fn speed_ups_are_against_the_fastest_serial_cell_of_the_generator() {
        let measured = measured(vec![
            taking(1.0, "philox", "serial", 1, 1),
            taking(0.5, "philox", "serial", 2, 1),
            taking(0.8, "philox", "rayon", 1, 1),
            taking(0.4, "philox", "rayon", 1, 2),
            taking(0.1, "npb", "serial", 1, 1),
        ]);
        let all = series(&measured);
        let speedups: Vec<(&str, Vec<f64>)> = all
            .iter()
            .map(|one| (&*one.label, one.points.iter().map(|p| p.speedup.value).collect()))
            .collect();
        assert_eq!(speedups, [("rayon", vec![1.25, 2.5]), ("ranks", vec![1.0, 2.0])]);
    }

    /// A program with a slow serial version looks twice as fast on two threads. Another serial kernel is
    /// ten times as fast as that version.
    #[test]
    fn a_slow_serial_version_gives_no_speed_up() {
        let of = |kernel: &str, seconds: f64, driver: &str, threads: u32| {
            let cell = format!("philox/{kernel}/{driver}/1x{threads}").parse().unwrap();
            Block { cell, ..taking(seconds, "philox", driver, 1, threads) }
        };
        let measured = measured(vec![
            of("slow", 1.0, "serial", 1),
            of("slow", 0.5, "pool", 2),
            of("numpy", 0.1, "serial", 1),
        ]);
        let all = series(&measured);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].base.block.cell.kernel, "numpy");
        assert_eq!(all[0].points[0].speedup.value, 0.2);
    }

    #[test]
    fn efficiency_serial_fraction_and_law_follow_from_the_speed_up() {
        let amdahl = |p: u32| taking(0.1 + 0.9 / f64::from(p), "philox", "rayon", 1, p);
        let mut blocks = vec![taking(1.0, "philox", "serial", 1, 1)];
        blocks.extend([1, 2, 4, 8].map(amdahl));
        let measured = measured(blocks);
        let all = series(&measured);
        let close = |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value}");
        close(all[0].points[1].efficiency().value, 1.0 / 1.1);
        assert_eq!(all[0].points[0].serial_fraction(), None);
        close(all[0].points[1].serial_fraction().unwrap().value, 0.1);
        close(all[0].law(4.0).unwrap(), 1.0 / (0.1 + 0.9 / 4.0));
    }

    #[test]
    fn ranks_of_threads_make_one_series_even_of_one_number_of_processors() {
        let block = |driver: &str, ranks: u32, threads: u32| {
            taking(1.0 / f64::from(ranks * threads), "philox", driver, ranks, threads)
        };
        let series_of = |cells: &[(&str, u32, u32)]| -> Vec<(String, Vec<f64>)> {
            let blocks =
                cells.iter().map(|&(driver, ranks, threads)| block(driver, ranks, threads));
            let measured = measured(blocks.collect());
            let points = |one: &Series| one.points.iter().map(|p| p.speedup.value).collect();
            series(&measured).iter().map(|one| (one.label.clone(), points(one))).collect()
        };
        let base = ("serial", 1, 1);
        assert_eq!(series_of(&[base, ("rayon", 1, 1)]), [], "one processor makes no series");
        assert_eq!(
            series_of(&[base, ("rayon", 1, 1), ("rayon", 1, 2), ("rayon", 2, 1)]),
            [
                ("rayon".to_owned(), vec![1.0, 2.0]),
                ("rayon on several ranks".to_owned(), vec![2.0])
            ]
        );
        let hybrid = series_of(&[base, ("rayon", 4, 1), ("rayon", 2, 2), ("rayon", 2, 4)]);
        assert_eq!(hybrid, [("rayon on several ranks".to_owned(), vec![4.0, 4.0, 8.0])]);
    }
}
