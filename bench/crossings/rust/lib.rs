//! What a call from one language into another costs: see `bench/CROSSINGS.md`.
//!
//! The callers are loops in Rust, C and Fortran, the callees functions that do next to nothing.
//! All loops are here as function pointers, so that one runner and one bench time them; what is
//! timed is a whole loop, whose calls are made by its own language.

#[path = "../../src/answer.rs"]
pub mod answer;
mod caller;
mod loops;
pub mod runner;

pub use loops::{
    BatchLoop, CallLoop, Caller, CheckedBatchLoop, CheckedLoop, PointerLoop, callee, kernel,
};

use std::fmt;
use std::str::FromStr;

/// A language to call from or into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust.
    Rust,
    /// C.
    C,
    /// Fortran.
    Fortran,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rust, Self::C, Self::Fortran];

    /// Its name in cells.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Fortran => "fortran",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|language| language.name() == name);
        found.ok_or_else(|| format!("unknown language '{name}': use rust, c or fortran"))
    }
}

/// Callers and callees by pairs, as in the names of cells: `rust-c` is Rust calling C.
pub fn pairs() -> impl Iterator<Item = (Language, Language)> {
    Language::ALL.into_iter().flat_map(|caller| Language::ALL.map(|callee| (caller, callee)))
}

/// Calls from seed 42 and number 0 on, and their answer, by a program that shares no code with the
/// callees.
pub const KNOWN_ANSWER: (u64, u64) = (1_000_000, 3_458_375_431_478_179_306);
