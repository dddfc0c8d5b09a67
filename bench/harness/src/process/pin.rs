//! Starts children on chosen CPUs. A child inherits the affinity mask of the thread that starts it.

use libpi::cpus::CpuMask;
use std::fmt;
use std::io;
use std::sync::OnceLock;

/// Why no process can be started on some CPUs.
#[derive(Debug)]
pub enum Unpinnable {
    Refused { cpus: String, why: io::Error },
    Gone { gone: String, left: String },
}

impl fmt::Display for Unpinnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { cpus, why } => write!(
                f,
                "the system does not let this process pin runners to CPUs {cpus} (sched_setaffinity: \
                 {why}), which some containers forbid: use --no-pin"
            ),
            Self::Gone { gone, left } => write!(
                f,
                "CPUs {gone} were taken from this process since it began, and {left} are left: start \
                 again, or use --no-pin"
            ),
        }
    }
}

impl std::error::Error for Unpinnable {}

/// Checks that this thread may start children on these CPUs.
///
/// # Errors
/// If it may not.
pub fn ensure_pinnable(cpus: &CpuMask) -> Result<(), Unpinnable> {
    on_cpus(cpus, || ())
}

/// Calls `work` while this thread is pinned to these CPUs.
pub(super) fn on_cpus<T>(cpus: &CpuMask, work: impl FnOnce() -> T) -> Result<T, Unpinnable> {
    static AT_FIRST: OnceLock<CpuMask> = OnceLock::new();
    let own = CpuMask::of_this_thread();
    nothing_gone(AT_FIRST.get_or_init(|| own), &own)?;
    let refused = |why| Unpinnable::Refused { cpus: cpus.to_string(), why };
    cpus.apply_to_this_thread().map_err(refused)?;
    // If the control group has fewer CPUs, the system silently drops the others.
    let given = CpuMask::of_this_thread();
    let done = nothing_gone(cpus, &given).map(|()| work());
    own.apply_to_this_thread().map_err(refused)?;
    done
}

fn nothing_gone(before: &CpuMask, now: &CpuMask) -> Result<(), Unpinnable> {
    let gone: CpuMask = before.cpus().filter(|&cpu| now.cpus().all(|left| left != cpu)).collect();
    if gone.count() == 0 {
        return Ok(());
    }
    Err(Unpinnable::Gone { gone: gone.to_string(), left: now.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_on_the_cpus_and_the_thread_gets_its_mask_back() {
        let own = CpuMask::of_this_thread();
        let last: CpuMask = own.cpus().last().into_iter().collect();
        assert_eq!(on_cpus(&last, CpuMask::of_this_thread).unwrap(), last);
        assert_eq!(CpuMask::of_this_thread(), own);
    }

    #[test]
    fn refused_and_lost_cpus_are_named_with_a_remedy() {
        let nowhere: CpuMask = [8191].into_iter().collect();
        let refusal = ensure_pinnable(&nowhere).unwrap_err().to_string();
        assert!(refusal.contains("CPUs 8191") && refusal.contains("--no-pin"), "{refusal}");
        let [before, now] = [vec![0, 1, 2, 3], vec![1, 4]].map(CpuMask::from_iter);
        let loss = nothing_gone(&before, &now).unwrap_err().to_string();
        assert!(loss.contains("CPUs 0,2-3 were taken") && loss.contains("1,4 are left"), "{loss}");
        assert!(nothing_gone(&now, &now).is_ok());
    }
}
