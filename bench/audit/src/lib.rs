//! What the compilers made of a kernel.
//!
//! The audit disassembles the kernel's machine code and starts the program that holds it under ptrace. When
//! the program calls the kernel, the audit puts a copy of the kernel into its memory, in which each block
//! of instructions counts its executions, and lets the program run the copy. It does so for two numbers of
//! samples. The difference is what the samples cost: nothing is guessed from the look of a loop.

#[cfg_attr(not(target_arch = "x86_64"), path = "count_elsewhere.rs")]
mod count;
mod flow;
mod hot;
mod image;
mod kind;
mod operands;
mod source;
mod tally;
mod work;

pub use flow::Flow;
pub use hot::{HotLoop, hot_loop};
pub use image::{Image, Running};
pub use source::Lines;
pub use tally::{Tally, Width};
pub use work::Work;

use anyhow::{Result, bail};
use count::Outcome;
use std::collections::BTreeMap;
use std::process::Command;

/// How often each block of a kernel is executed for one sample, by the address of the block.
pub type Executions = BTreeMap<u64, f64>;

/// The numbers of samples to try, the largest first. Each is a multiple of 3 and of many powers of 2, so
/// that whole groups of any usual size fit; in the largest also 16 blocks of 65536 samples.
pub const SAMPLES: &[u64] = &[3 << 20, 6144, 384];

/// A jump through a register stops the program. A kernel that has one in its loop is run for fewer
/// samples, if it needs more stops than this.
const MOST_STOPS: u32 = 20_000;

/// A place in a program: its file, and an address in the file.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    /// The program's file.
    pub image: &'a Image,
    /// The address.
    pub address: u64,
}

/// A kernel's machine code, and how often its parts are executed.
#[derive(Debug)]
pub struct Audit {
    /// The code, in blocks.
    pub flow: Flow,
    /// The executions of each block for one sample. Blocks that do not depend on the number of samples
    /// have none.
    pub executions: Executions,
}

impl Audit {
    /// Audits the kernel at `entry` with the first of [`SAMPLES`] that takes few enough stops. `run` gives
    /// the command that calls the kernel with a number of samples.
    ///
    /// # Errors
    /// If the program cannot be traced, or never calls the kernel.
    pub fn new(image: &Image, entry: u64, run: impl Fn(u64) -> Result<Command>) -> Result<Self> {
        Self::after(None, image, entry, run)
    }

    /// Audits a kernel in a library that the program loads while it runs. `loaded` is a place that the
    /// program reaches after that.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub fn of_library(
        image: &Image,
        entry: u64,
        loaded: Stop,
        run: impl Fn(u64) -> Result<Command>,
    ) -> Result<Self> {
        Self::after(Some(loaded), image, entry, run)
    }

    fn after(
        loaded: Option<Stop>,
        image: &Image,
        entry: u64,
        run: impl Fn(u64) -> Result<Command>,
    ) -> Result<Self> {
        let mut targets = vec![entry];
        for &samples in SAMPLES {
            // Each turn adds code that was reached by a jump through a register.
            loop {
                let flow = Flow::new(image, &targets)?;
                let counted =
                    |samples| count::executions(run(samples)?, loaded, image, entry, &flow);
                let once = counted(samples)?;
                let twice = match once {
                    Outcome::Counted(_) => counted(2 * samples)?,
                    _ => Outcome::TooMany,
                };
                match (once, twice) {
                    (Outcome::Counted(once), Outcome::Counted(twice)) => {
                        let executions = difference(&once, &twice, samples);
                        return Ok(Self { flow, executions });
                    }
                    (Outcome::Jumps(found), _) | (_, Outcome::Jumps(found))
                        if !found.iter().all(|target| targets.contains(target)) =>
                    {
                        targets.extend(found);
                    }
                    _ => break,
                }
            }
        }
        bail!(
            "the kernel jumps through a register more than {MOST_STOPS} times for {} samples: it cannot be \
             counted in time",
            SAMPLES.last().map_or(0, |samples| 2 * samples)
        )
    }

    /// The instructions that one sample takes, by kind.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (start, &times) in &self.executions {
            self.flow.block(*start).for_each(|instruction| tally.add(instruction, times));
        }
        tally
    }

    /// The instructions that one sample takes, by kind and width.
    pub fn work(&self) -> Work {
        let mut work = Work::new();
        for (start, &times) in &self.executions {
            self.flow
                .block(*start)
                .for_each(|instruction| work::add(&mut work, instruction, times));
        }
        work
    }
}

/// The executions for one sample, from those of two runs of which the second has this many samples more.
fn difference(once: &BTreeMap<u64, u64>, twice: &BTreeMap<u64, u64>, samples: u64) -> Executions {
    let more = |(&start, &times): (&u64, &u64)| {
        let before = once.get(&start).copied().unwrap_or(0);
        (start, (times as f64 - before as f64) / samples as f64)
    };
    twice.iter().map(more).filter(|&(_, times)| times > 0.0).collect()
}
