//! The header and the constants of the module.

use crate::building::run;
use crate::launch::Mpi;
use std::fs;

#[test]
fn header_compiles_in_every_dialect() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = "#include \"libpi_mpi.h\"\n#include \"libpi_mpi.h\"\n\
                  libpi_status (*used)(MPI_Fint, libpi_generator, uint64_t, uint64_t, uint64_t,\n\
                  int32_t, uint64_t *) = libpi_mpi_hits_fint;\n";
    for (compiler, standard, name) in [
        ("mpicc", "-std=c99", "c99.c"),
        ("mpicc", "-std=c2x", "c23.c"),
        ("mpicxx", "-std=c++11", "cpp11.cpp"),
        ("mpicxx", "-std=c++20", "cpp20.cpp"),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, source).unwrap();
        // Leave out MPI's old C++ interface, because it causes warnings.
        let flags = ["-Wall", "-Wextra", "-Werror", "-DOMPI_SKIP_MPICXX", "-DMPICH_SKIP_MPICXX"];
        run(mpi.compiler(compiler).arg(standard).args(flags).arg("-fsyntax-only").arg(file));
    }
}

#[test]
fn parameters_of_the_module_are_the_constants_of_the_header() {
    let mut in_c: Vec<(&str, &str)> = include_str!("../../mpi/libpi_mpi.h")
        .lines()
        .filter_map(|line| line.strip_prefix("#define LIBPI_MPI_ERROR_")?.split_once(' '))
        .collect();
    let mut in_fortran: Vec<(&str, &str)> = include_str!("../../mpi/libpi_mpi.f90")
        .lines()
        .filter_map(|line| line.split_once(":: LIBPI_MPI_ERROR_")?.1.split_once(" = "))
        .collect();
    in_c.sort_unstable();
    in_fortran.sort_unstable();
    assert_eq!(in_fortran, in_c);
    assert_eq!(in_c.len(), 5);
}

#[test]
fn every_function_is_in_the_module_or_has_no_use_there() {
    let module = include_str!("../../mpi/libpi_mpi.f90");
    for symbol in include_str!("../../mpi/symbols.txt").lines() {
        // The module calls the function for integers, which takes all communicators.
        let by_handle = include_str!("../../mpi/symbols.txt").contains(&format!("{symbol}_fint"));
        let short = symbol == "libpi_mpi_hits_fint";
        let bound = module.contains(&format!("bind(C, name='{symbol}')"));
        assert!(bound || by_handle || short, "{symbol}");
    }
}
