//! How many CPUs may be used, and which. The sources are the affinity mask as it was before any
//! runtime narrowed it, the quotas of control groups, the batch system, and the user's requests.
//!
//! If `OMP_PLACES` or `OMP_PROC_BIND` is set, an OpenMP runtime binds the initial thread to its
//! first place; libgomp does so even before `main`. Threads of std and rayon would inherit that one
//! place. An executable that contains [`save_cpu_mask!`](crate::save_cpu_mask) saves the mask with
//! which it was started, and the threads of the drivers `threads` and `rayon` get that mask. In a
//! library these threads get the CPUs of all places of the runtime, which are never more than the
//! process had.

pub(crate) mod cgroup;
mod count;
mod mask;
mod source;
mod start;
mod threads;
mod topology;
pub(crate) mod workers;

pub use cgroup::throttled_periods;
pub use count::{CpuCount, NOTHING_KNOWN, System};
pub use mask::{CpuMask, cpu_list};
pub use source::{Role, Source};
pub use start::{mask_at_start, save_mask_at_start};
pub use threads::{default_threads, default_threads_rule, set_default_threads};
pub use topology::{by_core, place_in_core};
