//! The harness of `pi bench`: suites, sessions, results and their analysis. It measures other programs
//! through the runner protocol. It uses no command line, MPI, pictures or terminals.
#![allow(missing_docs, reason = "only the command links this crate")]

pub mod analysis;
pub mod built;
pub mod clone;
pub mod environment;
pub mod failure;
pub mod launcher;
pub mod loaded;
pub mod number;
pub mod process;
pub mod protocol;
pub mod results;
pub mod runner_table;
pub mod session;
pub mod shown;
pub mod suite;
