//! `pi bench`, with runners that report made-up seconds: what it keeps, what never becomes a time, and
//! what it refuses. No test here depends on speed.

mod cells;
mod disturbed;
mod errors;
mod files;
mod interrupted;
mod kept;
mod plan;

use crate::fakes::says;

/// The time of a run, shorter than any process takes.
const SHORT: &str = "1.5e-6";

fn good() -> String {
    says(SHORT, "785")
}
