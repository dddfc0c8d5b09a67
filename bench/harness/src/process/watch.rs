//! A look at the clock from time to time, which notices that this process was paused in between.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// A look that comes so much later than it was due means that this process was stopped, or the machine
/// suspended: a busy machine alone does not delay it so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Time as far as this process was there to see it pass.
pub(super) struct Watch {
    last: Duration,
    seen: Duration,
    was_paused: bool,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self { last: since_boot(), seen: Duration::ZERO, was_paused: false }
    }

    /// Looks at the clock, so long after the last time or earlier. What passes beyond that is not seen:
    /// a child is not to be blamed for it.
    pub(super) fn look(&mut self, due: Duration) {
        let now = since_boot();
        let passed = now.saturating_sub(self.last);
        self.last = now;
        self.note(passed, due);
    }

    fn note(&mut self, passed: Duration, due: Duration) {
        self.seen += passed.min(due);
        self.was_paused |= passed > due + PAUSE;
    }

    pub(super) fn seen(&self) -> Duration {
        self.seen
    }

    pub(super) fn was_paused(&self) -> bool {
        self.was_paused
    }
}

/// Other clocks stand still while the machine is suspended.
fn since_boot() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_noticed_and_not_counted() {
        let (due, late) = (Duration::from_millis(100), Duration::from_millis(130));
        let mut watch = Watch::start();
        watch.note(late, due);
        watch.note(due / 2, due);
        assert_eq!((watch.seen(), watch.was_paused()), (due * 3 / 2, false));
        watch.note(Duration::from_secs(60), due);
        watch.note(due, due);
        assert_eq!((watch.seen(), watch.was_paused()), (due * 7 / 2, true));
    }
}
