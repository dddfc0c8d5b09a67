//! Children on chosen CPUs: they inherit those of the thread that starts them.

use libpi::cpus::CpuMask;
use std::fmt;
use std::io;
use std::sync::OnceLock;

/// Why nothing can be started on some CPUs.
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
                "the system does not let this process choose CPUs {cpus} for the runners \
                 (sched_setaffinity: {why}); in some containers that is forbidden: leave the placing \
                 to the system with --no-pin"
            ),
            Self::Gone { gone, left } => write!(
                f,
                "CPUs {gone} were taken from this process since it began, and {left} are left: begin \
                 again on those that stay, or leave the placing to the system with --no-pin"
            ),
        }
    }
}

impl std::error::Error for Unpinnable {}

/// Whether this thread may start children on these CPUs.
///
/// # Errors
/// Why not.
pub fn ensure_pinnable(cpus: &CpuMask) -> Result<(), Unpinnable> {
    on_cpus(cpus, || ())
}

/// Does something while this thread has these CPUs and no others.
pub(super) fn on_cpus<T>(cpus: &CpuMask, work: impl FnOnce() -> T) -> Result<T, Unpinnable> {
    static AT_FIRST: OnceLock<CpuMask> = OnceLock::new();
    let own = CpuMask::of_this_thread();
    nothing_gone(AT_FIRST.get_or_init(|| own), &own)?;
    let refused = |why| Unpinnable::Refused { cpus: cpus.to_string(), why };
    cpus.apply_to_this_thread().map_err(refused)?;
    // A control group that has fewer CPUs leaves those that it has, and says nothing.
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
    fn work_is_done_on_the_cpus_and_the_thread_gets_its_own_back() {
        let own = CpuMask::of_this_thread();
        let last: CpuMask = own.cpus().last().into_iter().collect();
        assert_eq!(on_cpus(&last, CpuMask::of_this_thread).unwrap(), last);
        assert_eq!(CpuMask::of_this_thread(), own);
    }

    #[test]
    fn what_is_refused_or_gone_is_said_with_its_remedy() {
        let nowhere: CpuMask = [8191].into_iter().collect();
        let refusal = ensure_pinnable(&nowhere).unwrap_err().to_string();
        assert!(refusal.contains("CPUs 8191") && refusal.contains("--no-pin"), "{refusal}");
        let [before, now] = [vec![0, 1, 2, 3], vec![1, 4]].map(CpuMask::from_iter);
        let loss = nothing_gone(&before, &now).unwrap_err().to_string();
        assert!(loss.contains("CPUs 0,2-3 were taken") && loss.contains("1,4 are left"), "{loss}");
        assert!(nothing_gone(&now, &now).is_ok());
    }
}
