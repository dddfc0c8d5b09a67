//! Stands in for `count.rs` where the machine code is not that of x86-64.

use crate::Stop;
use crate::flow::Flow;
use crate::image::Image;
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::process::Command;

/// What a run found; `count.rs` explains it.
pub(crate) enum Outcome {
    Counted(BTreeMap<u64, u64>),
    Jumps(Vec<u64>),
    TooMany,
}

/// Refuses.
pub(crate) fn executions(
    _: Command,
    _: Option<Stop>,
    _: &Image,
    _: u64,
    _: &Flow,
) -> Result<Outcome> {
    bail!(
        "the audit counts instructions of x86-64 only, and this CPU is {}",
        std::env::consts::ARCH
    )
}
