//! `pi info`: the number of usable CPUs and the rule that decided, the machine, how this build was made,
//! and what would spoil a measurement; or what differs between two results.

use crate::job::ranks::Ranks;
use crate::options::Output;
use crate::output::{self, command_line};
use crate::table::{fixed, name, prose, table, width};
use clap::Args;
use libpi::cpus::NOTHING_KNOWN;
use pi_harness::environment::Environment;
use pi_harness::failure::CheckFailed;
use pi_harness::launcher::Launcher;
use pi_harness::results::{Header, Results};
use pi_harness::shown::readable;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Info {
    /// Show what differs between the environments of two results
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    diff: Option<Vec<PathBuf>>,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  pi info                                 CPUs, machine, build, and warnings
  pi info --json | jq .cpus.threads
  OMP_NUM_THREADS=2 pi info               which rule decides with this variable
  pi info --diff before.jsonl after.jsonl
                                          why two results may differ";

pub(crate) fn run(options: &Info, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(files) = &options.diff {
        return diff(files, options, out);
    }
    let launcher = Launcher::find(None, &AtomicBool::new(false));
    let environment = Environment::here(launcher.version, Ranks::library());
    if !options.output.json {
        return print(out, &environment);
    }
    let command = std::env::args_os().map(readable).collect();
    output::json(out, &Answer { environment, command })
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    environment: Environment,
    command: Vec<String>,
}

fn print(out: &mut impl Write, environment: &Environment) -> anyhow::Result<()> {
    let Environment { cpus, machine, system, build, sources, mpi_launcher, warnings, .. } =
        environment;
    output::line(out, format_args!("Threads: {}, {}", cpus.threads, decided(cpus.threads_by)))?;
    output::line(out, format_args!("Usable CPUs: {}, {}", cpus.usable, decided(cpus.usable_by)))?;
    let rows = cpus.sources.iter().map(|source| {
        let value = source.value.map_or("-".to_owned(), |value| value.to_string());
        vec![source.name.into(), source.role.into(), value, source.detail.clone()]
    });
    let columns = [name("source"), fixed("kind"), fixed("number"), prose("detail")];
    write!(out, "{}", table(width(stdout()), columns, rows))?;
    writeln!(
        out,
        "  The smallest limit is the number of usable CPUs. The first request that is set is the\n  \
         number of threads; without one it is the usable CPUs. --threads overrides all."
    )?;
    writeln!(out)?;
    output::line(out, format_args!("Machine: {}, {}", machine.cpu, machine.operating_system))?;
    let cap = machine.level_cap.map_or("", |_| ", capped by LIBPI_LEVEL");
    output::line(
        out,
        format_args!("  best level {} of {}{cap}", machine.best_level, machine.architecture),
    )?;
    let unknown = || "unknown".to_owned();
    let smt = machine.smt.clone().unwrap_or_else(unknown);
    let online = Some(machine.cpus_online.clone()).filter(|cpus| !cpus.is_empty());
    let online = online.unwrap_or_else(unknown);
    output::line(out, format_args!("  CPUs online {online}, SMT {smt}"))?;
    for cache in &machine.caches {
        let pi_harness::environment::Cache { level, kind, size, shared_by_cpus } = cache;
        output::line(
            out,
            format_args!("  cache L{level} {size}, {kind}, shared by CPUs {shared_by_cpus}"),
        )?;
    }
    let memory = machine.memory_bytes.map(|b| format!("{:.1} GiB", b as f64 / (1u64 << 30) as f64));
    output::line(out, format_args!("  memory {}", memory.unwrap_or_else(unknown)))?;
    for kind in &machine.virtualisation {
        output::line(out, format_args!("  {kind}"))?;
    }
    let governors = match &system.governors[..] {
        [] => unknown(),
        governors => governors.join(", "),
    };
    let boost = system.boost.map_or_else(unknown, |b| if b { "on" } else { "off" }.to_owned());
    let load = match &system.load[..] {
        [] => unknown(),
        averages => averages.iter().map(f64::to_string).collect::<Vec<_>>().join(" "),
    };
    let busy = system.cpus_of_others.map_or_else(unknown, |cpus| format!("{cpus:.1}"));
    output::line(out, format_args!("  governor {governors}, boost {boost}"))?;
    output::line(out, format_args!("  load {load}, CPUs used by others now {busy}"))?;
    writeln!(out)?;
    output::line(out, format_args!("Build: libpi {} ({})", environment.version, build.profile))?;
    let dirty = if sources.built_dirty { ", with changes" } else { "" };
    let revision = format!("{}{dirty}", sources.built_revision.unwrap_or("unknown"));
    let launcher = mpi_launcher.as_deref().unwrap_or("none");
    for line in build.lines(&[("mpiexec", launcher), ("sources", &revision)]) {
        output::line(out, format_args!("  {line}"))?;
    }
    for warning in warnings {
        output::line(out, format_args!("warning: {warning}"))?;
    }
    Ok(())
}

/// What decided a number, in words.
fn decided(by: &str) -> String {
    match by {
        NOTHING_KNOWN => "since the system does not say how many CPUs may be used".to_owned(),
        source => format!("by {source}"),
    }
}

/// A value that differs between two results, as `--json` prints it.
#[derive(Serialize)]
struct Difference {
    what: String,
    a: Option<Value>,
    b: Option<Value>,
}

fn diff(files: &[PathBuf], options: &Info, out: &mut impl Write) -> anyhow::Result<()> {
    let results: Vec<Results> =
        files.iter().map(|file| Results::read(file)).collect::<anyhow::Result<_>>()?;
    let [a, b] = [&results[0].header, &results[1].header];
    let differences = differences(a, b);
    if options.output.json {
        output::json(out, &differences)?;
    } else {
        print_differences(out, &differences)?;
    }
    match results.iter().flat_map(|results| &results.problems).next() {
        None => Ok(()),
        Some(problem) => Err(CheckFailed(format!("{problem}; pi used only the rest")).into()),
    }
}

fn print_differences(out: &mut impl Write, differences: &[Difference]) -> anyhow::Result<()> {
    let text = |value: &Option<Value>| match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    for Difference { what, a, b } in differences {
        output::line(out, what)?;
        output::line(out, format_args!("  A  {}", text(a)))?;
        output::line(out, format_args!("  B  {}", text(b)))?;
    }
    if differences.is_empty() {
        output::line(out, format_args!("the environments are the same"))?;
    }
    Ok(())
}

/// Collects all single values of a JSON value by their paths: `cpus.usable`, `warnings[0]`.
fn flatten(way: &str, value: &Value, values: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let dot = if way.is_empty() { "" } else { "." };
                flatten(&format!("{way}{dot}{key}"), value, values);
            }
        }
        Value::Array(array) => {
            for (number, value) in array.iter().enumerate() {
                flatten(&format!("{way}[{number}]"), value, values);
            }
        }
        end => {
            values.insert(way.to_owned(), end.clone());
        }
    }
}

/// The differences between two environments. The commands nearly always differ, so they come last, each
/// on one line.
fn differences(a: &Header, b: &Header) -> Vec<Difference> {
    let values = |header: &Header| {
        let mut environment = header.environment.clone();
        if let Some(environment) = environment.as_object_mut() {
            // Older results have the command here, too.
            environment.remove("command");
        }
        let mut values = BTreeMap::new();
        flatten("", &environment, &mut values);
        values
    };
    let (in_a, in_b) = (values(a), values(b));
    let ways: BTreeSet<&String> = in_a.keys().chain(in_b.keys()).collect();
    let environment = ways.into_iter().map(|way| Difference {
        what: way.clone(),
        a: in_a.get(way).cloned(),
        b: in_b.get(way).cloned(),
    });
    let command = |header: &Header| Some(command_line(&header.command).into());
    let commands = Difference { what: "command".to_owned(), a: command(a), b: command(b) };
    environment.chain([commands]).filter(|difference| difference.a != difference.b).collect()
}
