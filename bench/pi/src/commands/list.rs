//! `pi list`: what this build holds, what can run here, and why the rest cannot.

use crate::job::ranks::Ranks;
use crate::loading::LoadFor;
use crate::options::Output;
use crate::output;
use crate::table::{fixed, name, prose, table, width};
use clap::Args;
use libpi::{Catalog, Kernel, Level};
use pi_harness::built::Build;
use pi_harness::loaded::Loads;
use pi_harness::shown::readable;
use serde::Serialize;
use std::io::{Write, stdout};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    load: LoadFor,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Examples:
  pi list                                 what can run here, and what cannot
  pi list --json | jq -r '.kernels[] | select(.missing == null).name'
                                          the names of the kernels that can run
  pi list --load mine=./libmine.so:count_hits
                                          your own kernel among them";

#[derive(Serialize)]
struct Listing<'a> {
    version: &'static str,
    generators: Vec<GeneratorRow>,
    kernels: Vec<KernelRow<'a>>,
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
struct KernelRow<'a> {
    generator: &'static str,
    name: &'a str,
    level: Option<&'static str>,
    exact: bool,
    missing: Option<String>,
    /// The file of a loaded kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    library: Option<Library>,
}

/// Where a loaded kernel comes from.
#[derive(Serialize)]
struct Library {
    file: String,
    symbol: String,
    sha256: String,
}

impl Library {
    fn of(kernel: &Kernel, loads: &Loads) -> Option<Self> {
        let loaded = loads.find(kernel.generator().name(), kernel.name())?;
        let function = loaded.function.as_ref().ok()?;
        Some(Self {
            file: readable(&function.file),
            symbol: loaded.place.symbol.clone(),
            sha256: function.sha256.clone(),
        })
    }
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

pub(crate) fn run(catalog: &Catalog, options: &List, out: &mut impl Write) -> anyhow::Result<()> {
    let loads = options.load.load()?;
    let catalog = &loads.catalog(catalog);
    let listing = Listing {
        version: env!("CARGO_PKG_VERSION"),
        generators: catalog
            .generators()
            .into_iter()
            .map(|g| GeneratorRow {
                name: g.name(),
                description: g.description(),
                exact: g.is_exact(),
                default_seed: g.default_seed(),
                seed_rule: g.seed_rule(),
            })
            .collect(),
        kernels: catalog
            .kernels
            .iter()
            .map(|kernel| KernelRow {
                generator: kernel.generator().name(),
                name: kernel.name(),
                level: kernel.level().map(Level::name),
                exact: kernel.generator().is_exact(),
                missing: kernel.missing().map(str::to_owned),
                library: Library::of(kernel, &loads),
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
        build: Build::with(Ranks::library()),
    };
    if options.output.json { output::json(out, &listing) } else { print(out, &listing) }
}

fn print(out: &mut impl Write, listing: &Listing<'_>) -> anyhow::Result<()> {
    let status = |missing: &Option<String>| match missing {
        None => "ready".to_owned(),
        Some(reason) => format!("missing: {reason}"),
    };
    let generators = listing
        .generators
        .iter()
        .map(|g| vec![g.name.into(), format!("seed {}", g.default_seed), g.description.into()]);
    let missing_levels: Vec<&LevelRow> =
        listing.levels.iter().filter(|level| level.missing.is_some()).collect();
    // Many kernels may miss a level for the same reason, which stands below the table.
    let of_level = |k: &KernelRow<'_>| {
        k.missing.is_some()
            && missing_levels
                .iter()
                .any(|level| Some(level.name) == k.level && level.missing == k.missing)
    };
    let kernels = listing.kernels.iter().map(|k| {
        let kind = if k.exact { "exact" } else { "statistical" };
        let name = k.level.map_or_else(|| k.name.to_owned(), |level| format!("{}@{level}", k.name));
        let here = match &k.library {
            Some(Library { file, symbol, .. }) => format!("ready: {symbol} in {file}"),
            None if of_level(k) => "missing: the level, see below".to_owned(),
            None => status(&k.missing),
        };
        vec![k.generator.into(), name, kind.into(), here]
    });
    let drivers = listing
        .drivers
        .iter()
        .map(|d| vec![d.name.into(), d.description.into(), status(&d.missing)]);
    let width = width(stdout());
    let columns = [name("name"), fixed("default"), prose("what it is")];
    write!(out, "Generators\n{}", table(width, columns, generators))?;
    writeln!(out)?;
    let columns = [fixed("generator"), name("kernel"), fixed("kind"), prose("here")];
    let kernels = table(width, columns, kernels);
    write!(out, "Kernels (--kernel name or name@level)\n{kernels}")?;
    if !missing_levels.is_empty() {
        let levels = missing_levels.iter().map(|l| vec![l.name.into(), status(&l.missing)]);
        let columns = [name("name"), prose("here")];
        write!(out, "\nLevels that are missing\n{}", table(width, columns, levels))?;
    }
    writeln!(out)?;
    let columns = [name("name"), prose("what it is"), prose("here")];
    write!(out, "Drivers\n{}", table(width, columns, drivers))?;
    if let Some(cap) = Level::cap()? {
        writeln!(out, "\nThe level is capped at {cap} by {}", Level::VARIABLE)?;
    }
    writeln!(out, "\nBuilt for {} ({}) with", listing.build.target, listing.build.profile)?;
    for line in listing.build.lines(&[]) {
        writeln!(out, "  {line}")?;
    }
    for warning in listing.build.warnings {
        writeln!(out, "  warning: {warning}")?;
    }
    Ok(())
}
