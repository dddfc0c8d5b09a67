//! `pi call-kernel`, which `pi check-kernel` starts: loads a kernel and calls it as it is told. The kernel may
//! end or spoil this process.

mod floating_point;
mod state;

use crate::answer;
use crate::calls::{Call, Reply, Step};
use anyhow::{Context, anyhow};
use clap::Args;
use libpi::KernelFn;
use pi_harness::loaded::{Place, load_untried};
use rustix::process::{getpid, set_child_subreaper};
use state::State;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::mem::{forget, transmute};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

#[derive(Debug, Args)]
pub(crate) struct CallKernel {
    /// The library and the symbol
    #[arg(value_name = "FILE:SYMBOL")]
    kernel: OsString,
}

/// The number of this process, to tell it from a fork.
static OWN: AtomicU32 = AtomicU32::new(0);

/// The number of the step that is done.
static STEP: AtomicUsize = AtomicUsize::new(0);

/// A kernel that may break the contract: an exception or a panic may leave it.
type Untrusted = unsafe extern "C-unwind" fn(seed: u64, first: u64, count: u64) -> u64;

pub(crate) fn run(
    options: &CallKernel,
    mut input: impl Read,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut steps = String::new();
    input.read_to_string(&mut steps)?;
    let steps: Vec<Step> = serde_json::from_str(&steps).context("the steps on stdin")?;
    // The frames of a panic in Rust take long to find, and would hide its message.
    // SAFETY: this process has no other threads yet.
    unsafe { std::env::set_var("RUST_BACKTRACE", "0") };
    // Processes that lose their parent become children of this one, so that they are seen.
    set_child_subreaper(Some(getpid()))?;
    let before = State::now();
    let place = Place::parse(&options.kernel).map_err(|why| anyhow!(why))?;
    let kernel = match load_untried(&[&place]).remove(0) {
        Ok(function) => untrusted(function.call),
        Err(why) => return say(out, &Reply::NotLoaded(why.to_string())),
    };
    say(out, &Reply::Loaded)?;
    OWN.store(std::process::id(), Relaxed);
    for (number, step) in steps.into_iter().enumerate() {
        STEP.store(number, Relaxed);
        say(out, &take(kernel, step))?;
    }
    state::await_forks();
    say(out, &Reply::Left(before.left()))?;
    state::end_strays();
    Ok(())
}

fn untrusted(kernel: KernelFn) -> Untrusted {
    // SAFETY: the types differ only in what the caller expects of the function.
    unsafe { transmute::<KernelFn, Untrusted>(kernel) }
}

/// Prints a reply at once: the next call may end the process. The line is written as a whole, because a fork
/// of the process may print too.
fn say(out: &mut impl Write, reply: &Reply) -> anyhow::Result<()> {
    let line = serde_json::to_string(reply)? + "\n";
    out.write_all(line.as_bytes())?;
    Ok(out.flush()?)
}

fn take(kernel: Untrusted, step: Step) -> Reply {
    match step {
        Step::Call(one) => {
            let begin = Instant::now();
            let hits = call(kernel, one);
            let nanoseconds = begin.elapsed().as_nanos().try_into().unwrap_or(u64::MAX);
            Reply::Hits { hits, nanoseconds }
        }
        Step::AtOnce { calls, times } => Reply::AtOnce(at_once(kernel, &calls, times)),
        Step::Repeat { call: one, times, rounds } => {
            let mut resident = vec![state::resident_bytes()];
            for _ in 0..rounds {
                for _ in 0..times {
                    call(kernel, one);
                }
                resident.push(state::resident_bytes());
            }
            Reply::Memory(resident)
        }
    }
}

fn call(kernel: Untrusted, Call { seed, first, count }: Call) -> u64 {
    let unwound = Unwound;
    // SAFETY: the kernel may do anything, and this process exists to find out.
    let hits = unsafe { kernel(seed, first, count) };
    forget(unwound);
    if std::process::id() != OWN.load(Relaxed) {
        end_with(&Reply::Forked(STEP.load(Relaxed)));
    }
    hits
}

/// An exception or a panic left the kernel. That of another language cannot be caught, but while it passes
/// it drops values.
struct Unwound;

impl Drop for Unwound {
    fn drop(&mut self) {
        end_with(&Reply::Unwound);
    }
}

/// Says this, from any thread, and ends the process.
fn end_with(reply: &Reply) -> ! {
    // If nobody reads the reply, nobody needs it.
    let _ = say(&mut answer::stream(), reply);
    // SAFETY: `_exit` runs no code of this process.
    unsafe { libc::_exit(0) }
}

/// The least and the largest answer of each thread. All threads begin at the same time.
fn at_once(kernel: Untrusted, calls: &[Call], times: u32) -> Vec<(u64, u64)> {
    let begin = Barrier::new(calls.len());
    let begin = &begin;
    thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .map(|&one| {
                scope.spawn(move || {
                    begin.wait();
                    let mut answers = (u64::MAX, 0);
                    for _ in 0..times {
                        let hits = call(kernel, one);
                        answers = (answers.0.min(hits), answers.1.max(hits));
                    }
                    answers
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends the process")).collect()
    })
}
