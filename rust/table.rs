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

/// The compilers that `LIBPI_ALSO` can name. Each compiles the plain kernels of its language again. The
/// name of such a kernel is the language and the compiler: `c-clang`.
pub const ALSO: [(&str, Language); 4] =
    [("clang", C), ("gcc", C), ("flang", Fortran), ("gfortran", Fortran)];

/// The levels of x86-64 as symbols name them, lowest first. Other targets have `base` only.
pub const LEVELS: &[&str] = &["base", "v3", "v4"];

/// How a kernel is written. That determines the levels for which it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A plain loop, which the compiler vectorises for each level.
    Plain,
    /// Vectorised by hand: with AVX2 and AVX-512 for x86-64-v3 and v4, with NEON for AArch64.
    Simd,
    /// A textbook kernel is a baseline, compiled at the base level only.
    Textbook,
}

/// A kernel: one function for each level.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The kernel's generator.
    pub generator: &'static str,
    /// The kernel's name in cells: the language, and a suffix if it is not the plain loop by the usual
    /// compiler.
    pub name: &'static str,
    /// The language of its source.
    pub language: Language,
    /// How it is written.
    pub form: Form,
}

impl Row {
    /// The levels for which it is compiled on an architecture, as symbols name them.
    pub fn levels(&self, architecture: &str) -> &'static [&'static str] {
        match (self.form, architecture) {
            (Form::Plain, "x86_64") => LEVELS,
            (Form::Plain, _) | (Form::Textbook, _) | (Form::Simd, "aarch64") => &["base"],
            (Form::Simd, "x86_64") => &["v3", "v4"],
            (Form::Simd, _) => &[],
        }
    }

    /// The compiler of [`ALSO`] that compiles it; none if the usual compiler of its language does.
    pub fn also(&self) -> Option<&'static str> {
        let (_, suffix) = self.name.split_once('-')?;
        ALSO.iter().map(|(compiler, _)| *compiler).find(|compiler| *compiler == suffix)
    }

    /// The name of its source file: the generator and, for a second kernel in a language, the suffix
    /// of its name. `c-simd` of philox is in `philox_simd.c`. Another compiler has the same source.
    pub fn source(&self) -> String {
        match self.name.split_once('-') {
            Some((_, suffix)) if suffix != self.generator && self.also().is_none() => {
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

const fn plain(generator: &'static str, name: &'static str, language: Language) -> Row {
    Row { generator, name, language, form: Form::Plain }
}

const fn simd(generator: &'static str, name: &'static str, language: Language) -> Row {
    Row { generator, name, language, form: Form::Simd }
}

const fn textbook(name: &'static str, language: Language) -> Row {
    Row { generator: "textbook", name, language, form: Form::Textbook }
}

use Language::{C, Fortran, Rust};

/// All kernels, sorted by generator, then by preference.
pub const KERNELS: &[Row] = &[
    simd("philox", "rust-simd", Rust),
    simd("philox", "c-simd", C),
    plain("philox", "rust", Rust),
    plain("philox", "c", C),
    plain("philox", "fortran", Fortran),
    plain("philox", "c-gcc", C),
    plain("philox", "c-clang", C),
    plain("philox", "fortran-gfortran", Fortran),
    plain("philox", "fortran-flang", Fortran),
    simd("npb", "rust-simd", Rust),
    simd("npb", "c-simd", C),
    plain("npb", "rust", Rust),
    plain("npb", "c", C),
    plain("npb", "fortran", Fortran),
    plain("npb", "c-gcc", C),
    plain("npb", "c-clang", C),
    plain("npb", "fortran-gfortran", Fortran),
    plain("npb", "fortran-flang", Fortran),
    simd("xoshiro", "rust-simd", Rust),
    simd("xoshiro", "c-simd", C),
    plain("xoshiro", "rust", Rust),
    plain("xoshiro", "c", C),
    plain("xoshiro", "fortran", Fortran),
    plain("xoshiro", "c-gcc", C),
    plain("xoshiro", "c-clang", C),
    plain("xoshiro", "fortran-gfortran", Fortran),
    plain("xoshiro", "fortran-flang", Fortran),
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
            (plain("philox", "c", C), "philox"),
            (simd("philox", "rust-simd", Rust), "philox_simd"),
            (plain("philox", "c-clang", C), "philox"),
            (textbook("fortran-textbook", Fortran), "textbook"),
        ] {
            assert_eq!(row.source(), source);
        }
    }

    #[test]
    fn intrinsics_need_an_architecture_that_has_them() {
        let levels = ["x86_64", "aarch64", "riscv64"];
        let of = |row: Row| levels.map(|architecture| row.levels(architecture));
        assert_eq!(of(simd("philox", "c-simd", C)), [&["v3", "v4"][..], &["base"], &[]]);
        assert_eq!(of(plain("philox", "c", C)), [LEVELS, &["base"], &["base"]]);
        assert_eq!(of(textbook("c-textbook", C)), [["base"]; 3]);
    }

    #[test]
    fn the_suffix_of_a_kernel_may_be_its_compiler() {
        for row in KERNELS {
            let Some(compiler) = row.also() else { continue };
            assert!(ALSO.contains(&(compiler, row.language)), "{}", row.name);
        }
        assert_eq!(simd("philox", "c-simd", C).also(), None);
        assert_eq!(plain("philox", "fortran-flang", Fortran).also(), Some("flang"));
    }
}
