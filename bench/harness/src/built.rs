//! How this build was made: target, compilers and their flags, libraries.

use libpi::Level;
use libpi::build_info::{COMPILERS, OPENMP_RUNTIME, PROFILE, TARGET, WARNINGS};
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

    /// A line for each compiler, for OpenMP and for MPI.
    pub fn lines(&self) -> Vec<String> {
        let compilers = self.compilers.iter().map(|c| format!("{:<8} {}", c.language, c.version));
        let openmp = format!("OpenMP   {}", self.openmp_runtime.unwrap_or("none"));
        let mpi = format!("MPI      {}", self.mpi_library.as_deref().unwrap_or("none"));
        compilers.chain([openmp, mpi]).collect()
    }
}
