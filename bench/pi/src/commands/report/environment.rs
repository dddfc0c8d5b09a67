//! The environment of a session: the machine, the system and the build.

use super::document::{Part, Table, name, prose};
use pi_harness::analysis::measured::Measured;
use pi_harness::results::Library;
use serde_json::Value;

/// The tables of the environment: first the facts that determine speed, then everything.
pub(super) fn environment(parts: &mut Vec<Part>, measured: &Measured) {
    let columns = || vec![name("what"), prose("value")];
    parts.push(Part::Table(Table {
        caption: "What decides speed; the flags are those of the CPU's best level".to_owned(),
        header: columns(),
        rows: essentials(measured),
    }));
    let mut rows = Vec::new();
    flatten(&mut rows, String::new(), &measured.header.environment);
    parts.push(Part::Table(Table {
        caption: "The whole environment, as `pi info` shows it".to_owned(),
        header: columns(),
        rows,
    }));
}

/// The facts that determine speed, and their places in the environment.
const ESSENTIALS: &[(&str, &str)] = &[
    ("CPU", "/machine/cpu"),
    ("usable CPUs", "/cpus/usable"),
    ("best level", "/machine/best_level"),
    ("system", "/machine/operating_system"),
    ("virtualisation", "/machine/virtualisation"),
    ("OpenMP", "/build/openmp_runtime"),
    ("MPI library", "/build/mpi_library"),
    ("MPI launcher", "/mpi_launcher"),
    ("revision", "/sources/built_revision"),
    ("warnings of the build", "/build/warnings"),
];

/// The machine, compilers, sources and runners, as far as the environment has them.
fn essentials(measured: &Measured) -> Vec<Vec<String>> {
    let environment = &measured.header.environment;
    let text = |pointer: &str| environment.pointer(pointer).map(scalar);
    let mut rows: Vec<Vec<String>> = ESSENTIALS
        .iter()
        .filter_map(|&(what, pointer)| Some(vec![what.to_owned(), text(pointer)?]))
        .collect();
    let level = environment.pointer("/machine/best_level");
    let compilers = environment.pointer("/build/compilers").and_then(Value::as_array);
    let compilers: Vec<&Value> = compilers.into_iter().flatten().collect();
    for compiler in &compilers {
        let flags = compiler["flags"].as_array().into_iter().flatten();
        let flags =
            flags.filter(|flags| Some(&flags["level"]) == level).map(|f| scalar(&f["flags"]));
        let told = std::iter::once(scalar(&compiler["version"])).chain(flags);
        let language = &compiler["language"];
        let of_it = compilers.iter().filter(|other| other["language"] == *language).count();
        let what = match of_it {
            1 => scalar(language),
            _ => format!("{} by {}", scalar(language), scalar(&compiler["name"])),
        };
        rows.push(vec![what, told.collect::<Vec<_>>().join("; ")]);
    }
    for (name, version) in &measured.header.runners {
        // A runner without a version command states its version in its blocks.
        let block = measured.cells.iter().map(|cell| &cell.block).find(|b| b.runner == *name);
        let told = block.filter(|_| version.is_empty()).map_or(version, |block| &block.version);
        rows.push(vec![format!("runner {name}"), told.clone()]);
    }
    rows.extend(measured.header.libraries.iter().map(library));
    rows
}

/// A kernel that was loaded from a shared library.
fn library(loaded: &Library) -> Vec<String> {
    let Library { generator, kernel, language, version, file, symbol, sha256 } = loaded;
    let version = if version.is_empty() { String::new() } else { format!(", {version}") };
    vec![
        format!("kernel {generator}/{kernel}"),
        format!("{language}{version}; {symbol} in {file}; SHA-256 {sha256}"),
    ]
}

/// An environment as rows of names and values.
fn flatten(rows: &mut Vec<Vec<String>>, name: String, value: &Value) {
    let under =
        |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name} · {key}") };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                flatten(rows, under(&key.replace('_', " ")), value);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            for (number, entry) in entries.iter().enumerate() {
                // An entry with a name is shown under its name, any other entry under its number.
                let called = ["kernel", "name", "language", "level"]
                    .into_iter()
                    .find_map(|key| Some((key, entry[key].as_str()?)));
                let (key, name) = called.unwrap_or_default();
                let name = if name.is_empty() { number.to_string() } else { name.to_owned() };
                let mut entry = entry.clone();
                if let Some(keys) = entry.as_object_mut() {
                    keys.remove(key);
                }
                flatten(rows, under(&name), &entry);
            }
        }
        other => rows.push(vec![name, scalar(other)]),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) if !entries.is_empty() => {
            entries.iter().map(scalar).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Array(_) => "-".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_harness::environment::Environment;

    #[test]
    fn what_decides_speed_is_in_every_environment() {
        let here = serde_json::to_value(Environment::here(None, None)).unwrap();
        for (_, pointer) in ESSENTIALS {
            assert!(here.pointer(pointer).is_some(), "{pointer} is not in {here:#}");
        }
    }
}
