//! `pi info`: how many CPUs may be used and which rule decided; how this build was made.

use crate::cli::Info;
use crate::list::Build;
use crate::output;
use libpi::Level;
use libpi::cpus::{CpuCount, CpuMask, Role, mask_at_start};
use serde::Serialize;
use std::fs;
use std::io::Write;

#[derive(Serialize)]
struct Information {
    version: &'static str,
    cpus: Cpus,
    machine: Machine,
    build: Build,
    openmp_runtimes_loaded: Vec<String>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Cpus {
    usable: u32,
    usable_by: &'static str,
    threads: u32,
    threads_by: &'static str,
    mask_at_start: String,
    mask_of_main_thread: String,
    sources: Vec<SourceRow>,
}

#[derive(Serialize)]
struct SourceRow {
    name: &'static str,
    role: &'static str,
    value: Option<f64>,
    detail: String,
}

#[derive(Serialize)]
struct Machine {
    cpu: String,
    architecture: &'static str,
    best_level: &'static str,
    operating_system: String,
}

pub(crate) fn run(options: &Info, out: &mut impl Write) -> anyhow::Result<()> {
    let count = CpuCount::of_this_process();
    let cpus = Cpus {
        usable: count.usable,
        usable_by: count.usable_by,
        threads: count.threads,
        threads_by: count.threads_by,
        mask_at_start: mask_at_start().to_string(),
        mask_of_main_thread: CpuMask::of_this_thread().to_string(),
        sources: count.sources.iter().map(row).collect(),
    };
    let best = Level::ALL.iter().rfind(|level| level.missing_features().is_empty());
    let machine = Machine {
        cpu: cpu_model().unwrap_or_else(|| "unknown".to_owned()),
        architecture: std::env::consts::ARCH,
        best_level: best.map_or("none", |level| level.name()),
        operating_system: operating_system(),
    };
    let openmp_runtimes_loaded = openmp_runtimes();
    let warnings = warnings(&cpus, &openmp_runtimes_loaded);
    let version = env!("CARGO_PKG_VERSION");
    let build = Build::here();
    let information =
        Information { version, cpus, machine, build, openmp_runtimes_loaded, warnings };
    if options.output.json { output::json(out, &information) } else { print(out, &information) }
}

fn row(source: &libpi::cpus::Source) -> SourceRow {
    let role = match source.role {
        Role::Limit => "limit",
        Role::Request => "request",
    };
    SourceRow { name: source.name, role, value: source.value, detail: source.detail.clone() }
}

fn warnings(cpus: &Cpus, runtimes: &[String]) -> Vec<String> {
    let Cpus { usable, threads, threads_by, mask_at_start, mask_of_main_thread, .. } = cpus;
    let mut warnings: Vec<String> =
        libpi::build_info::WARNINGS.iter().map(|&warning| warning.to_owned()).collect();
    if let Some(invalid) = &CpuCount::of_this_process().invalid {
        warnings.push(invalid.to_string());
    }
    if threads > usable {
        warnings.push(format!(
            "{threads} threads by {threads_by} on {usable} usable CPUs: they will take turns; \
             set it to {usable} or less"
        ));
    }
    if mask_at_start != mask_of_main_thread {
        warnings.push(format!(
            "the OpenMP runtime has narrowed the main thread from CPUs {mask_at_start} to \
             {mask_of_main_thread} (OMP_PLACES or OMP_PROC_BIND); std threads and rayon get \
             {mask_at_start} back"
        ));
    }
    if runtimes.len() > 1 {
        warnings.push(format!(
            "two OpenMP runtimes are loaded ({}): build C and Fortran with compilers of one kind",
            runtimes.join(", ")
        ));
    }
    warnings
}

/// The model's name, as Linux tells it.
fn cpu_model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn operating_system() -> String {
    let read = |file: &str| fs::read_to_string(format!("/proc/sys/kernel/{file}"));
    match (read("ostype"), read("osrelease")) {
        (Ok(name), Ok(release)) => format!("{} {}", name.trim(), release.trim()),
        _ => std::env::consts::OS.to_owned(),
    }
}

/// The OpenMP runtimes mapped into this process.
fn openmp_runtimes() -> Vec<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut runtimes: Vec<String> = maps
        .lines()
        .filter_map(|line| line.rsplit_once('/'))
        .map(|(_, file)| file.to_owned())
        .filter(|file| ["libgomp", "libomp", "libiomp"].iter().any(|name| file.starts_with(name)))
        .collect();
    runtimes.sort();
    runtimes.dedup();
    runtimes
}

fn print(out: &mut impl Write, information: &Information) -> anyhow::Result<()> {
    let Information { cpus, machine, build, warnings, .. } = information;
    writeln!(out, "Threads: {}, by {}", cpus.threads, cpus.threads_by)?;
    writeln!(out, "Usable CPUs: {}, by {}", cpus.usable, cpus.usable_by)?;
    let rows = cpus.sources.iter().map(|source| {
        let value = source.value.map_or("-".to_owned(), |value| value.to_string());
        vec![source.name.into(), source.role.into(), value, source.detail.clone()]
    });
    write!(out, "{}", output::table(&["source", "kind", "number", "detail"], rows))?;
    writeln!(
        out,
        "  The smallest limit gives the usable CPUs; the first request that is set, else the\n  \
         usable CPUs, gives the threads. --threads goes before all."
    )?;
    writeln!(out, "\nMachine: {}, {}", machine.cpu, machine.operating_system)?;
    writeln!(out, "  best level {} of {}", machine.best_level, machine.architecture)?;
    writeln!(out, "\nBuild: libpi {} ({})", information.version, build.profile())?;
    for line in build.lines() {
        writeln!(out, "  {line}")?;
    }
    for warning in warnings {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}
