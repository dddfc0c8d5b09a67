//! Results of `pi bench`: JSON Lines, one record a line, see `bench/RESULTS.md`.
//!
//! Unknown keys and unknown records are ignored, and what may be missing has a default, so that an
//! older `pi` reads what a newer one of the same schema wrote, and a newer one reads older schemas.

pub mod fault;
pub mod files;
mod name;
mod reading;
mod records;
pub mod writer;

pub use reading::{Problem, Results};
pub use records::{
    Block, BlockError, ContextSwitches, End, ErrorKind, Header, Record, Run, SCHEMA, Skipped,
};
