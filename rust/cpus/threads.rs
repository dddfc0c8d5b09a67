//! The default number of threads of this process.
//!
//! The number is read when it is first needed, again after a fork, and when the caller asks for
//! that, because a child may have another mask or other variables than its parent.

use crate::contract::check_threads;
use crate::cpus::count::CpuCount;
use crate::error::Result;
use crate::fork;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The number that the program has set; 0 if it has set none.
static SET: AtomicU32 = AtomicU32::new(0);

/// The number that the system gave, in the low half, and the generation of the process that read
/// it, in the high half. The low half is 0 before the first reading.
static READ: AtomicU64 = AtomicU64::new(0);

/// The number of threads to start if the caller gives none: the number that the program has set,
/// or else [`CpuCount::threads`] as it was when this process first needed it.
///
/// # Errors
/// [`Error::Variable`](crate::Error::Variable) if `LIBPI_NUM_THREADS` is not a number from 1 to
/// [`MAX_THREADS`](crate::MAX_THREADS).
pub fn default_threads() -> Result<u32> {
    let set = SET.load(Ordering::Relaxed);
    if set != 0 {
        return Ok(set);
    }
    let read = READ.load(Ordering::Relaxed);
    let (generation, threads) = ((read >> 32) as u32, read as u32);
    if threads != 0 && generation == fork::generation() { Ok(threads) } else { ask_the_system() }
}

/// Sets the default number of threads of this process and of the children that it forks from now
/// on. Without a number, asks the system again. Returns the new default.
///
/// # Errors
/// [`Error::Threads`](crate::Error::Threads) if the number is not 1 to [`MAX_THREADS`](crate::MAX_THREADS): then the
/// default stays as it was. Without a number, the errors of [`default_threads`].
pub fn set_default_threads(threads: Option<i64>) -> Result<u32> {
    let set = threads.map(check_threads).transpose()?;
    SET.store(set.unwrap_or(0), Ordering::Relaxed);
    set.map_or_else(ask_the_system, Ok)
}

/// What decides the default number of threads now: `libpi_set_threads`, or the name of a
/// [`Source`](crate::cpus::Source). This asks the system; a number that was read before may have
/// had another reason.
pub fn default_threads_rule() -> &'static str {
    if SET.load(Ordering::Relaxed) != 0 { SET_BY_PROGRAM } else { CpuCount::now().threads_by }
}

/// The rule of a number that [`set_default_threads`] has set: the function's name in C.
const SET_BY_PROGRAM: &str = "libpi_set_threads";

/// Reads the number and remembers it. An invalid variable is not remembered, so that the program
/// may correct it.
fn ask_the_system() -> Result<u32> {
    READ.store(0, Ordering::Relaxed);
    let threads = CpuCount::now().threads()?;
    let generation = u64::from(fork::generation());
    READ.store(generation << 32 | u64::from(threads), Ordering::Relaxed);
    Ok(threads)
}
