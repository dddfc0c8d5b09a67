//! The command `pi` with a kernel that counts wrongly, for tests. The kernel drops the last sample of every
//! range. Do not use it.

use libpi::{Catalog, Generator, Kernel, Level};
use std::process::ExitCode;
use std::sync::OnceLock;

libpi::save_cpu_mask!();

/// The first kernel of philox, which the broken kernel calls.
fn sound() -> &'static Kernel {
    let name = format!("rust@{}", Level::Base);
    Catalog::here().kernel(Generator::Philox, &name).expect("the base level runs anywhere")
}

extern "C" fn drops_the_last(seed: u64, first: u64, count: u64) -> u64 {
    let samples = libpi::Samples::new(first, count.saturating_sub(1)).expect("a shorter range");
    let serial = Catalog::here().driver("serial").expect("serial is always built");
    sound().hits(serial, seed, samples, 1).expect("the kernel runs here")
}

fn main() -> ExitCode {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let catalog = CATALOG.get_or_init(|| {
        // SAFETY: the function is pure and takes any seed.
        let broken =
            unsafe { Kernel::new(Generator::Philox, "broken", Level::Base, drops_the_last) };
        Catalog::of(vec![broken, sound().clone()])
    });
    pi_command::run(catalog, std::env::args_os())
}
