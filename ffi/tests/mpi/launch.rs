//! Finds an MPI, compiles programs with it and runs them on ranks.

use crate::building::{here, link, outcome, run};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];

/// One MPI, whose programs are mpicc, mpifort and mpiexec with this ending.
pub struct Mpi {
    pub ending: String,
    pub is_open_mpi: bool,
}

impl Mpi {
    /// Finds the MPI to test with.
    pub fn find() -> Option<Self> {
        let wanted = env::var("LIBPI_MPI").unwrap_or_default();
        let endings = match wanted.as_str() {
            "" => ["", ".openmpi", ".mpich"].map(str::to_owned).to_vec(),
            name => vec![format!(".{name}"), String::new()],
        };
        let found = endings.into_iter().find_map(Self::with_ending);
        let missing = match &found {
            None if wanted.is_empty() => {
                "no MPI here: neither mpicc, mpicc.openmpi nor mpicc.mpich can be run".to_owned()
            }
            None => format!("LIBPI_MPI={wanted}, but neither mpicc.{wanted} nor mpicc can be run"),
            Some(mpi) if !wanted.is_empty() && mpi.is_open_mpi != (wanted == "openmpi") => {
                format!("LIBPI_MPI={wanted}, but mpicc belongs to another MPI")
            }
            Some(_) => return found,
        };
        let required = env::var("LIBPI_REQUIRE").unwrap_or_default();
        let is_required =
            !wanted.is_empty() || required.split(',').any(|part| part.trim() == "mpi");
        assert!(!is_required, "{missing}");
        println!("not tested: {missing}");
        None
    }

    pub fn with_ending(ending: String) -> Option<Self> {
        let launcher = Command::new(format!("mpiexec{ending}")).arg("--version").output().ok()?;
        Command::new(format!("mpicc{ending}")).arg("--version").output().ok()?;
        let said = String::from_utf8_lossy(&launcher.stdout);
        let is_open_mpi = said.contains("Open MPI") || said.contains("OpenRTE");
        Some(Self { ending, is_open_mpi })
    }

    pub fn compiler(&self, name: &str) -> Command {
        let mut compiler = Command::new(format!("{name}{}", self.ending));
        compiler.arg("-I").arg(here()).arg("-I").arg(here().join("mpi"));
        compiler
    }

    /// Compiles consumer/NAME.c with these sources of libpi_mpi.
    pub fn c_program(
        &self,
        folder: &Path,
        sources: &[PathBuf],
        name: &str,
        flags: &[&str],
    ) -> PathBuf {
        let mut compiler = self.compiler("mpicc");
        compiler.arg("-std=c11").args(WARNINGS).args(flags).args(sources);
        compiler.arg(here().join(format!("tests/consumer/{name}.c")));
        link(&mut compiler, folder, &format!("{name}-in-c")).get_program().into()
    }

    /// Compiles consumer/NAME.c with libpi_mpi.
    pub fn c_consumer(&self, folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
        self.c_program(folder, &sources(), name, flags)
    }

    /// Compiles consumer/NAME.f90 with libpi_mpi.
    pub fn fortran_consumer(&self, folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
        let library = folder.join("libpi_mpi.so");
        let mut compiler = self.compiler("mpicc");
        compiler.args(["-shared", "-fPIC"]).args(sources());
        run(compiler.arg("-o").arg(&library));
        self.fortran_program(folder, name, flags, &library)
    }

    /// Compiles consumer/NAME.f90 and links it to this libpi_mpi.
    pub fn fortran_program(
        &self,
        folder: &Path,
        name: &str,
        flags: &[&str],
        library: &Path,
    ) -> PathBuf {
        let mut compiler = self.compiler("mpifort");
        compiler.current_dir(folder).arg("-std=f2018").args(WARNINGS).args(flags);
        let consumer = format!("tests/consumer/{name}.f90");
        for source in ["libpi.f90", "mpi/libpi_mpi.f90", &consumer] {
            compiler.arg(here().join(source));
        }
        link(compiler.arg(library), folder, &format!("{name}-in-fortran")).get_program().into()
    }

    /// Returns mpiexec under `timeout`, which ends the job after a minute.
    pub fn launcher(&self) -> Command {
        let mut launcher = Command::new("timeout");
        launcher.args(["--kill-after=5", "60"]).arg(format!("mpiexec{}", self.ending));
        if self.is_open_mpi {
            // Tests may start more ranks than there are CPUs, and may run as root.
            launcher.arg("--oversubscribe");
            launcher.env("OMPI_ALLOW_RUN_AS_ROOT", "1");
            launcher.env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        }
        // MPIs leak memory. Waiting OpenMP threads must not occupy the CPUs of other ranks.
        launcher.env("ASAN_OPTIONS", "detect_leaks=0").env("OMP_WAIT_POLICY", "passive");
        for variable in ["LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"] {
            launcher.env_remove(variable);
        }
        launcher
    }

    /// Runs a part of a program on so many ranks, and returns its output and exit status.
    pub fn outcome(&self, ranks: u32, program: &Path, part: &str) -> Output {
        outcome(self.launcher().args(["-n", &ranks.to_string()]).arg(program).arg(part))
    }

    /// Runs a part of a program on so many ranks, all of which must succeed, and returns what it
    /// prints.
    pub fn run(&self, ranks: u32, program: &Path, part: &str) -> String {
        run(self.launcher().args(["-n", &ranks.to_string()]).arg(program).arg(part))
    }
}

/// Returns the sources of libpi_mpi in C.
pub fn sources() -> Vec<PathBuf> {
    let files = fs::read_dir(here().join("mpi")).unwrap().map(|file| file.unwrap().path());
    let mut sources: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|ending| ending == "c")).collect();
    sources.sort();
    sources
}
