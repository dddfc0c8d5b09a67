//! Which CPUs may be used, and which rule decided.

use libpi::cpus::{CpuCount, CpuMask, Role, by_core, mask_at_start};
use serde::Serialize;

/// Which CPUs may be used, and which rule decided.
#[derive(Debug, Serialize)]
pub struct Cpus {
    pub usable: u32,
    pub usable_by: &'static str,
    pub threads: u32,
    pub threads_by: &'static str,
    pub mask_at_start: String,
    pub mask_of_main_thread: String,
    pub sources: Vec<SourceRow>,
}

#[derive(Debug, Serialize)]
pub struct SourceRow {
    pub name: &'static str,
    pub role: &'static str,
    pub value: Option<f64>,
    pub detail: String,
}

impl Cpus {
    pub(super) fn of(count: &CpuCount) -> Self {
        let row = |source: &libpi::cpus::Source| SourceRow {
            name: source.name,
            role: match source.role {
                Role::Limit => "limit",
                Role::Request => "request",
            },
            value: source.value,
            detail: source.detail.clone(),
        };
        Self {
            usable: count.usable,
            usable_by: count.usable_by,
            threads: count.threads,
            threads_by: count.threads_by,
            mask_at_start: mask_at_start().to_string(),
            mask_of_main_thread: CpuMask::of_this_thread().to_string(),
            sources: count.sources.iter().map(row).collect(),
        }
    }
}

/// The CPUs that may be used, at most so many, in the order in which workers get them: one of every
/// core before the second of any.
pub fn cpus_in_order(most: u32) -> Vec<usize> {
    let mut cpus = by_core(&mask_at_start());
    cpus.truncate(most as usize);
    cpus
}
