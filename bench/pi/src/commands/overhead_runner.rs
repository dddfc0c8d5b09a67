//! `pi overhead-runner`: the runner of the suite `overhead`, see bench/OVERHEAD.md. It times what goes with
//! the counting of samples: parallel regions without work, the start of programs, and ranges that are dealt
//! to threads in blocks while another program keeps one of their CPUs busy.

mod busy;
mod regions;
mod splits;
mod starts;

use crate::job::workers::Workers;
use anyhow::ensure;
use clap::Args;
use libpi::cpus::CpuMask;
use libpi::{Catalog, Samples};
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::overhead::Split;
use pi_harness::failure::CheckFailed;
use pi_protocol::{Answer, Calls, Values, read};
use std::collections::BTreeSet;
use std::io::{Read, Write};

#[derive(Debug, Args)]
pub(crate) struct OverheadRunner {
    /// Print the version if cells with this kernel and driver can be measured here, else say why not
    #[arg(long, num_args = 2, value_names = ["KERNEL", "DRIVER"])]
    can_measure: Option<Vec<String>>,

    /// Keep this CPU busy until the process that started this one ends: the load that the runner plants
    #[arg(long, value_name = "CPU", conflicts_with = "can_measure")]
    keep_busy: Option<usize>,
}

const VERSION: &str = concat!("libpi ", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(
    catalog: &'static Catalog,
    options: &OverheadRunner,
    input: impl Read,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if let Some(cpu) = options.keep_busy {
        return busy::keep_busy(cpu, out);
    }
    if let Some([kernel, driver]) = options.can_measure.as_deref() {
        can_measure(catalog, kernel, driver).map_err(CheckFailed)?;
        return Ok(writeln!(out, "{VERSION}")?);
    }
    let answer = answer(catalog, &Values::parse(&read(input)?)?)?;
    write!(out, "{answer}")?;
    Ok(out.flush()?)
}

/// Why cells with these names cannot be measured here, if they cannot.
fn can_measure(catalog: &Catalog, kernel: &str, driver: &str) -> Result<(), String> {
    if let Some(program) = starts::Program::of(kernel) {
        return starts::can_start(program, driver);
    }
    let split = Split::of(driver);
    catalog.driver(split.driver).map_err(|error| error.to_string())?;
    if regions::Threads::of(kernel).is_none() {
        let generator = catalog.generator_of(kernel);
        catalog.kernel(generator, kernel).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// What every request has.
struct Request<'a> {
    kernel: &'a str,
    driver: &'a str,
    seed: Option<u64>,
    /// Regions, starts or samples.
    samples: Samples,
    /// Threads, or the processes that are started together.
    workers: u32,
    /// Samples in a block that is dealt.
    block: u64,
    calls: Calls,
}

impl<'a> Request<'a> {
    fn new(values: &Values<'a>) -> anyhow::Result<Self> {
        let ranks: u32 = values.number("ranks", Some(1))?;
        ensure!(ranks == 1, "ranks {ranks}: it must be 1; this runner is a single process");
        let seed = values.get("seed").map(|_| values.number("seed", None)).transpose()?;
        let block = values.number("batch", Some(libpi::BLOCK))?;
        ensure!(block > 0, "batch 0: it must be at least 1");
        Ok(Self {
            kernel: values.needed("kernel")?,
            driver: values.needed("driver")?,
            seed,
            samples: Samples::new(values.number("first", Some(0))?, values.number("count", None)?)?,
            workers: libpi::check_threads(values.number::<u32>("threads", Some(1))?.into())?,
            block,
            calls: Calls::of(values)?,
        })
    }
}

fn answer(catalog: &'static Catalog, values: &Values) -> anyhow::Result<Answer> {
    let request = Request::new(values)?;
    let generator = values.needed("generator")?;
    match Kind::of(generator) {
        Kind::Region => regions::answer(catalog, &request),
        Kind::Start => starts::answer(&request),
        _ => splits::answer(catalog, &request, generator.parse()?),
    }
}

/// An answer without runs that tells which threads work.
fn told_of(workers: &Workers, samples: Samples) -> anyhow::Result<Answer> {
    let after = workers.muster(samples)?;
    let mut answer = Answer::new(VERSION);
    answer.tell("ranks", 1);
    answer.tell("threads", after.len().min(workers.seen().len()));
    let masks: Vec<String> = after.iter().map(CpuMask::to_string).collect();
    // A mask is empty if the system does not tell it.
    if !masks.iter().any(String::is_empty) {
        BTreeSet::from_iter(&masks).iter().for_each(|mask| answer.tell("mask", mask));
        answer.tell("worker_cpus", masks.join(" "));
    }
    Ok(answer)
}

/// The error of work that was begun, with the exit code of a run that failed.
fn failed(error: impl Into<anyhow::Error>, what: &str) -> anyhow::Error {
    CheckFailed(format!("{:#}", error.into().context(what.to_owned()))).into()
}
