//! The environment of a measurement: machine, system, build, sources, and what would spoil the
//! measurement. `pi info --json` prints it, and the header of every results file holds it.

mod condition;
mod cpus;
mod file;
mod machine;
mod sources;

pub use condition::{Condition, load};
pub use cpus::{Cpus, SourceRow, cpus_in_order};
pub use machine::{Cache, Machine};
pub use sources::{Sources, hexadecimal};

use crate::built::Build;
use crate::number::counted;
use libpi::build_info::WARNINGS;
use libpi::cpus::CpuCount;
use serde::Serialize;
use std::fs;

#[derive(Debug, Serialize)]
pub struct Environment {
    pub version: &'static str,
    pub cpus: Cpus,
    pub machine: Machine,
    pub system: Condition,
    pub build: Build,
    pub sources: Sources,
    pub openmp_runtimes_loaded: Vec<String>,
    /// The version that the MPI launcher prints.
    pub mpi_launcher: Option<String>,
    pub warnings: Vec<String>,
}

impl Environment {
    /// The environment of this process now. `mpi_launcher` is the version that the MPI launcher prints;
    /// `mpi_library` is the MPI library to which this process is linked.
    pub fn here(mpi_launcher: Option<String>, mpi_library: Option<String>) -> Self {
        let count = CpuCount::of_this_process();
        let mut environment = Self {
            version: env!("CARGO_PKG_VERSION"),
            cpus: Cpus::of(count),
            machine: Machine::here(),
            system: Condition::here(),
            build: Build::with(mpi_library),
            sources: Sources::here(),
            openmp_runtimes_loaded: openmp_runtimes(),
            mpi_launcher,
            warnings: Vec::new(),
        };
        environment.warnings = environment.warnings();
        environment
    }

    /// What would spoil a measurement, each with a remedy.
    fn warnings(&self) -> Vec<String> {
        let Cpus { usable, threads, threads_by, mask_at_start, mask_of_main_thread, .. } =
            &self.cpus;
        let mut warnings: Vec<String> =
            WARNINGS.iter().map(|&warning| warning.to_owned()).collect();
        if let Some(invalid) = &CpuCount::of_this_process().invalid {
            warnings.push(invalid.to_string());
        }
        if threads > usable {
            warnings.push(format!(
                "{threads_by} asks for {threads} threads on {}: they will take turns; set it to {usable} \
                 or less",
                counted(*usable, "usable CPU")
            ));
        }
        if mask_at_start != mask_of_main_thread {
            warnings.push(format!(
                "the OpenMP runtime has bound the main thread to CPUs {mask_of_main_thread} instead of \
                 {mask_at_start} (OMP_PLACES or OMP_PROC_BIND); std threads and rayon run on \
                 {mask_at_start} again"
            ));
        }
        if self.openmp_runtimes_loaded.len() > 1 {
            warnings.push(format!(
                "two OpenMP runtimes are loaded ({}): build C and Fortran with compilers of the same kind",
                self.openmp_runtimes_loaded.join(", ")
            ));
        }
        warnings.extend(self.machine.warnings(*usable));
        warnings.extend(self.system.warnings(*usable));
        warnings
    }
}

/// The OpenMP runtimes that are loaded into this process.
fn openmp_runtimes() -> Vec<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut runtimes: Vec<String> = maps
        .lines()
        .filter_map(|line| line.rsplit_once('/'))
        .map(|(_, file)| file.to_owned())
        .filter(|file| ["libgomp", "libomp", "libiomp"].iter().any(|name| file.starts_with(name)))
        .collect();
    runtimes.sort();
    runtimes.dedup();
    runtimes
}
