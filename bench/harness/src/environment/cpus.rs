//! The CPUs that may be used, and the rule that decided.

use libpi::cpus::{CpuCount, CpuMask, Role, by_core, mask_at_start};
use serde::Serialize;

/// The CPUs that may be used, and the rule that decided.
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

/// At most `most` of the CPUs that may be used, in the order in which workers get them: first one CPU of
/// every core, then the second CPU of every core.
pub fn cpus_in_order(most: u32) -> Vec<usize> {
    let mut cpus = by_core(&mask_at_start());
    cpus.truncate(most as usize);
    cpus
}
