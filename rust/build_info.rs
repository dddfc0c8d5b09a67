//! How this build was made: compilers, flags, and what makes the levels unequal.

/// A compiler with its version and the flags it was given.
#[derive(Debug)]
pub struct Compiler {
    /// Rust, C or Fortran.
    pub language: &'static str,
    /// The command that was run: the compiler, and before it what wraps it, such as ccache.
    pub command: &'static [&'static str],
    /// The first line of what it says of its version.
    pub version: &'static str,
    /// The flags for the kernels of each level: `base`, `v3`, `v4`.
    pub flags: &'static [(&'static str, &'static str)],
}

include!(concat!(env!("OUT_DIR"), "/build_info.rs"));
