//! The time that other processes take of some CPUs: the total time, minus the time that the measured
//! processes used, minus the idle time that the system counts.

use crate::results::ContextSwitches;
use libpi::cpus::CpuMask;
use nix::sys::resource::{UsageWho, getrusage};
use rustix::param::clock_ticks_per_second;
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

/// The CPU seconds and context switches of this process so far.
pub fn used_here() -> (f64, ContextSwitches) {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the system knows what this process used");
    (cpu_seconds(usage.as_ref()), context_switches(usage.as_ref()))
}

/// The number of these CPUs that other processes use, measured over `moment`. None if the system does not
/// say.
pub fn cpus_of_others(cpus: &CpuMask, moment: Duration) -> Option<f64> {
    let busy = BusyTime::start(cpus)?;
    let begin = Instant::now();
    std::thread::sleep(moment);
    let share = busy.foreign_share(begin.elapsed().as_secs_f64(), 0.0)?;
    Some(share * f64::from(cpus.count()))
}

/// The busy time of some CPUs from a starting point on.
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

    /// The share of the CPUs' time that other processes took since the start, including time stolen from
    /// a virtual machine. `seconds` have passed, and a child has used `child` CPU seconds.
    pub(super) fn foreign_share(&self, seconds: f64, child: f64) -> Option<f64> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let idle = idle_seconds(&stat, &self.cpus)? - self.idle;
        let own = used_here().0 - self.own;
        let all = seconds * f64::from(self.cpus.count());
        Some(((all - idle - own - child) / all).max(0.0))
    }
}

/// The seconds that these CPUs have been idle, including idle time spent waiting for a disk. None if it
/// is unknown: there are no CPUs, or a sandbox shows zeros instead of counters.
fn idle_seconds(stat: &str, cpus: &CpuMask) -> Option<f64> {
    let per_second = clock_ticks_per_second() as f64;
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

/// Whether the share of other processes is too large. The system counts idle time in ticks of 10 ms, and
/// may be wrong by one tick at each end. So the limit is 1% plus two ticks: it is higher for short
/// processes, and no share reaches it below 20 ms.
pub fn is_disturbed(foreign_share: f64, seconds: f64) -> bool {
    const MOST: f64 = 0.01;
    const TWO_TICKS: f64 = 0.02;
    foreign_share > MOST + TWO_TICKS / seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_added_up_over_the_given_cpus() {
        let stat = "cpu  9 9 9 9 9\ncpu0 1 2 3 400 50 7\ncpu1 1 2 3 1000 0 7\ncpu10 1 1 1 9 9 9\n";
        let idle = |cpus: &[usize]| idle_seconds(stat, &cpus.iter().copied().collect());
        assert_eq!(idle(&[0]), Some(4.5));
        assert_eq!(idle(&[0, 1]), Some(14.5));
        assert_eq!(idle(&[2]), None);
        assert_eq!(idle(&[]), None);
    }

    #[test]
    fn idle_time_is_unknown_without_counters() {
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
