//! The CPUs of the worker threads when an OpenMP runtime has bound the thread that starts them.

use crate::cpus::mask::CpuMask;
use crate::cpus::start::AT_START;
#[cfg(built_openmp_c)]
use crate::fork::remember;
#[cfg(built_openmp_c)]
use std::sync::OnceLock;

/// The mask for worker threads, if an OpenMP runtime has bound the calling thread to one of its
/// places. It is the mask with which the process was started or, if that was not saved, the CPUs of
/// all places. In every other case this is none, and the workers inherit the caller's mask.
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

/// Moves the calling worker thread to the CPUs that [`mask_for_workers`] returned, if any.
pub(crate) fn enter(mask: Option<CpuMask>) {
    if let Some(mask) = mask {
        // If the system refuses, the worker keeps its mask: it may be slower, but it is not wrong.
        let _ = mask.apply_to_this_thread();
    }
}

/// Runs an OpenMP region and restores the calling thread's mask after it. A runtime that binds
/// threads also binds the calling thread when it starts its first region.
#[cfg(built_openmp_c)]
pub(crate) fn keeping_mask<T>(region: impl FnOnce() -> T) -> T {
    if binds_threads() { restoring_mask(region) } else { region() }
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

/// Whether the OpenMP runtime binds threads to places.
#[cfg(built_openmp_c)]
pub(crate) fn binds_threads() -> bool {
    !places().is_empty()
}

/// The CPUs of each place of the OpenMP runtime; empty if the runtime binds no threads. This is
/// read once.
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
        // SAFETY: the runtime writes `procs` numbers, as it has just reported.
        unsafe { omp_get_place_proc_ids(place, ids.as_mut_ptr()) };
        ids.into_iter().filter_map(|id| usize::try_from(id).ok()).collect()
    };
    // The first of these calls may start the runtime, which then binds the calling thread.
    let all = || restoring_mask(|| (0..omp_get_num_places()).map(read).collect());
    remember::<Vec<CpuMask>>(&PLACES, all)
}

#[cfg(not(built_openmp_c))]
fn places() -> &'static [CpuMask] {
    &[]
}
