//! `pi sample`: the main job.

use crate::cli::Sample;
use crate::number::rate;
use crate::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libpi::cpus::CpuCount;
use libpi::{Catalog, Driver, Estimate, Generator, Kernel, Samples, cell_name};
use serde::Serialize;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Samples for each thread before the first look at the clock: long enough for the start of threads
/// to cost nothing.
const FIRST_SPAN: u64 = 1 << 27;

/// Seconds between two looks at the clock, about: long enough for the threads to make up for what
/// delays one of them, short enough for a bar that moves.
const SPAN_SECONDS: f64 = 1.0;

/// The result, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Answer {
    generator: &'static str,
    seed: u64,
    first: u64,
    count: u64,
    kernel: &'static str,
    level: &'static str,
    driver: &'static str,
    threads: u32,
    ranks: u32,
    cell: String,
    exact: bool,
    hits: u64,
    pi: Option<f64>,
    standard_error: Option<f64>,
    confidence_interval: Option<[f64; 2]>,
    seconds: f64,
    samples_per_second: Option<f64>,
    usable_cpus: u32,
    oversubscribed: bool,
    warnings: Vec<String>,
}

pub(crate) fn run(catalog: &Catalog, options: &Sample, out: &mut impl Write) -> anyhow::Result<()> {
    let generator = options.generator.unwrap_or_else(|| catalog.generator_of(&options.kernel));
    let seed = options.seed.unwrap_or(generator.default_seed());
    generator.check_seed(seed)?;
    let samples = Samples::new(options.first, options.count)?;
    let kernel = catalog.kernel(generator, &options.kernel)?;
    let (driver, threads) =
        catalog.driver_and_threads(&options.driver, options.threads.number.0, options.count)?;

    let usable_cpus = CpuCount::of_this_process().usable;
    let warnings = warnings(generator, options.count, threads, usable_cpus);
    output::warn(&warnings);

    let (hits, seconds) = count(kernel, driver, seed, samples, threads)?;
    let estimate = Estimate::new(hits, options.count)?;
    let answer = Answer {
        generator: generator.name(),
        seed,
        first: options.first,
        count: options.count,
        kernel: kernel.name(),
        level: kernel.level().name(),
        driver: driver.name(),
        threads,
        ranks: 1,
        cell: cell_name(kernel, driver, 1, threads),
        exact: generator.is_exact(),
        hits,
        pi: estimate.map(|e| e.pi),
        standard_error: estimate.map(|e| e.standard_error),
        confidence_interval: estimate.map(|e| e.confidence_interval),
        seconds,
        samples_per_second: (options.count > 0 && seconds > 0.0)
            .then(|| options.count as f64 / seconds),
        usable_cpus,
        oversubscribed: threads > usable_cpus,
        warnings,
    };
    if options.output.json { output::json(out, &answer) } else { print(out, &answer, estimate) }
}

fn warnings(generator: Generator, count: u64, threads: u32, usable_cpus: u32) -> Vec<String> {
    let oversubscribed = output::oversubscription(threads, usable_cpus);
    generator
        .warning(count)
        .into_iter()
        .chain(oversubscribed)
        .chain(output::build_warnings())
        .collect()
}

/// Hits and seconds; shows how far it is, on a terminal.
fn count(
    kernel: &Kernel,
    driver: &Driver,
    seed: u64,
    samples: Samples,
    threads: u32,
) -> anyhow::Result<(u64, f64)> {
    let mut progress = Progress::new(samples.count());
    let mut hits = 0;
    let mut elapsed = Duration::ZERO;
    let mut length = FIRST_SPAN * u64::from(threads);
    let mut rest = samples;
    while rest.count() > 0 {
        let span;
        (span, rest) = rest.split_at(length);
        let start = Instant::now();
        hits += kernel.hits(driver, seed, span, threads)?;
        elapsed += start.elapsed();
        progress.advance(span.count(), elapsed);
        // What a statistical kernel counts depends on how the range is cut, so not on the time.
        if kernel.generator().is_exact() {
            length = length.max((progress.per_second() * SPAN_SECONDS) as u64);
        }
    }
    Ok((hits, elapsed.as_secs_f64()))
}

/// How far it is: a bar on stderr, if that is a terminal, from the second second on.
struct Progress {
    total: u64,
    done: u64,
    elapsed: Duration,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    fn new(total: u64) -> Self {
        let shown = stderr().is_terminal();
        Self { total, done: 0, elapsed: Duration::ZERO, bar: None, shown }
    }

    fn per_second(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }

    fn advance(&mut self, samples: u64, elapsed: Duration) {
        self.done += samples;
        self.elapsed = elapsed;
        if !self.shown || elapsed < Duration::from_secs(1) {
            return;
        }
        let per_second = self.per_second();
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}");
            bar.with_style(style.expect("the template is well-formed"))
        });
        bar.set_position(self.done);
        let left = Duration::from_secs_f64((self.total - self.done) as f64 / per_second);
        let left = indicatif::HumanDuration(left);
        bar.set_message(format!("{}, {left} left", rate(per_second)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn print(out: &mut impl Write, answer: &Answer, estimate: Option<Estimate>) -> anyhow::Result<()> {
    let Answer { generator, seed, first, count, hits, cell, .. } = answer;
    match estimate {
        None => writeln!(out, "no estimate: no samples")?,
        Some(Estimate { pi, standard_error, confidence_interval: [low, high] }) => {
            // Two digits of the standard error are worth showing, and as many places of pi.
            let places = (1.0 - standard_error.log10().floor()).clamp(0.0, 15.0) as usize;
            writeln!(out, "pi = {pi:.places$} ± {standard_error:.places$} (standard error)")?;
            writeln!(out, "  95% interval  {low:.places$} to {high:.places$}")?;
        }
    }
    writeln!(out, "  hits          {hits} of {count} samples")?;
    let kind = if answer.exact { "" } else { " (statistical: the count depends on the split)" };
    writeln!(out, "  generator     {generator}, seed {seed}, from sample {first}{kind}")?;
    writeln!(out, "  cell          {cell}")?;
    let speed = answer.samples_per_second.map(|r| format!(", {} samples", rate(r)));
    writeln!(out, "  time          {:.6} s{}", answer.seconds, speed.unwrap_or_default())?;
    Ok(())
}
