//! What a session needs for the bounds of its kernels: their audits, and micro-kernels that measure the core
//! on which they run.

use crate::output;
use crate::subject::Subject;
use libpi::{Catalog, split_level};
use pi_audit::Running;
use pi_harness::analysis::bound::parts;
use pi_harness::loaded::Loads;
use pi_harness::results::Audited;
use pi_harness::runner_table::RunnerTable;
use pi_harness::suite::SuiteCell;
use pi_peak::Micro;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// Audits the kernels of the cells on one worker, and the other kernels of their generators and levels: one
/// of these may be the leanest. Warns if a kernel of a cell cannot be audited.
pub(super) fn audits(
    catalog: &Catalog,
    loads: &Loads,
    runners: &RunnerTable,
    cells: &[SuiteCell],
    interrupted: &AtomicBool,
) -> Vec<Audited> {
    let able = |cell: &&SuiteCell| cell.missing.is_none() && cell.workers() == 1;
    let names = || cells.iter().filter(able).map(|cell| &cell.name);
    let is_measured = |subject: &Subject| {
        names().any(|name| {
            (&name.generator, &name.kernel) == (&subject.cell.generator, &subject.cell.kernel)
        })
    };
    let is_rival = |subject: &Subject| {
        let own = subject.level();
        own.is_some()
            && subject.can_run()
            && names().any(|name| {
                name.generator == subject.cell.generator && split_level(&name.kernel).1 == own
            })
    };
    let subjects = Subject::all(catalog, loads, runners);
    let subjects = subjects.iter().filter(|subject| is_measured(subject) || is_rival(subject));
    let running = match Running::open() {
        Ok(running) => running,
        Err(why) => {
            output::warn(&[format!("the results have no bounds: {why:#}")]);
            return Vec::new();
        }
    };
    let mut audits = Vec::new();
    let mut failed: Option<String> = None;
    for subject in subjects {
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
        match subject.audited(&running) {
            Ok(audited) => audits.push(audited),
            Err(why) if is_measured(subject) && subject.can_run() => {
                failed.get_or_insert_with(|| format!("{}: {why:#}", subject.name()));
            }
            Err(_) => {}
        }
    }
    if let Some(why) = failed {
        output::warn(&[format!("not every kernel has a bound: {why}")]);
    }
    audits
}

/// The micro-kernels of this CPU that measure what these kernels need.
pub(super) fn micro_kernels(audits: &[Audited]) -> BTreeSet<&'static str> {
    let here = || Micro::all().filter(|micro| Micro::find(micro.name).is_ok());
    // A handful of instructions of another width does not limit a kernel.
    let counts = |name: &str| {
        audits.iter().any(|audit| {
            let all = audit.work.get("instructions").copied().unwrap_or(0.0);
            audit.work.get(name).is_some_and(|times| *times > 0.02 * all)
        })
    };
    let width = |name: &str| parts(name).map(|(_, width)| width);
    let widths: BTreeSet<Option<u32>> =
        here().filter(|micro| counts(micro.name)).map(|micro| width(micro.name)).collect();
    let is_mix = |name: &str| name.starts_with("slots-") || name.starts_with("instructions-");
    here()
        .map(|micro| micro.name)
        .filter(|name| widths.contains(&width(name)) && (counts(name) || is_mix(name)))
        .collect()
}
