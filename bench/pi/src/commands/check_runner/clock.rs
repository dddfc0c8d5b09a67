//! Checks that the times of a runner cover the work of its process.
//!
//! On one CPU, a call takes at least as long as the CPU time that it uses, however many workers it has.
//! A clock that runs while one worker counts, and not until the last has ended, shows less. The CPU time
//! of a call is the difference between two processes that make different numbers of calls, so the
//! start of the process does not matter.

use super::ask::{Kept, Runner};
use libpi::cpus::CpuMask;
use pi_harness::number::time;
use pi_harness::protocol::error;
use pi_harness::results::{BlockError, ErrorKind};
use pi_protocol::Request;

/// CPU seconds that stand out against the difference between the starts of two processes. Half of the
/// CPU time of a short process stands out too.
const ENOUGH: f64 = 0.1;

/// The runner may refuse several threads. If it answers, no run may have taken less than half of the CPU time of a call.
/// The other half is for calls that differ.
pub(super) fn covers_the_work(runner: &Runner, request: &Request) -> Result<Kept, BlockError> {
    let cpu: CpuMask = CpuMask::of_this_thread().cpus().take(1).collect();
    let ask = |runs| {
        let request = Request { warmup: 0, runs, ..request.clone() };
        runner.answers_if_it_has_the_threads(&request, Some(&cpu))
    };
    let Some(short) = ask(1)? else { return Ok(Kept::Refuses) };
    for more in [1, 8, 64, 512] {
        let Some(long) = ask(1 + more)? else { return Ok(Kept::Refuses) };
        let used = long.cpu_seconds - short.cpu_seconds;
        if used >= ENOUGH.max(short.cpu_seconds / 2.0) {
            let times = long.answer.runs.iter().map(|run| run.seconds);
            judge(times.fold(f64::INFINITY, f64::min), used / f64::from(more))?;
            break;
        }
    }
    Ok(Kept::Answers) // Perhaps a call is too short to tell.
}

fn judge(shortest: f64, used: f64) -> Result<(), BlockError> {
    if shortest >= used / 2.0 {
        return Ok(());
    }
    let (shortest, used) = (time(shortest), time(used));
    Err(error(
        ErrorKind::Protocol,
        format!(
            "a run took {shortest} by its clock, but a call used {used} of CPU time on one CPU: the clock \
             must run from the start of the call until the last worker has ended"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_takes_at_least_half_of_the_cpu_time_of_a_call() {
        for (shortest, used) in [(0.1, 0.1), (0.05, 0.1), (1.0, 0.1)] {
            assert!(judge(shortest, used).is_ok(), "{shortest} {used}");
        }
        let wrong = judge(0.049, 0.1).unwrap_err();
        assert!(wrong.message.contains("took 49.0 ms by its clock"), "{}", wrong.message);
        assert!(wrong.message.contains("used 100 ms of CPU time"), "{}", wrong.message);
    }
}
