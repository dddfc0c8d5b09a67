//! Counts how often each block of a kernel is executed: the traced program runs a copy of the kernel in
//! which each block counts itself.

mod copy;
mod traced;

use crate::flow::Flow;
use crate::image::Image;
use crate::{MOST_STOPS, Stop};
use anyhow::{Context, Result};
use copy::Copy;
use std::collections::BTreeMap;
use std::process::Command;
use traced::{Access, Traced};

/// What a run found.
pub(crate) enum Outcome {
    /// The executions of each block.
    Counted(BTreeMap<u64, u64>),
    /// Jumps through a register went to these blocks, which the flow lacks.
    Jumps(Vec<u64>),
    /// The kernel needs too many stops.
    TooMany,
}

/// Runs the program and counts in its first call of the kernel. The program has loaded the library that
/// holds the kernel when it comes to `loaded`.
pub(crate) fn executions(
    command: Command,
    loaded: Option<Stop>,
    image: &Image,
    entry: u64,
    flow: &Flow,
) -> Result<Outcome> {
    let mut program = Traced::start(command, loaded.map_or(image, |stop| stop.image))?;
    if let Some(Stop { address, .. }) = loaded {
        program.run_to(address)?.context("the program ended before it had loaded the kernel")?;
        program.turn_to(image)?;
    }
    program.run_to(entry)?.context("the program ended without a call of the kernel")?;
    let returns_to = program.return_address()?;
    let copy = place(&program, flow)?;
    program.stop_at(returns_to)?;
    program.go_to(copy.counterpart(program.in_memory(entry)).context("the kernel has no code")?)?;

    let mut found = Vec::new();
    for _ in 0..MOST_STOPS {
        let here = program.go_on()?.context("the kernel crashed, or ended the program")?;
        if here == returns_to {
            return Ok(match found.is_empty() {
                true => Outcome::Counted(copy.counts(&program)?),
                false => Outcome::Jumps(found),
            });
        }
        // A breakpoint of the copy stands before each jump through a register.
        let target = program.step()?;
        if let Some(counterpart) = copy.counterpart(target) {
            program.go_to(counterpart)?;
        } else if !copy.holds(target) && image.code_at(program.in_file(target)).is_some() {
            found.push(program.in_file(target));
        }
    }
    Ok(Outcome::TooMany)
}

/// Puts the copy into the program's memory.
fn place(program: &Traced, flow: &Flow) -> Result<Copy> {
    let counters = program.allocate(Copy::room_for_counters(flow), Access::Write)?;
    let code = program.allocate(Copy::room_for_code(flow), Access::Execute)?;
    let base = program.in_memory(0);
    let copy = Copy::of(flow, base, code, counters)?;
    program.write(code, copy.code())?;
    Ok(copy)
}
