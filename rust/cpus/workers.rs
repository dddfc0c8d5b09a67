//! The CPUs of the workers, where an OpenMP runtime has bound the thread that starts them.

use crate::cpus::mask::CpuMask;
use crate::cpus::start::AT_START;
#[cfg(built_openmp_c)]
use std::sync::OnceLock;

/// The CPUs that workers shall get, if a runtime has bound the calling thread to one of its places:
/// those the process was started on, or else those of all places. A mask that somebody else has set
/// is the workers' too.
pub(crate) fn mask_for_workers() -> Option<CpuMask> {
    let places = places();
    if places.is_empty() {
        return None;
    }
    let own = CpuMask::of_this_thread();
    if !places.contains(&own) {
        return None;
    }
    let all = || places.iter().flat_map(CpuMask::cpus).collect();
    let start = AT_START.get().copied().unwrap_or_else(all);
    (start != own).then_some(start)
}

/// Moves the calling worker to the CPUs that [`mask_for_workers`] found, if any.
pub(crate) fn enter(mask: Option<CpuMask>) {
    if let Some(mask) = mask {
        // Where the system refuses, the worker runs on the CPUs it has: slower, not wrong.
        let _ = mask.apply_to_this_thread();
    }
}

/// Runs an OpenMP region. A runtime that binds threads binds the calling one as well, when it starts
/// its first region: the thread gets its mask back.
#[cfg(built_openmp_c)]
pub(crate) fn keeping_mask<T>(region: impl FnOnce() -> T) -> T {
    if places().is_empty() { region() } else { restoring_mask(region) }
}

#[cfg(built_openmp_c)]
fn restoring_mask<T>(body: impl FnOnce() -> T) -> T {
    let mask = CpuMask::of_this_thread();
    let result = body();
    if mask != CpuMask::of_this_thread() {
        enter(Some(mask));
    }
    result
}

/// The CPUs of each place of the OpenMP runtime; none if it binds no threads. Read once.
#[cfg(built_openmp_c)]
fn places() -> &'static [CpuMask] {
    use libc::c_int;
    unsafe extern "C" {
        safe fn omp_get_num_places() -> c_int;
        safe fn omp_get_place_num_procs(place: c_int) -> c_int;
        fn omp_get_place_proc_ids(place: c_int, ids: *mut c_int);
    }
    static PLACES: OnceLock<Vec<CpuMask>> = OnceLock::new();
    let read = |place| {
        let procs = usize::try_from(omp_get_place_num_procs(place)).unwrap_or(0);
        let mut ids: Vec<c_int> = vec![0; procs];
        // SAFETY: the runtime writes as many numbers as it has just said.
        unsafe { omp_get_place_proc_ids(place, ids.as_mut_ptr()) };
        ids.into_iter().filter_map(|id| usize::try_from(id).ok()).collect()
    };
    // The first question may make a runtime start, and bind its caller.
    PLACES.get_or_init(|| restoring_mask(|| (0..omp_get_num_places()).map(read).collect()))
}

#[cfg(not(built_openmp_c))]
fn places() -> &'static [CpuMask] {
    &[]
}
