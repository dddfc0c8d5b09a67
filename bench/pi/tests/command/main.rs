//! The command from outside: its answers, errors and exit codes. Each subcommand has a module, and so has what
//! holds of several subcommands. They are one program, which is linked once.
//!
//! The tests run on threads of one process. What changes a process, such as a mask, an ignored signal, the
//! folder or a variable, is therefore done to the command that a test starts, and never to the test itself.

mod fakes;
mod made_up;
mod refuse;
mod run;

mod answers;
mod bench;
mod check_runner;
mod compare;
mod info;
mod launchers;
mod list;
mod names;
mod processes;
mod refused;
mod report;
mod sample;
mod usage;
mod verify;
mod workers;
