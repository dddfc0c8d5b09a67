//! The places of cells in a ranking.

use crate::analysis::measured::Cell;
use crate::analysis::stats::{Estimate, Interval, Verdict};

/// The place of a cell among others.
#[derive(Debug)]
pub struct Place<'a> {
    pub cell: &'a Cell,
    /// From 1; cells between which no difference is seen share one. None without an interval.
    pub rank: Option<usize>,
    pub tied: bool,
    /// Its time for each sample or call.
    pub time: Estimate,
    /// Its time as a multiple of the best one's.
    pub to_best: Estimate,
}

impl Place<'_> {
    /// Its rank as people write it: `=2` if it is shared.
    pub fn rank_text(&self) -> String {
        let tied = if self.tied { "=" } else { "" };
        self.rank.map_or("-".to_owned(), |rank| format!("{tied}{rank}"))
    }
}

/// The cells of a rank, while they are being found.
struct Rank {
    number: usize,
    first: usize,
    /// The cell whose interval ends first, and where that is.
    surest: usize,
    end: f64,
}

/// Ranks cells that come with the fastest first: a cell shares the rank above it if it does not
/// differ from the surest cell of that rank, the one whose interval ends first. So a noisy cell
/// hides no difference between others, and no chain of small steps makes the fast and the slow
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
