//! How this build was made: the compilers, their flags, and what makes the levels unequal.

/// A compiler with its version and the flags that the build gave it.
#[derive(Debug)]
pub struct Compiler {
    /// Rust, C or Fortran.
    pub language: &'static str,
    /// The name of the plain kernels that it compiles: `c`, or `c-clang` for a second C compiler.
    pub kernel: &'static str,
    /// Which compiler it is: `gcc`, even if the command is `cc`.
    pub name: &'static str,
    /// The command that was run: the compiler, after any wrapper such as ccache.
    pub command: &'static [&'static str],
    /// The first line that `--version` prints.
    pub version: &'static str,
    /// The flags for the kernels of each level: `base`, `v3`, `v4`.
    pub flags: &'static [(&'static str, &'static str)],
}

include!(concat!(env!("OUT_DIR"), "/build_info.rs"));
