//! Programs that are linked to the libpi_mpi of another MPI than their own.

use crate::building::{here, link, run};
use crate::launch::{Mpi, sources};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The MPI that the libpi_mpi is for, and the one of the program.
fn pairs() -> Vec<[Mpi; 2]> {
    let of = |ending: &str| Mpi::with_ending(ending.to_owned());
    let pairs = [[".openmpi", ".mpich"], [".mpich", ".openmpi"]];
    let found = pairs.into_iter().filter_map(|[a, b]| Some([of(a)?, of(b)?])).collect::<Vec<_>>();
    if found.is_empty() {
        println!("not tested: this needs both mpicc.openmpi and mpicc.mpich");
    }
    found
}

/// Builds libpi_mpi.so for an MPI.
fn library(mpi: &Mpi, folder: &Path) -> PathBuf {
    let library = folder.join("libpi_mpi.so");
    let mut compiler = mpi.compiler("mpicc");
    run(compiler.args(["-shared", "-fPIC"]).args(sources()).arg("-o").arg(&library));
    library
}

/// Checks that a program prints a message which names both.
#[track_caller]
fn assert_names_both(program: &mut Command, library: &Mpi, own: &Mpi) {
    let said = run(program);
    let name = |mpi: &Mpi| if mpi.is_open_mpi { "Open MPI " } else { "MPICH " };
    assert!(said.starts_with(&format!("this libpi_mpi is for {}", name(library))), "{said}");
    assert!(said.contains(&format!(", but the program uses {}", name(own))), "{said}");
    assert!(said.contains(&format!("link libpi_mpi{}", own.ending.replace('.', "-"))), "{said}");
}

#[test]
fn in_c_the_message_names_both_mpis_whichever_is_loaded_first() {
    for [library_mpi, own] in pairs() {
        let folder = tempfile::tempdir().unwrap();
        let library = library(&library_mpi, folder.path());
        let names = if library_mpi.is_open_mpi { "libmpi.so.40" } else { "libmpich.so.12" };
        for before in [&[][..], &["-Wl,--no-as-needed", &format!("-l:{names}")]] {
            let mut compiler = own.compiler("mpicc");
            compiler.arg("-std=c11").arg(here().join("tests/consumer/wrong_mpi.c"));
            let mut program = link(compiler.arg(&library).args(before), folder.path(), "program");
            assert_names_both(&mut program, &library_mpi, &own);
            // The same before MPI_Init alone.
            assert_names_both(program.arg("without-init"), &library_mpi, &own);
        }
    }
}

#[test]
fn in_fortran_the_message_names_both_mpis() {
    for [library_mpi, own] in pairs() {
        let folder = tempfile::tempdir().unwrap();
        let library = library(&library_mpi, folder.path());
        let program = own.fortran_program(folder.path(), "wrong_mpi", &[], &library);
        assert_names_both(&mut Command::new(program), &library_mpi, &own);
    }
}
