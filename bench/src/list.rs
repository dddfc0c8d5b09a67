//! `pi list`: what this build holds and can run here, and for the rest, why not.

use crate::cli::List;
use crate::output;
use crate::ranks::Ranks;
use libpi::build_info::{COMPILERS, OPENMP_RUNTIME, PROFILE, TARGET, WARNINGS};
use libpi::{Catalog, Generator, Level};
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Listing {
    version: &'static str,
    generators: Vec<GeneratorRow>,
    kernels: Vec<KernelRow>,
    drivers: Vec<DriverRow>,
    levels: Vec<LevelRow>,
    build: Build,
}

#[derive(Serialize)]
struct GeneratorRow {
    name: &'static str,
    description: &'static str,
    exact: bool,
    default_seed: u64,
    seed_rule: &'static str,
}

#[derive(Serialize)]
struct KernelRow {
    generator: &'static str,
    name: &'static str,
    level: &'static str,
    exact: bool,
    missing: Option<String>,
}

#[derive(Serialize)]
struct DriverRow {
    name: &'static str,
    description: &'static str,
    missing: Option<String>,
}

#[derive(Serialize)]
struct LevelRow {
    name: &'static str,
    missing_features: Vec<&'static str>,
    missing: Option<String>,
}

/// How this build was made.
#[derive(Debug, Serialize)]
pub(crate) struct Build {
    target: &'static str,
    profile: &'static str,
    openmp_runtime: Option<&'static str>,
    mpi_library: Option<String>,
    compilers: Vec<CompilerRow>,
    warnings: &'static [&'static str],
}

#[derive(Debug, Serialize)]
struct CompilerRow {
    language: &'static str,
    command: String,
    version: &'static str,
    flags: Vec<FlagsRow>,
}

#[derive(Debug, Serialize)]
struct FlagsRow {
    level: &'static str,
    flags: &'static str,
}

impl Build {
    pub(crate) fn here() -> Self {
        let compilers = COMPILERS.iter().map(|compiler| CompilerRow {
            language: compiler.language,
            command: compiler.command.join(" "),
            version: compiler.version,
            flags: compiler
                .flags
                .iter()
                .zip(Level::ALL)
                .map(|(&(_, flags), level)| FlagsRow { level: level.name(), flags })
                .collect(),
        });
        Self {
            target: TARGET,
            profile: PROFILE,
            openmp_runtime: OPENMP_RUNTIME,
            mpi_library: Ranks::library(),
            compilers: compilers.collect(),
            warnings: WARNINGS,
        }
    }

    pub(crate) fn profile(&self) -> &'static str {
        self.profile
    }

    /// A line for each compiler.
    pub(crate) fn lines(&self) -> Vec<String> {
        let compilers = self.compilers.iter().map(|c| format!("{:<8} {}", c.language, c.version));
        let openmp = format!("OpenMP   {}", self.openmp_runtime.unwrap_or("none"));
        let mpi = format!("MPI      {}", self.mpi_library.as_deref().unwrap_or("none"));
        compilers.chain([openmp, mpi]).collect()
    }
}

pub(crate) fn run(catalog: &Catalog, options: &List, out: &mut impl Write) -> anyhow::Result<()> {
    let listing = Listing {
        version: env!("CARGO_PKG_VERSION"),
        generators: Generator::ALL
            .map(|g| GeneratorRow {
                name: g.name(),
                description: g.description(),
                exact: g.is_exact(),
                default_seed: g.default_seed(),
                seed_rule: g.seed_rule(),
            })
            .into(),
        kernels: catalog
            .kernels
            .iter()
            .map(|kernel| KernelRow {
                generator: kernel.generator().name(),
                name: kernel.name(),
                level: kernel.level().name(),
                exact: kernel.generator().is_exact(),
                missing: kernel.missing().map(str::to_owned),
            })
            .collect(),
        drivers: catalog
            .drivers
            .iter()
            .map(|driver| DriverRow {
                name: driver.name(),
                description: driver.description(),
                missing: driver.missing().map(str::to_owned),
            })
            .collect(),
        levels: Level::ALL
            .iter()
            .map(|level| LevelRow {
                name: level.name(),
                missing_features: level.missing_features(),
                missing: level.missing(),
            })
            .collect(),
        build: Build::here(),
    };
    if options.output.json { output::json(out, &listing) } else { print(out, &listing) }
}

fn print(out: &mut impl Write, listing: &Listing) -> anyhow::Result<()> {
    let status = |missing: &Option<String>| match missing {
        None => "ready".to_owned(),
        Some(reason) => format!("missing: {reason}"),
    };
    let generators = listing
        .generators
        .iter()
        .map(|g| vec![g.name.into(), format!("seed {}", g.default_seed), g.description.into()]);
    let kernels = listing.kernels.iter().map(|k| {
        let kind = if k.exact { "exact" } else { "statistical" };
        let name = format!("{}@{}", k.name, k.level);
        vec![k.generator.into(), name, kind.into(), status(&k.missing)]
    });
    let drivers = listing
        .drivers
        .iter()
        .map(|d| vec![d.name.into(), d.description.into(), status(&d.missing)]);
    write!(out, "Generators\n{}", output::table(&["name", "default", "what it is"], generators))?;
    writeln!(out)?;
    write!(
        out,
        "Kernels (--kernel name or name@level)\n{}",
        output::table(&["generator", "kernel", "kind", "here"], kernels)
    )?;
    writeln!(out)?;
    write!(out, "Drivers\n{}", output::table(&["name", "what it is", "here"], drivers))?;
    if let Some(cap) = Level::cap()? {
        writeln!(out, "\nThe level is capped at {cap} by {}", Level::VARIABLE)?;
    }
    writeln!(out, "\nBuilt for {} ({}) with", listing.build.target, listing.build.profile)?;
    for line in listing.build.lines() {
        writeln!(out, "  {line}")?;
    }
    for warning in listing.build.warnings {
        writeln!(out, "  warning: {warning}")?;
    }
    Ok(())
}
