//! Tests that libpi_mpi does what libpi_mpi.h promises, in C and in Fortran, on one to four ranks,
//! and that the tests catch mutants of it.
//!
//! `LIBPI_MPI` chooses the MPI: openmpi or mpich. By default it is the first MPI that is found.
//! Without an MPI the tests do nothing, unless `LIBPI_REQUIRE` names mpi: then they fail.

#[path = "../building/mod.rs"]
mod building;
mod contract;
mod installed;
#[path = "../installing/mod.rs"]
mod installing;
mod interface;
mod launch;
mod mutants;
mod wrong_mpi;
