//! The results of `pi bench`: JSON Lines, one record per line, see `bench/RESULTS.md`.
//!
//! Readers ignore unknown keys and records, and optional keys have defaults. So an older `pi` reads the
//! files of a newer one with the same schema, and a newer `pi` reads older schemas.

pub mod fault;
pub mod files;
mod locked;
mod name;
mod reading;
mod records;
pub mod writer;

pub use reading::{Problem, Results};
pub use records::{
    Audited, Block, BlockError, ContextSwitches, End, ErrorKind, Header, Library, Record, Run,
    SCHEMA, Skipped,
};
