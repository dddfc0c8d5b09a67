//! Cells and errors as JSON and tables show them.

use crate::analysis::measured::{Cell, Failure};
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

/// The cell's name, with a star if it was disturbed.
pub fn marked(cell: &Cell) -> String {
    format!("{}{}", cell.key, star(cell))
}

/// The mark of a cell that was disturbed.
pub fn star(cell: &Cell) -> &'static str {
    if cell.disturbed > 0 { " *" } else { "" }
}
