//! How many CPUs may be used, and which: the affinity mask as it was before any runtime narrowed
//! it, the control groups' quotas, the batch system, and what the user asked for.
//!
//! An OpenMP runtime binds the initial thread to its first place when `OMP_PLACES` or
//! `OMP_PROC_BIND` is set, libgomp even before `main`; std threads and rayon would inherit that one
//! place. An executable that contains [`save_cpu_mask!`](crate::save_cpu_mask) keeps the mask it
//! was started with, and the workers of the drivers `threads` and `rayon` get it back. In a library
//! they get the CPUs of all the runtime's places, which are never more than the process had.

pub(crate) mod cgroup;
mod count;
mod mask;
mod source;
mod start;
pub(crate) mod workers;

pub use cgroup::throttled_periods;
pub use count::{CpuCount, System};
pub use mask::{CpuMask, cpu_list};
pub use source::{Role, Source};
pub use start::{mask_at_start, save_mask_at_start};
