//! Chooses the cells of a suite that are measured, and the CPUs on which they run.

use crate::environment::cpus_in_order;
use crate::failure::CheckFailed;
use crate::launcher::Launcher;
use crate::number::counted;
use crate::process::{Unpinnable, ensure_pinnable};
use crate::results::Skipped;
use crate::runner_table::RunnerTable;
use crate::suite::filter::Filter;
use crate::suite::{Places, Suite, SuiteCell};
use anyhow::bail;
use libpi::Catalog;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// The cells of a suite that the patterns and numbers choose.
///
/// # Errors
/// If a pattern is not well-formed or matches nothing, or if no cell is left.
pub fn select(
    catalog: &Catalog,
    suite: &Suite,
    table: &RunnerTable,
    places: &Places,
    patterns: &[String],
) -> anyhow::Result<Vec<SuiteCell>> {
    let filters: Vec<Filter> =
        patterns.iter().map(|text| Filter::new(text)).collect::<anyhow::Result<_>>()?;
    let mut cells = suite.cells(catalog, table, places)?;
    let lists = format!("`pi bench {} --dry-run` lists its cells", suite.asked_for);
    if cells.is_empty() {
        bail!("suite {} has no cell for these --ranks and --threads: {lists}", suite.name);
    }
    let idle = filters
        .iter()
        .zip(patterns)
        .find(|(filter, _)| !cells.iter().any(|cell| filter.matches(&cell.name)));
    if let Some((_, text)) = idle {
        bail!(
            "none of the {} of suite {} matches '{text}': use another pattern, or other --ranks and \
             --threads; {lists}",
            counted(cells.len(), "cell"),
            suite.name
        );
    }
    cells.retain(|cell| filters.is_empty() || filters.iter().any(|f| f.matches(&cell.name)));
    Ok(cells)
}

/// The cells that can run here, and those that cannot.
pub struct Runnable {
    pub cells: Vec<SuiteCell>,
    /// The cells that cannot run, each with the reason.
    pub skipped: Vec<Skipped>,
    /// The versions of the runners that are used, by the runners' names.
    pub versions: BTreeMap<String, String>,
}

/// Separates the cells that can run here from those that cannot. `has_mpi` says whether this pi can
/// count on several ranks.
pub fn runnable(
    cells: Vec<SuiteCell>,
    launcher: &Launcher,
    has_mpi: bool,
    interrupted: &AtomicBool,
) -> Runnable {
    let mut availability: BTreeMap<_, Result<String, String>> = BTreeMap::new();
    let mut reason = |cell: &SuiteCell| {
        let command = cell.runner.version_command(&cell.name.kernel, &cell.name.driver);
        let runner = availability
            .entry((cell.runner.name.clone(), command.clone()))
            .or_insert_with(|| cell.runner.available(command.as_deref(), interrupted));
        let ranks = || cell.runner.without_ranks(has_mpi).or_else(|| launcher.missing());
        cell.missing
            .clone()
            .or_else(|| runner.as_ref().err().cloned())
            .or_else(|| (cell.name.ranks > 1).then(ranks).flatten())
    };
    let mut skipped = Vec::new();
    let mut rest = Vec::new();
    for cell in cells {
        match reason(&cell) {
            None => rest.push(cell),
            Some(reason) => {
                let row = Skipped { cell: cell.name.to_string(), runner: cell.runner.name, reason };
                // A cell with several batch sizes is listed once.
                if !skipped.contains(&row) {
                    skipped.push(row);
                }
            }
        }
    }
    let used = |name: &String| rest.iter().any(|cell| cell.runner.name == *name);
    let versions = availability.into_iter().filter(|((name, _), _)| used(name));
    let versions =
        versions.filter_map(|((name, _), version)| Some((name, version.ok()?))).collect();
    Runnable { cells: rest, skipped, versions }
}

/// The CPUs to which runners are pinned, in the order in which they are used. Returns none if the system
/// does not say which CPUs may be used.
///
/// # Errors
/// If the system refuses to pin.
pub fn cpus_to_pin_to(usable: u32) -> anyhow::Result<Option<Vec<usize>>> {
    let cpus = cpus_in_order(usable);
    if cpus.is_empty() {
        return Ok(None);
    }
    ensure_pinnable(&cpus.iter().copied().collect()).map_err(not_pinnable)?;
    Ok(Some(cpus))
}

/// The exit code for CPUs that cannot be pinned is 1, because the command line is correct.
pub fn not_pinnable(why: Unpinnable) -> CheckFailed {
    CheckFailed(why.to_string())
}
