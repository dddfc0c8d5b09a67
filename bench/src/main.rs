//! The command `pi`.

use libpi::Catalog;
use std::process::ExitCode;

libpi::save_cpu_mask!();

fn main() -> ExitCode {
    pi_harness::run(Catalog::here(), std::env::args_os())
}
