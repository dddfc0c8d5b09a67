//! The table of kernels. What the build compiles, what Rust declares and what the catalog lists all
//! follow from it. The build script and tests read this file too, so it uses nothing of the crate.

/// A language in which kernels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Compiled with this crate.
    Rust,
    /// Compiled by c/build.rs.
    C,
    /// Compiled by fortran/build.rs.
    Fortran,
}

impl Language {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Fortran => "Fortran",
        }
    }
}

/// The levels of x86-64 as symbols have them, lowest first. Elsewhere there is `base` alone.
pub const LEVELS: &[&str] = &["base", "v3", "v4"];

/// A kernel: one function for each level.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its generator, which is also the name of its source file.
    pub generator: &'static str,
    /// Its name in cells: the language and, if it is not the plain loop, the manner.
    pub name: &'static str,
    /// The language of its source.
    pub language: Language,
    /// The levels for which it is compiled, of those that the target has.
    pub levels: &'static [&'static str],
}

impl Row {
    /// The symbol of its function at a level; in Rust, which needs no symbols, its name alone.
    pub fn symbol(&self, level: &str) -> String {
        format!("libpi_k_{}_{}_{level}", self.generator, self.name.replace('-', "_"))
    }
}

const fn exact(generator: &'static str, name: &'static str, language: Language) -> Row {
    Row { generator, name, language, levels: LEVELS }
}

/// A baseline is compiled as a beginner would, at the base level.
const fn textbook(name: &'static str, language: Language) -> Row {
    Row { generator: "textbook", name, language, levels: &["base"] }
}

use Language::{C, Fortran, Rust};

/// All kernels: by generator, then by preference.
pub const KERNELS: &[Row] = &[
    exact("philox", "rust", Rust),
    exact("philox", "c", C),
    exact("philox", "fortran", Fortran),
    exact("npb", "rust", Rust),
    exact("npb", "c", C),
    exact("npb", "fortran", Fortran),
    exact("xoshiro", "rust", Rust),
    exact("xoshiro", "c", C),
    exact("xoshiro", "fortran", Fortran),
    textbook("rust-textbook", Rust),
    textbook("c-textbook", C),
    textbook("fortran-textbook", Fortran),
];
