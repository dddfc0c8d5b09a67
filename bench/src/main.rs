//! The command `pi`.

use libpi::Catalog;
use std::process::ExitCode;

libpi::save_cpu_mask!();
pi_harness::keep_answers_apart!(pi_harness::answer);

fn main() -> ExitCode {
    pi_harness::run(Catalog::here(), std::env::args_os())
}
