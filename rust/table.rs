//! The table of kernels. It determines what the build compiles, what Rust declares and what the
//! catalog lists. The build script and the tests include this file too, so it uses nothing of the
//! crate.

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
    /// The language's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Fortran => "Fortran",
        }
    }
}

/// The levels of x86-64 as symbols name them, lowest first. Other targets have `base` only.
pub const LEVELS: &[&str] = &["base", "v3", "v4"];

/// A kernel: one function for each level.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The kernel's generator.
    pub generator: &'static str,
    /// The kernel's name in cells: the language, and a suffix if it is not the plain loop.
    pub name: &'static str,
    /// The language of its source.
    pub language: Language,
    /// The levels for which it is compiled, if the target has them.
    pub levels: &'static [&'static str],
}

impl Row {
    /// The name of its source file: the generator and, for a second kernel in a language, the suffix
    /// of its name. `c-simd` of philox is in `philox_simd.c`.
    pub fn source(&self) -> String {
        match self.name.split_once('-') {
            Some((_, suffix)) if suffix != self.generator => {
                format!("{}_{}", self.generator, suffix.replace('-', "_"))
            }
            _ => self.generator.to_owned(),
        }
    }

    /// The symbol of the kernel's function at a level. Kernels in Rust need no symbol.
    pub fn symbol(&self, level: &str) -> String {
        format!("libpi_k_{}_{}_{level}", self.generator, self.name.replace('-', "_"))
    }
}

const fn exact(generator: &'static str, name: &'static str, language: Language) -> Row {
    Row { generator, name, language, levels: LEVELS }
}

/// A textbook kernel is a baseline, compiled at the base level only.
const fn textbook(name: &'static str, language: Language) -> Row {
    Row { generator: "textbook", name, language, levels: &["base"] }
}

use Language::{C, Fortran, Rust};

/// All kernels, sorted by generator, then by preference.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_kernel_in_a_language_has_a_source_of_its_own() {
        for (row, source) in [
            (exact("philox", "c", C), "philox"),
            (exact("philox", "rust-simd", Rust), "philox_simd"),
            (textbook("fortran-textbook", Fortran), "textbook"),
        ] {
            assert_eq!(row.source(), source);
        }
    }
}
