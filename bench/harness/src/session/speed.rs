//! A trial that measures how fast a cell is, before the session is planned.

use crate::process::Unpinnable;
use crate::results::BlockError;
use crate::session::exchange::Exchange;
use crate::session::hits::Hits;
use crate::session::start::{Start, request};
use crate::suite::SuiteCell;
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;

/// The counts of a run that the plan may choose, as powers of two. The smallest is large enough to check
/// that a count is near pi.
pub(super) const COUNTS_TO_CHOOSE: RangeInclusive<u32> = 20..=40;

/// The shortest run in seconds whose speed is good enough for a plan.
const WORTH_TIMING: f64 = 0.005;

/// The speed of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// Samples per second.
    pub(super) rate: f64,
    /// The time of a process besides its runs, in seconds.
    pub(super) overhead: f64,
}

/// Measures the speed of a cell, with a count that is large enough. Returns nothing after an
/// interruption.
///
/// # Errors
/// If the process cannot be pinned.
pub fn speed(
    cell: &SuiteCell,
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
        let exchange = Exchange {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits: Hits::Any,
            cpus: cpus.as_ref(),
            timeout: start.timeout(0.0),
            interrupted,
        };
        let Some((outcome, answer)) = exchange.run()? else { return Ok(None) };
        let runs = match answer {
            Ok(answer) => answer.runs,
            Err(error) => return Ok(Some(Err(error))),
        };
        // The time of a process that was paused says nothing, so it runs once more.
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
