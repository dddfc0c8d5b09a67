//! Whether two results were made under the same conditions, so that only the programs differ.

use crate::analysis::cell::Cell;
use crate::analysis::measured::Measured;
use crate::results::{Block, Header};
use crate::shown::shortened;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// A condition that differs between two results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    what: String,
    before: String,
    after: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} and {}", self.what, self.before, self.after)
    }
}

/// The parts of the environment that must be the same: the machine, its settings and the build.
/// `pi info --diff` shows everything that differs.
const ALIKE: &[(&str, &str)] = &[
    ("/machine/cpu", "CPU"),
    ("/machine/architecture", "architecture"),
    ("/machine/best_level", "best level"),
    ("/machine/smt", "SMT"),
    ("/machine/operating_system", "kernel"),
    ("/machine/virtualisation", "virtualisation"),
    ("/system/governors", "governor"),
    ("/system/boost", "boost"),
    ("/cpus/usable", "usable CPUs"),
    ("/build/target", "target"),
    ("/build/profile", "profile of the build"),
    ("/build/openmp_runtime", "OpenMP runtime"),
    ("/build/mpi_library", "MPI library"),
    ("/build/warnings", "warnings of the build"),
    ("/mpi_launcher", "MPI launcher"),
];

/// The environment variables that change how the runtimes behave, by name.
const VARIABLES: &str = "/system/variables";

/// The compilers of the build, with their flags.
const COMPILERS: &str = "/build/compilers";

/// The CPUs that the session could use. Batch systems give different CPUs of the same number each time.
const CPUS: &str = "/cpus/mask_at_start";

/// The load averages at the start of the session, the one over a minute first.
const LOAD: &str = "/system/load";

/// The largest difference between two loads that is not reported: half of a CPU, which an idle desktop
/// may need.
const LOADS_APART: f64 = 0.5;

/// The conditions that differ between two results, and that would look like a difference of the
/// programs.
pub fn differences(before: &Header, after: &Header) -> Vec<Difference> {
    let environment = ALIKE.iter().map(|&(pointer, what)| Difference {
        what: what.to_owned(),
        before: text(before, pointer),
        after: text(after, pointer),
    });
    let compilers = Difference {
        what: "compilers and flags".to_owned(),
        before: compilers(before, after),
        after: compilers(after, before),
    };
    let pinned =
        Difference { what: "pinning".to_owned(), before: pinning(before), after: pinning(after) };
    let all = environment.chain([compilers]).chain(variables(before, after)).chain([pinned]);
    all.filter(|difference| difference.before != difference.after).collect()
}

/// Differences that are reported and do not prevent a comparison: the load, the CPUs, the counts (they
/// follow from the speed and the budget), and the version of a runner (a changed program is what one
/// wants to compare).
pub fn notes(before: &Measured, after: &Measured, pairs: &[(&Cell, &Cell)]) -> Vec<Difference> {
    let (before, after) = (&before.header, &after.header);
    let load = |header: &Header| header.environment.pointer(LOAD)?.get(0)?.as_f64();
    let loads = load(before).zip(load(after));
    let loads = loads.filter(|(before, after)| (before - after).abs() > LOADS_APART);
    let load = loads.map(|(before, after)| Difference {
        what: "load at the start".to_owned(),
        before: before.to_string(),
        after: after.to_string(),
    });
    let cpus = Difference {
        what: "CPUs that could be used".to_owned(),
        before: text(before, CPUS),
        after: text(after, CPUS),
    };
    let cpus = Some(cpus).filter(|cpus| cpus.before != cpus.after);
    let counts = cells_differ("count", pairs, |block| crate::number::size(block.count));
    let versions = cells_differ("version", pairs, |block| block.version.clone());
    [load, cpus, counts, versions].into_iter().flatten().collect()
}

/// The warnings that the session printed at its start.
pub fn warnings(header: &Header) -> Vec<String> {
    let told = header.environment["warnings"].as_array().into_iter().flatten();
    told.filter_map(Value::as_str).map(shortened).collect()
}

fn text(header: &Header, pointer: &str) -> String {
    match header.environment.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) => "none".to_owned(),
        Some(value) => value.to_string(),
        None => "unknown".to_owned(),
    }
}

/// The compilers of a result. A further compiler of a language counts only if the other result has it too,
/// because otherwise its kernels are not compared.
fn compilers(header: &Header, other: &Header) -> String {
    let rows = |header: &Header| header.environment.pointer(COMPILERS)?.as_array().cloned();
    let (Some(own), Some(others)) = (rows(header), rows(other)) else {
        return text(header, COMPILERS);
    };
    let is_further = |row: &Value| row["kernel"].as_str().is_some_and(|name| name.contains('-'));
    let has = |row: &Value| others.iter().any(|other| other["kernel"] == row["kernel"]);
    let compared = own.into_iter().filter(|row| !is_further(row) || has(row)).map(|mut row| {
        // Older results have neither key.
        if let Some(keys) = row.as_object_mut() {
            keys.remove("kernel");
            keys.remove("name");
        }
        row
    });
    Value::Array(compared.collect()).to_string()
}

fn pinning(header: &Header) -> String {
    // Older results tell it by their command alone.
    let wished = || header.command.iter().all(|word| word != "--no-pin");
    if header.pinned.unwrap_or_else(wished) { "by pi" } else { "none" }.to_owned()
}

/// A difference for each variable that was set in at least one of the sessions.
fn variables(before: &Header, after: &Header) -> Vec<Difference> {
    let set = |header: &Header| header.environment.pointer(VARIABLES)?.as_object().cloned();
    let (Some(there), Some(here)) = (set(before), set(after)) else {
        // Variables that were not recorded may differ.
        let recorded = |header| if set(header).is_some() { "recorded" } else { "unknown" };
        return vec![Difference {
            what: "variables of the runtimes".to_owned(),
            before: recorded(before).to_owned(),
            after: recorded(after).to_owned(),
        }];
    };
    let value = |variables: &serde_json::Map<String, Value>, name: &str| {
        let value = variables.get(name);
        value.map_or("not set".to_owned(), |value| match value.as_str() {
            Some(text) => format!("'{}'", shortened(text)),
            None => shortened(&value.to_string()),
        })
    };
    let names: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    let difference = |name: &String| Difference {
        what: shortened(name),
        before: value(&there, name),
        after: value(&here, name),
    };
    names.into_iter().map(difference).collect()
}

/// The first pair of cells that differs in a property, and the number of further pairs.
fn cells_differ(
    what: &str,
    pairs: &[(&Cell, &Cell)],
    text: impl Fn(&Block) -> String,
) -> Option<Difference> {
    let mut unlike = pairs
        .iter()
        .map(|(before, after)| (&before.key, text(&before.block), text(&after.block)))
        .filter(|(_, before, after)| before != after);
    let (key, before, after) = unlike.next()?;
    let more = match unlike.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some(Difference { what: format!("{what} of {key}{more}"), before, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    #[test]
    fn what_must_be_alike_is_in_every_environment() {
        let here = serde_json::to_value(Environment::here(None, None)).unwrap();
        let others = [VARIABLES, COMPILERS, CPUS, LOAD];
        for pointer in ALIKE.iter().map(|(pointer, _)| *pointer).chain(others) {
            assert!(here.pointer(pointer).is_some(), "{pointer} is not in {here:#}");
        }
    }
}
