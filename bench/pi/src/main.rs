//! The command `pi`.

use libpi::Catalog;
use std::process::ExitCode;

libpi::save_cpu_mask!();
pi_command::keep_answers_apart!(pi_command::answer);

#[global_allocator]
static MEMORY: pi_command::memory::OrEnd = pi_command::memory::OrEnd;

fn main() -> ExitCode {
    pi_command::run(Catalog::here(), std::env::args_os())
}
