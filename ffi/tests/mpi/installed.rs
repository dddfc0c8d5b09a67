//! Installations of libpi_mpi.

use crate::building::{here, run};
use crate::installing::{build, pkg_config, script};
use crate::launch::Mpi;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Builds and installs libpi with this MPI.
fn install(mpi: &str, prefix: &Path) {
    // One test at a time, because a build replaces the files that an installation copies.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let target = build(mpi, &[("MPI", mpi)]);
    run(&mut script("install", &target, prefix));
}

/// Builds an example with the flags of an installation, runs it on three ranks, and returns what it
/// prints.
fn example(mpi: &Mpi, prefix: &Path, compiler: &str, source: &str, libraries: &[String]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("mixed");
    run(Command::new(format!("{compiler}{}", mpi.ending))
        .current_dir(&folder)
        .arg(here().join(source))
        .args(libraries)
        .arg("-o")
        .arg(&program));
    run(mpi.launcher().args(["-n", "3"]).arg(program).env("LD_LIBRARY_PATH", prefix.join("lib")))
}

#[test]
fn examples_mix_three_languages_where_it_is_installed() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("moved");
    let first = folder.path().join("first");
    let name = if mpi.is_open_mpi { "openmpi" } else { "mpich" };
    install(name, &first);
    fs::rename(&first, &prefix).unwrap();

    let library = prefix.join(format!("lib/libpi_mpi-{name}.so"));
    let dynamic = run(Command::new("readelf").arg("-d").arg(&library));
    assert!(dynamic.contains(&format!("soname: [libpi_mpi-{name}.so.1]")), "{dynamic}");
    assert!(dynamic.contains("[libpi.so.1]") && dynamic.contains("[libmpi"), "{dynamic}");
    let listing =
        run(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(&library));
    let exported: Vec<&str> = listing.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(exported, include_str!("../../mpi/symbols.txt").lines().collect::<Vec<_>>());

    let expected = "7855825 hits, from rust under openmp-c on rank 0 of 3\n\
                    7855825 hits, from c under openmp-fortran on rank 0 of 3\n\
                    7855825 hits, from fortran under rayon on rank 0 of 3\n\
                    the next 10000000 samples: pi = 3.141335, standard error 0.000519\n";
    let c = pkg_config(&prefix, &["--cflags", "--libs"], "libpi_mpi");
    assert_eq!(example(&mpi, &prefix, "mpicc", "mpi/examples/mixed.c", &c), expected);
    let fortran = pkg_config(&prefix, &["--cflags", "--libs"], "libpi_mpi-fortran");
    assert_eq!(example(&mpi, &prefix, "mpifort", "mpi/examples/mixed.f90", &fortran), expected);
    // Name both archives, because -lpi would link the shared libraries.
    let mut archives = pkg_config(&prefix, &["--static", "--cflags", "--libs"], "libpi_mpi");
    for library in &mut archives {
        if let Some(name) = library.strip_prefix("-lpi") {
            *library = format!("-l:libpi{name}.a");
        }
    }
    assert_eq!(example(&mpi, &prefix, "mpicc", "mpi/examples/mixed.c", &archives), expected);
}

#[test]
fn two_mpis_are_installed_side_by_side() {
    let both = [".openmpi", ".mpich"].map(|ending| Mpi::with_ending(ending.to_owned()));
    let [Some(open_mpi), Some(mpich)] = both else {
        println!("not tested: this needs both mpicc.openmpi and mpicc.mpich");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path();
    install("openmpi", prefix);
    install("mpich", prefix);
    for (package, mpi) in [("libpi_mpi-openmpi", open_mpi), ("libpi_mpi", mpich)] {
        let libraries = pkg_config(prefix, &["--cflags", "--libs"], package);
        let said = example(&mpi, prefix, "mpicc", "mpi/examples/mixed.c", &libraries);
        assert!(said.starts_with("7855825 hits"), "{package}: {said}");
    }
    run(&mut script("uninstall", Path::new("/nowhere"), prefix));
    assert!(fs::read_dir(prefix).unwrap().next().is_none());
}
