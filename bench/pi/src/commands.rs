//! The subcommands, a file each.

pub(crate) mod bench;
pub(crate) mod check_runner;
pub(crate) mod compare;
pub(crate) mod info;
pub(crate) mod list;
pub(crate) mod report;
pub(crate) mod runner;
pub(crate) mod sample;
pub(crate) mod verify;
