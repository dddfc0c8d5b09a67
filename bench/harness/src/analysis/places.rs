//! The ranking of cells.

use crate::analysis::cell::Cell;
use crate::analysis::stats::{Estimate, Interval, Verdict};

/// The place of a cell in a ranking.
#[derive(Debug)]
pub struct Place<'a> {
    pub cell: &'a Cell,
    /// Counted from 1. Cells that cannot be told from the surest cell of a rank share that rank. A cell
    /// without an interval has no rank.
    pub rank: Option<usize>,
    pub tied: bool,
    /// The time per sample or call.
    pub time: Estimate,
    /// The time divided by the time of the fastest cell.
    pub to_best: Estimate,
}

impl Place<'_> {
    /// The rank as text: `2`, or `=2` if cells share it.
    pub fn rank_text(&self) -> String {
        let tied = if self.tied { "=" } else { "" };
        self.rank.map_or("-".to_owned(), |rank| format!("{tied}{rank}"))
    }
}

/// The rank to which cells are being added.
struct Rank {
    number: usize,
    /// The position of its first cell.
    first: usize,
    /// The position of its surest cell, whose interval ends first.
    surest: usize,
    /// The end of that interval.
    end: f64,
}

/// Ranks cells, which come sorted with the fastest first. The surest cell of a rank is the one whose
/// interval ends first. The next cell shares the rank if it does not differ from the surest cell. So a
/// noisy cell does not hide how others differ, and no chain of small steps makes the fast and the slow
/// equal. Cells without an interval have no rank.
pub fn rank<'a>(cells: &[&'a Cell], noise_floor: Option<f64>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut ranked = 0;
    let mut last: Option<Rank> = None;
    for (position, &cell) in cells.iter().enumerate() {
        let time = cell.times.estimate();
        let to_best = match position {
            0 => Estimate { value: 1.0, interval: None },
            _ => cell.times.ratio(&cells[0].times),
        };
        let differs = |other: usize| {
            Verdict::of(cell.times.ratio(&cells[other].times), noise_floor).differs()
        };
        let mut place = Place { cell, rank: None, tied: false, time, to_best };
        if let Some(Interval { high: end, .. }) = time.interval {
            ranked += 1;
            let rank = match &mut last {
                Some(rank) if !differs(rank.surest) => {
                    places[rank.first].tied = true;
                    place.tied = true;
                    rank
                }
                _ => last.insert(Rank { number: ranked, first: position, surest: position, end }),
            };
            if end < rank.end {
                (rank.surest, rank.end) = (position, end);
            }
            place.rank = Some(rank.number);
        }
        places.push(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::cell_of;

    #[test]
    fn the_best_is_no_estimate_of_itself() {
        let cells = [cell_of(&[1.0; 5]), cell_of(&[2.0; 5])];
        let places = rank(&cells.each_ref(), None);
        assert_eq!(places[0].to_best, Estimate { value: 1.0, interval: None });
        assert!(places[1].to_best.interval.is_some());
    }

    #[test]
    fn of_intervals_that_end_together_the_first_stays_the_surest() {
        // The second does not differ from the first; the third differs from the first alone.
        let cells = [
            cell_of(&[1.0, 1.0, 1.0, 1.0, 2.0]),
            cell_of(&[1.0, 1.1, 1.1, 1.1, 2.0]),
            cell_of(&[1.05, 1.2, 1.2, 1.2, 3.0]),
        ];
        let ranks: Vec<_> = rank(&cells.each_ref(), None).iter().map(Place::rank_text).collect();
        assert_eq!(ranks, ["=1", "=1", "3"]);
    }
}
