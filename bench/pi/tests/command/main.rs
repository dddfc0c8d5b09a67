//! Tests of the command from outside: its answers, errors and exit codes. Each subcommand has a module, and
//! so has each property of several subcommands. All modules are one program, so it is linked only once.
//!
//! The tests run on threads of one process. Therefore a test changes the mask, signals, folder or variables
//! only of the command that it starts, never of its own process.

mod fakes;
mod libraries;
mod made_up;
#[path = "../shared/place.rs"]
mod place;
mod refuse;
mod run;
mod running;

mod answers;
mod audit;
mod bench;
mod check_kernel;
mod check_runner;
mod checkpoint;
mod compare;
mod info;
mod launchers;
mod lesson;
mod limits;
mod list;
mod load;
mod long_runs;
mod merge;
mod names;
mod new;
mod overhead;
mod processes;
mod refused;
mod report;
mod sample;
mod spans;
mod usage;
mod verify;
mod workers;
