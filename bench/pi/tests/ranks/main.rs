//! The command on the ranks of MPI jobs: the same counts, one voice, and threads where they belong.

mod start;

mod bench;
mod counts;
mod ends;
mod joining;
mod places;
mod usage;
