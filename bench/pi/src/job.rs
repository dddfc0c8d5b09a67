//! A job: its ranks, the CPUs of each rank, and the workers on them.

pub(crate) mod placement;
pub(crate) mod ranks;
pub(crate) mod workers;
