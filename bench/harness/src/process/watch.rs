//! A clock that notices when this process was paused.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// If a look at the clock comes this much too late, this process was stopped or the machine suspended. A
/// busy machine alone does not delay it that long.
const PAUSE: Duration = Duration::from_secs(1);

/// The time that passed while this process was running.
pub(super) struct Watch {
    last: Duration,
    seen: Duration,
    was_paused: bool,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self { last: since_boot(), seen: Duration::ZERO, was_paused: false }
    }

    /// Looks at the clock. The look was due at most `due` after the last one. Any further time does not
    /// count, so that a pause does not use up the time limit of a child.
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

/// The time since the machine started. Other clocks stop while the machine is suspended.
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
