//! What CPUs are busy with: processes tell what they used, the system when the CPUs were idle, and the
//! rest was taken by others.

use crate::results::ContextSwitches;
use libpi::cpus::CpuMask;
use std::fs;
use std::time::{Duration, Instant};

pub(super) fn cpu_seconds(usage: &libc::rusage) -> f64 {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

pub(super) fn context_switches(usage: &libc::rusage) -> ContextSwitches {
    ContextSwitches {
        voluntary: usage.ru_nvcsw.cast_unsigned(),
        involuntary: usage.ru_nivcsw.cast_unsigned(),
    }
}

/// CPU seconds and context switches of this process until now.
pub fn used_here() -> (f64, ContextSwitches) {
    // SAFETY: all bytes zero are a valid value of this plain struct, which the call fills.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    (cpu_seconds(&usage), context_switches(&usage))
}

/// How many of these CPUs others use, as a moment shows it; none where the system does not say.
pub fn cpus_of_others(cpus: &CpuMask, moment: Duration) -> Option<f64> {
    let busy = BusyTime::start(cpus)?;
    let begin = Instant::now();
    std::thread::sleep(moment);
    let share = busy.foreign_share(begin.elapsed().as_secs_f64(), 0.0)?;
    Some(share * f64::from(cpus.count()))
}

/// Time that some CPUs were not idle, from a moment on.
pub(super) struct BusyTime {
    cpus: CpuMask,
    idle: f64,
    own: f64,
}

impl BusyTime {
    pub(super) fn start(cpus: &CpuMask) -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        Some(Self { cpus: *cpus, idle: idle_seconds(&stat, cpus)?, own: used_here().0 })
    }

    /// What others took since, when a child has used so much. Time stolen from a virtual machine
    /// is among it.
    pub(super) fn foreign_share(&self, seconds: f64, child: f64) -> Option<f64> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let idle = idle_seconds(&stat, &self.cpus)? - self.idle;
        let own = used_here().0 - self.own;
        let all = seconds * f64::from(self.cpus.count());
        Some(((all - idle - own - child) / all).max(0.0))
    }
}

/// Seconds that these CPUs have been idle, or waited for a disk with nothing else to do. None if that
/// is not known: no CPUs are known, or a sandbox shows zeros instead of counting.
fn idle_seconds(stat: &str, cpus: &CpuMask) -> Option<f64> {
    // SAFETY: no memory is involved.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    if cpus.count() == 0 {
        return None;
    }
    let mut ticks = 0;
    for cpu in cpus.cpus() {
        let name = format!("cpu{cpu} ");
        let line = stat.lines().find_map(|line| line.strip_prefix(&name))?;
        let fields: Vec<u64> =
            line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        if fields.iter().all(|&field| field == 0) {
            return None;
        }
        ticks += fields.get(3)?.checked_add(*fields.get(4)?)?;
    }
    Some(ticks as f64 / per_second)
}

/// Whether a foreign share is too large. Idle time is told in ticks of a hundredth of a second, so
/// one at each end says nothing: of a short process less is seen, and below 20 ms nothing.
pub fn is_disturbed(foreign_share: f64, seconds: f64) -> bool {
    const MOST: f64 = 0.01;
    const TWO_TICKS: f64 = 0.02;
    foreign_share > MOST + TWO_TICKS / seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_that_of_the_cpus_asked_for() {
        let stat = "cpu  9 9 9 9 9\ncpu0 1 2 3 400 50 7\ncpu1 1 2 3 1000 0 7\ncpu10 1 1 1 9 9 9\n";
        let idle = |cpus: &[usize]| idle_seconds(stat, &cpus.iter().copied().collect());
        assert_eq!(idle(&[0]), Some(4.5));
        assert_eq!(idle(&[0, 1]), Some(14.5));
        assert_eq!(idle(&[2]), None);
        assert_eq!(idle(&[]), None);
    }

    #[test]
    fn of_counters_that_say_nothing_nothing_is_told() {
        let cpu: CpuMask = [0].into_iter().collect();
        for stat in
            ["", "cpu0 0 0 0 0 0 0 0 0 0 0\n", "cpu0 1 2 3\n", "cpu0 1 2 3 4\n", "cpu0 1 2 3 4 x\n"]
        {
            assert_eq!(idle_seconds(stat, &cpu), None, "{stat}");
        }
        assert!(BusyTime::start(&CpuMask::from_iter([])).is_none());
    }

    #[test]
    fn two_ticks_are_no_disturbance() {
        assert!(!is_disturbed(0.15, 0.1));
        assert!(is_disturbed(0.25, 0.1));
        assert!(!is_disturbed(0.010, 100.0));
        assert!(is_disturbed(0.012, 100.0));
    }
}
