//! `pi bench`, with runners that report made-up seconds: what is kept, what never becomes a time,
//! and what is refused. Nothing here depends on how fast anything is.

mod cells;
mod disturbed;
mod errors;
mod files;
mod interrupted;
mod kept;
mod plan;

use crate::fakes::says;

/// A time so short that the process took longer.
const SHORT: &str = "1.5e-6";

fn good() -> String {
    says(SHORT, "785")
}
