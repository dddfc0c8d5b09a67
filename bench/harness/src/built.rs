//! How this build was made: target, compilers and their flags, libraries.

use libpi::build_info::{COMPILERS, OPENMP_RUNTIME, PROFILE, TARGET, WARNINGS};
use libpi::{Level, split_level};
use serde::Serialize;

/// How this build was made.
#[derive(Debug, Serialize)]
pub struct Build {
    pub target: &'static str,
    pub profile: &'static str,
    openmp_runtime: Option<&'static str>,
    mpi_library: Option<String>,
    compilers: Vec<CompilerRow>,
    pub warnings: &'static [&'static str],
}

#[derive(Debug, Serialize)]
struct CompilerRow {
    language: &'static str,
    /// The name of the plain kernels that it compiles: `c`, or `c-clang` for a second C compiler.
    kernel: &'static str,
    name: &'static str,
    command: String,
    version: &'static str,
    flags: Vec<FlagsRow>,
}

#[derive(Debug, Serialize)]
struct FlagsRow {
    level: &'static str,
    flags: &'static str,
}

impl Build {
    /// Describes this build. `mpi_library` is the MPI library to which it is linked.
    pub fn with(mpi_library: Option<String>) -> Self {
        let compilers = COMPILERS.iter().map(|compiler| CompilerRow {
            language: compiler.language,
            kernel: compiler.kernel,
            name: compiler.name,
            command: compiler.command.join(" "),
            version: compiler.version,
            flags: compiler
                .flags
                .iter()
                .zip(Level::ALL)
                .map(|(&(_, flags), level)| FlagsRow { level: level.name(), flags })
                .collect(),
        });
        Self {
            target: TARGET,
            profile: PROFILE,
            openmp_runtime: OPENMP_RUNTIME,
            mpi_library,
            compilers: compilers.collect(),
            warnings: WARNINGS,
        }
    }

    /// A line for each compiler, for OpenMP and for MPI, and then for each of `more`: what it is, and which.
    pub fn lines(&self, more: &[(&str, &str)]) -> Vec<String> {
        let also = |c: &CompilerRow| {
            if c.kernel.contains('-') { format!(" by {}", c.name) } else { String::new() }
        };
        let compilers =
            self.compilers.iter().map(|c| (format!("{}{}", c.language, also(c)), c.version));
        let openmp = ("OpenMP".to_owned(), self.openmp_runtime.unwrap_or("none"));
        let mpi = ("MPI".to_owned(), self.mpi_library.as_deref().unwrap_or("none"));
        let more = more.iter().map(|&(what, which)| (what.to_owned(), which));
        let lines: Vec<(String, &str)> = compilers.chain([openmp, mpi]).chain(more).collect();
        let width = lines.iter().map(|(what, _)| what.len()).max().unwrap_or(0);
        lines.iter().map(|(what, which)| format!("{what:<width$}  {which}")).collect()
    }
}

/// The compiler of a kernel of this build, such as `gcc`; empty if the build has no such kernel.
pub fn compiler_of(kernel: &str) -> &'static str {
    let (name, _) = split_level(kernel);
    let by_name = |name: &str| COMPILERS.iter().find(|compiler| compiler.kernel == name);
    let language = name.split('-').next().unwrap_or_default();
    by_name(name).or_else(|| by_name(language)).map_or("", |compiler| compiler.name)
}
