//! `pi verify`: checks every kernel under every driver against the known counts.

mod known;

use crate::job::placement::{self, node::Node};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::loading::LoadFor;
use crate::options::{Output, Threads};
use crate::output::{self, Missing};
use anyhow::{Context, bail};
use clap::Args;
use known::Known;
use libpi::known::is_plausible;
use libpi::{BLOCK, Catalog, CellName, Driver, Generator, Kernel, Level, Samples, cell_name};
use pi_harness::failure::CheckFailed;
use pi_harness::loaded::{Loads, ranges};
use pi_harness::number::{counted, rate};
use pi_harness::suite::filter::Filter;
use serde::Serialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::time::Instant;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Cells to check: generator/kernel@level/driver/RANKSxTHREADS. The first three parts are patterns;
    /// all parts after the first may be left out
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,

    #[command(flatten)]
    threads: Threads,

    #[command(flatten)]
    load: LoadFor,

    #[command(flatten)]
    output: Output,
}

impl Verify {
    /// Loads the kernels.
    ///
    /// # Errors
    /// The errors of [`LoadFor::load`].
    pub(crate) fn load(&self) -> anyhow::Result<Loads> {
        self.load.load()
    }
}

const EXAMPLES: &str = "\
Each line has a cell, its count, the verdict, and the rate of this one run (which is not a benchmark). \
The exit code is 1 if a count is wrong. The kernels of a problem of your own are compared with the first of them \
that was loaded.

Examples:
  pi verify                               everything that can run here
  pi verify npb                           one generator
  pi verify 'philox/fortran'              one language, all levels and drivers
  pi verify '*/*@x86-64-v3/openmp-*'      one level under the OpenMP drivers
  pi verify philox/c/rayon/1x4            on four threads
  pi verify philox/mine --load mine=./libmine.so:count_hits
                                          your own kernel
  mpiexec -n 2 pi verify                  with the ranks of an MPI job";

/// The largest range of the known counts that are checked besides the timed one. These ranges have odd
/// starts, tails, fewer blocks than threads, and the end of the 2^64 range.
const SHORT: u64 = 1_000_003;

/// The number of samples for a statistical kernel: few enough for slow kernels, and enough for a check
/// with five sigma.
const PLAUSIBLE: u64 = 1 << 22;

/// The verdict on a cell, as `--json` prints it.
#[derive(Serialize)]
struct Checked {
    cell: String,
    exact: bool,
    count: u64,
    hits: u64,
    ok: bool,
    wrong: Vec<String>,
    seconds: f64,
    samples_per_second: f64,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    cells: Vec<Checked>,
    missing: Vec<Missing>,
    warnings: Vec<String>,
}

/// A kernel under a driver, on a number of threads.
#[derive(Clone, Copy)]
struct Combination<'a> {
    kernel: &'a Kernel,
    driver: &'a Driver,
    threads: u32,
}

impl Combination<'_> {
    fn name(&self, ranks: &Ranks) -> CellName {
        cell_name(self.kernel, self.driver, ranks.size(), self.threads)
    }

    /// The part that is missing for this cell, if one is.
    fn missing(&self) -> Option<Missing> {
        let kernel = || {
            let name = format!("{}/{}", self.kernel.generator(), self.kernel.full_name());
            Some(Missing { name, reason: self.kernel.missing()?.to_owned() })
        };
        let driver = || {
            let name = format!("driver {}", self.driver.name());
            Some(Missing { name, reason: self.driver.missing()?.to_owned() })
        };
        driver().or_else(kernel)
    }
}

pub(crate) fn run(
    catalog: &Catalog,
    options: &Verify,
    ranks: &Ranks,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let asked = options.threads.number.0;
    if asked.is_none() {
        placement::agree_on_request(ranks)?;
    }
    let node = Node::of_this_rank(ranks);
    let default = placement::default_threads(&node, ranks);
    let threads = asked.map_or(default, libpi::check_threads);
    let (cells, missing) = ranks.agree(
        Wanted::all(&options.patterns, ranks.size())
            .and_then(|wanted| select(catalog, &wanted, ranks, threads?)),
    )?;
    // Ranks on different machines may have different kernels.
    let names: Vec<String> = cells.iter().map(|cell| cell.name(ranks).to_string()).collect();
    ranks.agree_on("the cells that can run", &names.join(" "))?;
    let most = cells.iter().map(|cell| cell.threads).max().unwrap_or(1);
    let oversubscription = ranks.first(node.oversubscription(most));
    let warnings: Vec<String> = output::build_warnings().chain(oversubscription).collect();
    if ranks.is_root() {
        output::warn(&warnings);
    }

    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut verdicts = Vec::new();
    let mut known: BTreeMap<Generator, Known> = BTreeMap::new();
    for cell in cells {
        let generator = cell.kernel.generator();
        let known = match known.entry(generator) {
            Entry::Occupied(known) => Some(&*known.into_mut()),
            Entry::Vacant(place) if generator.is_exact() => {
                Some(&*place.insert(Known::of(generator, catalog, ranks)?))
            }
            Entry::Vacant(_) => None,
        };
        let verdict = check(cell, known, ranks)?;
        if !options.output.json {
            // All ranks agree on errors here: if the first rank's output is closed, the others must stop too.
            ranks.agree(print(out, &verdict, width))?;
        }
        verdicts.push(verdict);
    }
    let wrong: Vec<&str> = verdicts.iter().filter(|v| !v.ok).map(|v| &*v.cell).collect();
    let failure = (!wrong.is_empty()).then(|| {
        CheckFailed(format!(
            "{} of {} {} wrong: {}",
            wrong.len(),
            counted(verdicts.len(), "cell"),
            if verdicts.len() == 1 { "is" } else { "are" },
            wrong.join(", ")
        ))
    });
    let report = Report { ok: failure.is_none(), cells: verdicts, missing, warnings };
    ranks.agree(conclude(out, &report, options.output.json))?;
    ranks.agree(failure.map_or(Ok(()), |failure| Err(failure.into())))
}

/// Prints the end of the report.
fn conclude(out: &mut impl Write, report: &Report, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        output::json(out, report)?;
    } else {
        output::missing(out, "not run", &report.missing)?;
        if report.ok {
            writeln!(out, "{}, all counts right", counted(report.cells.len(), "cell"))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A pattern for cells, and the threads if it names them.
struct Wanted {
    text: String,
    filter: Filter,
    threads: Option<u32>,
}

impl Wanted {
    /// Parses the patterns. Without patterns, all cells are wanted.
    fn all(patterns: &[String], ranks: u32) -> anyhow::Result<Vec<Self>> {
        let everything = ["*".to_owned()];
        let patterns = if patterns.is_empty() { &everything } else { patterns };
        patterns.iter().map(|text| Self::new(text, ranks)).collect()
    }

    fn new(text: &str, ranks: u32) -> anyhow::Result<Self> {
        let filter = Filter::new(text)?;
        let number = |last: &str| {
            let number = last.strip_prefix(&format!("{ranks}x"));
            let number = number.and_then(|threads| threads.parse().ok()).with_context(|| {
                format!(
                    "pattern '{text}' ends in '{last}': on {} it must be {ranks}xTHREADS, such \
                     as {ranks}x2",
                    counted(ranks, "rank")
                )
            })?;
            Ok::<u32, anyhow::Error>(libpi::check_threads(number)?)
        };
        let threads = filter.places().map(number).transpose()?;
        Ok(Self { text: text.to_owned(), filter, threads })
    }

    /// The cell of this kernel and driver, if the pattern matches it. It has the number of threads that the
    /// pattern names, else `threads`.
    fn cell<'a>(
        &self,
        kernel: &'a Kernel,
        driver: &'a Driver,
        ranks: &Ranks,
        threads: u32,
    ) -> Option<Combination<'a>> {
        let threads = if driver.is_serial() { 1 } else { self.threads.unwrap_or(threads) };
        let cell = Combination { kernel, driver, threads };
        self.filter.matches(&cell.name(ranks)).then_some(cell)
    }
}

/// The cells that can run, with the languages side by side, and what is missing for the others.
///
/// # Errors
/// If a pattern matches nothing that can run.
fn select<'a>(
    catalog: &'a Catalog,
    wanted: &[Wanted],
    ranks: &Ranks,
    threads: u32,
) -> anyhow::Result<(Vec<Combination<'a>>, Vec<Missing>)> {
    let mut cells: Vec<Combination> = Vec::new();
    let mut missing: Vec<Missing> = Vec::new();
    for pattern in wanted {
        let meant: Vec<Combination> = product(catalog)
            .filter_map(|(kernel, driver)| pattern.cell(kernel, driver, ranks, threads))
            .collect();
        let (can_run, cannot): (Vec<Combination>, Vec<Combination>) =
            meant.into_iter().partition(|cell| cell.missing().is_none());
        let reasons: Vec<Missing> = cannot.iter().filter_map(Combination::missing).collect();
        match (can_run.is_empty(), reasons.first()) {
            (true, Some(Missing { name, reason })) => bail!("{name} cannot run here: {reason}"),
            (true, None) => bail!(
                "no cell matches '{}': a cell is generator/kernel@level/driver, see `pi list` for \
                 the names",
                pattern.text
            ),
            _ => {}
        }
        cells.extend(can_run);
        missing.extend(reasons);
    }
    let mut seen = HashSet::new();
    cells.retain(|cell| seen.insert(cell.name(ranks).to_string()));
    missing.retain(|missing| seen.insert(missing.name.clone()));
    Ok((cells, missing))
}

/// All kernels under all drivers, with the languages side by side.
fn product(catalog: &Catalog) -> impl Iterator<Item = (&Kernel, &Driver)> {
    let rows = catalog.generators().into_iter().flat_map(move |generator| {
        // Kernels from outside of libpi have no level.
        let levels = Level::ALL.iter().copied().map(Some).chain([None]);
        levels.flat_map(move |level| {
            catalog.drivers.iter().map(move |driver| (generator, level, driver))
        })
    });
    rows.flat_map(move |(generator, level, driver)| {
        let kernels = catalog.kernels.iter();
        kernels
            .filter(move |kernel| kernel.generator() == generator && kernel.level() == level)
            .map(move |kernel| (kernel, driver))
    })
}

/// Checks a cell against the counts of its generator. A statistical one has none.
fn check(cell: Combination, known: Option<&Known>, ranks: &Ranks) -> anyhow::Result<Checked> {
    let Combination { kernel, driver, threads } = cell;
    let generator = kernel.generator();
    let hits = |seed, samples| ranks.hits(kernel, driver, seed, samples, threads);
    let mut wrong = Vec::new();
    let count = known.map_or(PLAUSIBLE, |known| known.timed.count);
    let start = Instant::now();
    let timed = hits(generator.default_seed(), Samples::new(0, count)?)?;
    let seconds = start.elapsed().as_secs_f64();

    match known {
        Some(Known { timed: known, others }) => {
            wrong.extend(ranges::difference(known, timed));
            for known in others {
                wrong.extend(ranges::difference(known, hits(known.seed, known.samples())?));
            }
        }
        None if !is_plausible(timed, count) => {
            wrong.push(format!("{timed} hits of {count} samples are more than five sigma from pi"));
        }
        None => {}
    }
    wrong.extend(missing_workers(cell, ranks)?);
    Ok(Checked {
        cell: cell.name(ranks).to_string(),
        exact: generator.is_exact(),
        count,
        hits: timed,
        ok: wrong.is_empty(),
        wrong,
        seconds,
        samples_per_second: count as f64 / seconds,
    })
}

/// An error if the driver has fewer threads than the cell's name says. Its count would be that of another
/// cell.
fn missing_workers(cell: Combination, ranks: &Ranks) -> anyhow::Result<Option<String>> {
    let Combination { kernel, driver, threads } = cell;
    let seed = kernel.generator().default_seed();
    let blocks = u64::from(threads) * u64::from(ranks.size());
    let part = ranks.part(Samples::new(0, blocks * BLOCK)?);
    let workers = ranks.lone(Workers::new(kernel, driver, seed, part, threads, &[]))?;
    Ok(ranks.first(workers.missing().map(|text| ranks.named(&text))))
}

fn print(out: &mut impl Write, verdict: &Checked, width: usize) -> anyhow::Result<()> {
    let Checked { cell, hits, samples_per_second, .. } = verdict;
    let word = match (verdict.ok, verdict.exact) {
        (true, true) => "ok",
        (true, false) => "plausible",
        (false, _) => "WRONG",
    };
    writeln!(out, "{cell:<width$} {hits:>9}  {word:<9} {:>9}", rate(*samples_per_second))?;
    for wrong in &verdict.wrong {
        writeln!(out, "    {wrong}")?;
    }
    // Each line is printed as soon as it is known, even into a pipe.
    out.flush()?;
    Ok(())
}
