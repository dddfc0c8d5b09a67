//! Cells and errors as JSON and tables show them.

use crate::analysis::cell::{Cell, Failure};
use crate::analysis::names::Shared;
use crate::analysis::stats::Estimate;
use crate::results::ErrorKind;
use serde::Serialize;

/// The numbers of a cell. Times are seconds per sample or call.
#[derive(Serialize)]
pub struct CellRow {
    cell: String,
    seconds: Estimate,
    median: f64,
    mad: f64,
    min: f64,
    per_second: f64,
    processes: usize,
    runs: usize,
    disturbed: usize,
}

impl CellRow {
    pub fn of(cell: &Cell) -> Self {
        let times = &cell.times;
        Self {
            cell: cell.key.to_string(),
            seconds: times.estimate(),
            median: times.median(),
            mad: times.mad(),
            min: times.min(),
            per_second: 1.0 / times.value(),
            processes: times.processes(),
            runs: times.runs(),
            disturbed: cell.disturbed,
        }
    }
}

/// A block without times.
#[derive(Serialize)]
pub struct ErrorRow {
    pub cell: String,
    process: u32,
    pub kind: ErrorKind,
    pub message: String,
}

impl ErrorRow {
    pub fn of(failure: &Failure) -> Self {
        Self {
            cell: failure.key.to_string(),
            process: failure.process,
            kind: failure.kind,
            message: failure.message.clone(),
        }
    }
}

/// The name of a kind of error, as a results file has it.
pub fn kind_text(kind: ErrorKind) -> String {
    let value = serde_json::to_value(kind).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The cell's name without what is shared, with a star if the cell was disturbed.
pub fn marked(shared: &Shared, cell: &Cell) -> String {
    format!("{}{}", shared.short(cell), star(cell))
}

/// The mark of a cell that was disturbed.
pub fn star(cell: &Cell) -> &'static str {
    if cell.disturbed > 0 { " *" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::{cell_of, measured};
    use crate::results::{Block, BlockError};
    use serde_json::to_value;

    #[test]
    fn a_row_has_the_times_of_its_cell_and_its_rate() {
        let mut cell = cell_of(&[4.0, 4.0, 5.0, 5.0, 8.0]);
        let row = to_value(CellRow::of(&cell)).unwrap();
        let expected = [
            ("median", 5.0),
            ("min", 4.0),
            ("per_second", 0.25),
            ("processes", 5.0),
            ("runs", 5.0),
            ("disturbed", 0.0),
        ];
        assert_eq!(row["seconds"]["value"], 4.0);
        for (key, value) in expected {
            assert_eq!(row[key].as_f64(), Some(value), "{key}");
        }
        assert_eq!(marked(&Shared::default(), &cell), cell.key.to_string());
        cell.disturbed = 1;
        assert_eq!(marked(&Shared::default(), &cell), format!("{} *", cell.key));
    }

    #[test]
    fn an_error_has_its_kind_as_results_write_it() {
        let error = BlockError { kind: ErrorKind::WrongHits, message: "no".to_owned() };
        let block = Block {
            cell: "a/b/c/1x1".parse().unwrap(),
            process: 3,
            error: Some(error),
            ..Block::default()
        };
        let measured = measured(vec![block]);
        let row = to_value(ErrorRow::of(&measured.failures[0])).unwrap();
        let expected = serde_json::json!({ "cell": "a/b/c/1x1", "process": 3, "kind": "wrong-hits", "message": "no" });
        assert_eq!(row, expected);
        assert_eq!(kind_text(ErrorKind::WrongHits), "wrong-hits");
    }
}
