//! The cost of a call from one language into another. See `bench/CROSSINGS.md`.
//!
//! The callers are loops in Rust, C and Fortran. The callees are functions that do almost nothing.
//! This crate has all loops as function pointers, so that one runner and one bench can time them.
//! They time a whole loop, which makes its calls in its own language.

#[path = "../../pi/src/answer.rs"]
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
    /// All languages.
    pub const ALL: [Self; 3] = [Self::Rust, Self::C, Self::Fortran];

    /// The language's name in cells.
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

/// All pairs of caller and callee, in the order of the names of cells: `rust-c` is Rust calling C.
pub fn pairs() -> impl Iterator<Item = (Language, Language)> {
    Language::ALL.into_iter().flat_map(|caller| Language::ALL.map(|callee| (caller, callee)))
}

/// A number of calls from seed 42 and number 0 on, and the answer of the last one. A program that
/// shares no code with the callees computed it.
pub const KNOWN_ANSWER: (u64, u64) = (1_000_000, 3_458_375_431_478_179_306);
