//! `pi verify`: every cell of the product against the known counts.

use crate::CheckFailed;
use crate::cli::Verify;
use crate::number::rate;
use crate::output;
use anyhow::{Context, bail};
use glob::Pattern;
use libpi::known::{COUNTS, KnownCount, is_plausible};
use libpi::{Catalog, Driver, Kernel, Level, Samples, cell_name};
use serde::Serialize;
use std::io::Write;
use std::time::Instant;

/// Beside the count that is timed, the known counts up to this length are checked: odd starts,
/// tails, fewer blocks than threads, the end of the 2^64 range.
const SHORT: u64 = 1_000_003;

/// Samples for a statistical kernel: few enough for the slow, enough for its five sigma.
const PLAUSIBLE: u64 = 1 << 22;

/// The verdict on a cell, as `--json` prints it.
#[derive(Serialize)]
struct Verdict {
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
struct Missing {
    name: String,
    reason: String,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    cells: Vec<Verdict>,
    missing: Vec<Missing>,
}

pub(crate) fn run(catalog: &Catalog, options: &Verify, out: &mut impl Write) -> anyhow::Result<()> {
    let filters: Vec<Filter> =
        options.patterns.iter().map(|text| Filter::new(text)).collect::<anyhow::Result<_>>()?;
    let (cells, missing) = select(catalog, &filters);
    if cells.is_empty() {
        match missing.first() {
            Some(Missing { name, reason }) => bail!("{name} cannot run here: {reason}"),
            None => bail!(
                "no cell matches '{}': a cell is generator/kernel@level/driver, see `pi list` for \
                 the names",
                options.patterns.join("' or '")
            ),
        }
    }

    let width = cells.iter().map(|(k, d)| cell_name(k, d, 1, 1024).len()).max().unwrap_or(0);
    let mut verdicts = Vec::new();
    for (kernel, driver) in cells {
        let threads = catalog.driver_and_threads(driver.name(), options.threads_for(driver), 0)?.1;
        let verdict = check(kernel, driver, threads)?;
        if !options.output.json {
            print(out, &verdict, width)?;
        }
        verdicts.push(verdict);
    }
    let wrong: Vec<&str> = verdicts.iter().filter(|v| !v.ok).map(|v| &*v.cell).collect();
    let failure = (!wrong.is_empty()).then(|| {
        CheckFailed(format!(
            "{} of {} cells are wrong: {}",
            wrong.len(),
            verdicts.len(),
            wrong.join(", ")
        ))
    });
    if options.output.json {
        output::json(out, &Report { ok: failure.is_none(), cells: verdicts, missing })?;
    } else {
        for Missing { name, reason } in missing {
            writeln!(out, "not run: {name}: {reason}")?;
        }
        if failure.is_none() {
            writeln!(out, "{} cells, all counts right", verdicts.len())?;
        }
    }
    out.flush()?;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

impl Verify {
    /// The number of threads asked for; a serial driver has its own.
    fn threads_for(&self, driver: &Driver) -> Option<i64> {
        self.threads.number.0.filter(|_| !driver.is_serial())
    }
}

/// A pattern for cells: one glob for each part of a name.
struct Filter(Vec<Pattern>);

impl Filter {
    fn new(text: &str) -> anyhow::Result<Self> {
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        if parts.len() > 3 {
            bail!(
                "pattern '{text}' has {} parts: it may have at most three, generator/kernel@level/driver",
                parts.len()
            );
        }
        let glob = |part: &&str| {
            Pattern::new(part).with_context(|| format!("pattern '{part}' is not well-formed"))
        };
        Ok(Self(parts.iter().map(glob).collect::<anyhow::Result<_>>()?))
    }

    fn matches(&self, kernel: &Kernel, driver: &Driver) -> bool {
        let [generator, names, drivers] = std::array::from_fn(|part| self.0.get(part));
        let is = |pattern: Option<&Pattern>, name: &str| pattern.is_none_or(|p| p.matches(name));
        is(generator, kernel.generator().name())
            && (is(names, kernel.name()) || is(names, &kernel.full_name()))
            && is(drivers, driver.name())
    }
}

/// The cells that can run, languages side by side, and the kernels and drivers that cannot.
fn select<'a>(
    catalog: &'a Catalog,
    filters: &[Filter],
) -> (Vec<(&'a Kernel, &'a Driver)>, Vec<Missing>) {
    let wanted = |kernel: &Kernel, driver: &Driver| {
        filters.is_empty() || filters.iter().any(|filter| filter.matches(kernel, driver))
    };
    let mut cells = Vec::new();
    for generator in libpi::Generator::ALL {
        for &level in Level::ALL {
            for driver in &catalog.drivers {
                let kernels = catalog.kernels.iter();
                let kernels = kernels.filter(|k| k.generator() == generator && k.level() == level);
                cells.extend(kernels.filter(|k| wanted(k, driver)).map(|kernel| (kernel, driver)));
            }
        }
    }
    let missing_kernels = catalog.kernels.iter().filter_map(|kernel| {
        let among = cells.iter().any(|(k, _)| std::ptr::eq(*k, kernel));
        let name = format!("{}/{}", kernel.generator(), kernel.full_name());
        Some(Missing { name, reason: kernel.missing().filter(|_| among)?.to_owned() })
    });
    let missing_drivers = catalog.drivers.iter().filter_map(|driver| {
        let among = cells.iter().any(|(_, d)| std::ptr::eq(*d, driver));
        let name = format!("driver {}", driver.name());
        Some(Missing { name, reason: driver.missing().filter(|_| among)?.to_owned() })
    });
    let missing = missing_drivers.chain(missing_kernels).collect();
    cells.retain(|(kernel, driver)| kernel.missing().is_none() && driver.missing().is_none());
    (cells, missing)
}

/// Runs a cell on all that is known of its generator.
fn check(kernel: &Kernel, driver: &Driver, threads: u32) -> anyhow::Result<Verdict> {
    let generator = kernel.generator();
    let mut wrong = Vec::new();
    let count = if generator.is_exact() { KnownCount::to_time(generator).count } else { PLAUSIBLE };
    let start = Instant::now();
    let hits = kernel.hits(driver, generator.default_seed(), Samples::new(0, count)?, threads)?;
    let seconds = start.elapsed().as_secs_f64();

    if generator.is_exact() {
        let mut compare = |known: &KnownCount, hits: u64| {
            if hits != known.hits {
                wrong.push(format!(
                    "{hits} instead of {} hits (seed {}, first {}, count {})",
                    known.hits, known.seed, known.first, known.count
                ));
            }
        };
        compare(&KnownCount::to_time(generator), hits);
        for known in COUNTS.iter().filter(|k| k.generator == generator && k.count <= SHORT) {
            compare(known, kernel.hits(driver, known.seed, known.samples(), threads)?);
        }
    } else if !is_plausible(hits, count) {
        wrong.push(format!("{hits} hits of {count} samples are more than five sigma from pi"));
    }
    Ok(Verdict {
        cell: cell_name(kernel, driver, 1, threads),
        exact: generator.is_exact(),
        count,
        hits,
        ok: wrong.is_empty(),
        wrong,
        seconds,
        samples_per_second: count as f64 / seconds,
    })
}

fn print(out: &mut impl Write, verdict: &Verdict, width: usize) -> anyhow::Result<()> {
    let Verdict { cell, hits, samples_per_second, .. } = verdict;
    let word = match (verdict.ok, verdict.exact) {
        (true, true) => "ok",
        (true, false) => "plausible",
        (false, _) => "WRONG",
    };
    writeln!(out, "{cell:<width$} {hits:>9}  {word:<9} {:>9}", rate(*samples_per_second))?;
    for wrong in &verdict.wrong {
        writeln!(out, "    {wrong}")?;
    }
    // A line as soon as it is known, also into a pipe.
    out.flush()?;
    Ok(())
}
