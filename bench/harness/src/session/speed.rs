//! How fast a cell is: a trial before the session is planned.

use crate::process::Unpinnable;
use crate::results::BlockError;
use crate::session::hits::Hits;
use crate::session::measure::Measurement;
use crate::session::start::{Start, request};
use crate::suite::Cell;
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;

/// The fewest and the most samples of a run where the suite leaves it open; at least as many as
/// say something of pi.
pub(super) const COUNTS_TO_CHOOSE: RangeInclusive<u32> = 20..=40;

/// Seconds of a run from which on its speed is known well enough to plan with.
const WORTH_TIMING: f64 = 0.005;

/// How fast a cell is.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// Samples a second.
    pub(super) rate: f64,
    /// Seconds that a process takes beside its runs.
    pub(super) overhead: f64,
}

/// Finds out how fast a cell is, from a count that is long enough to tell. Nothing if interrupted.
///
/// # Errors
/// If it cannot be pinned.
pub fn speed(
    cell: &Cell,
    fixed: Option<u64>,
    start: &Start,
    interrupted: &AtomicBool,
) -> Result<Option<Result<Speed, BlockError>>, Unpinnable> {
    let mut count = fixed.unwrap_or(1 << COUNTS_TO_CHOOSE.start());
    let command = match start.command_to_start(cell) {
        Ok(command) => command,
        Err(error) => return Ok(Some(Err(error))),
    };
    let cpus = start.cpus(cell);
    let mut pauses = 0;
    loop {
        let request = request(cell, count, 0, 2);
        let measurement = Measurement {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits: Hits::Any,
            cpus: cpus.as_ref(),
            timeout: start.timeout(0.0),
            interrupted,
        };
        let Some((outcome, answer)) = measurement.run()? else { return Ok(None) };
        let runs = match answer {
            Ok(answer) => answer.runs,
            Err(error) => return Ok(Some(Err(error))),
        };
        // How long it took says nothing then.
        if pauses == 0 && outcome.as_ref().is_some_and(|outcome| outcome.was_paused) {
            pauses += 1;
            continue;
        }
        let fastest = runs.iter().map(|run| run.seconds).fold(f64::INFINITY, f64::min);
        let timed: f64 = runs.iter().map(|run| run.seconds).sum();
        if fixed.is_some() || fastest >= WORTH_TIMING || count >= 1 << COUNTS_TO_CHOOSE.end() {
            let overhead = outcome.map_or(0.0, |outcome| outcome.seconds - timed);
            return Ok(Some(Ok(Speed { rate: count as f64 / fastest, overhead })));
        }
        let factor = (2.0 * WORTH_TIMING / fastest).clamp(2.0, 64.0);
        count <<= factor.log2() as u32;
    }
}
