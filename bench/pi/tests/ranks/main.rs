//! Tests of the command on the ranks of MPI jobs: the counts are the same, one rank prints, and threads run
//! on their CPUs.

#[path = "../shared/place.rs"]
mod place;
mod processes;
mod start;

mod bench;
mod checkpoint;
mod counts;
mod ends;
mod joining;
mod load;
mod places;
mod spans;
mod traffic;
mod usage;
