//! `pi runner`: the runner protocol for all built-in kernels and drivers.

mod peak;

use crate::job::placement::{node::Node, pin::Pin};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::loading::{Load, kernels_are_loaded};
use anyhow::ensure;
use clap::Args;
use libpi::cpus::CpuMask;
use libpi::{AUTO, Catalog, Driver, Kernel, Samples, cell_name};
use pi_harness::loaded::{Function, Loads};
use pi_harness::process::used_here;
use pi_harness::shown::readable;
use pi_protocol::{Answer, Calls, Run, Values, read, timed};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};

#[derive(Debug, Args)]
pub(crate) struct Runner {
    #[command(flatten)]
    load: Load,

    /// The SHA-256 that the file of the loaded kernel must have
    #[arg(long, value_name = "HEX", requires = "load")]
    sha256: Option<String>,
}

impl Runner {
    /// Loads the kernels.
    ///
    /// # Errors
    /// The errors of [`Load::load_untried`], and if a file is not the expected one.
    pub(crate) fn load(&self) -> anyhow::Result<Loads> {
        let loads = self.load.load_untried()?;
        for Function { file, sha256, .. } in loads.0.iter().flat_map(|one| &one.function) {
            ensure!(
                self.sha256.as_ref().is_none_or(|expected| expected == sha256),
                "{} has changed since the session began: measure it again",
                readable(file)
            );
        }
        kernels_are_loaded();
        Ok(loads)
    }
}

/// Reads a request, counts, and prints the answer at the end, so that no output disturbs a run. With
/// several ranks the first one reads and prints for all.
pub(crate) fn run(
    catalog: &Catalog,
    ranks: &Ranks,
    input: impl Read,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let text = if ranks.is_root() { read(input) } else { Ok(String::new()) };
    let text = ranks.everyone().value_of(0, ranks.agree(text.map_err(Into::into))?);
    let request = ranks.agree(Values::parse(&text).map_err(Into::into))?;
    if request.get("generator") == Some(pi_peak::GENERATOR) {
        let answer = ranks.agree(peak::answer(&request))?;
        write!(out, "{answer}")?;
        return Ok(out.flush()?);
    }
    let work = Work::new(catalog, ranks, &request)?;
    work.calls.warm_up(|| work.call())?;
    let (cpu_before, switches_before) = used_here();
    let runs = work.calls.runs(|| work.call())?;
    let (cpu_after, switches_after) = used_here();

    let seen = Seen::on_all(&work, ranks)?;
    let [cpu] = ranks.everyone().sums([cpu_after - cpu_before]);
    let [alive, voluntary, involuntary] = ranks.sums([
        threads_alive(),
        switches_after.voluntary - switches_before.voluntary,
        switches_after.involuntary - switches_before.involuntary,
    ]);

    let mut answer = Answer::new(concat!("libpi ", env!("CARGO_PKG_VERSION")));
    answer.tell("cell", &work.cell);
    answer.tell("ranks", ranks.size());
    seen.tell(&mut answer);
    answer.tell("threads_alive", alive);
    answer.tell("timed_cpu_seconds", format_args!("{cpu:.6}"));
    answer.tell("timed_voluntary_switches", voluntary);
    answer.tell("timed_involuntary_switches", involuntary);
    answer.runs = runs;
    write!(out, "{answer}")?;
    out.flush()?;
    Ok(())
}

/// A request that is ready to run.
struct Work<'a> {
    ranks: &'a Ranks,
    cell: String,
    workers: Workers<'a>,
    samples: Samples,
    calls: Calls,
}

/// A request whose values make sense.
struct Checked<'a> {
    kernel: &'a Kernel,
    driver: &'a Driver,
    seed: u64,
    samples: Samples,
    threads: u32,
    calls: Calls,
}

impl<'a> Work<'a> {
    fn new(catalog: &'a Catalog, ranks: &'a Ranks, request: &Values) -> anyhow::Result<Self> {
        let checked = ranks.agree(Checked::new(catalog, ranks, request))?;
        let Checked { kernel, driver, seed, samples, threads, calls } = checked;
        // The harness pins a single process. It cannot pin ranks, so they pin their threads themselves.
        let cpus = match ranks.size() {
            1 => Vec::new(),
            _ => Node::of_this_rank(ranks).pins(&Pin::Auto, threads, ranks)?,
        };
        let part = ranks.part(samples);
        let workers = Workers::new(kernel, driver, seed, part, threads, &cpus);
        let workers = ranks.lone(workers)?;
        let cell = cell_name(kernel, driver, ranks.size(), threads).to_string();
        Ok(Self { ranks, cell, workers, samples, calls })
    }

    /// Runs and times one call alone. Several ranks start together, and the longest time counts, which
    /// includes adding up the hits.
    fn call(&self) -> anyhow::Result<Run> {
        let part = self.ranks.part(self.samples);
        self.ranks.wait();
        let Run { seconds, hits } = timed(|| {
            let mine = self.ranks.lone(self.workers.hits(part))?;
            anyhow::Ok(self.ranks.sum(mine))
        })?;
        let [seconds] = self.ranks.everyone().maxima([seconds]);
        Ok(Run { seconds, hits })
    }
}

impl<'a> Checked<'a> {
    fn new(catalog: &'a Catalog, ranks: &Ranks, request: &Values) -> anyhow::Result<Self> {
        let started = ranks.size();
        let asked = request.number("ranks", Some(started))?;
        ensure!(
            asked == started,
            "ranks {asked}: this job has {started}; start as many ranks as the request says, with the \
             mpiexec of the MPI that this pi was built with"
        );
        let kernel = request.get("kernel").unwrap_or(AUTO);
        let generator = match request.get("generator") {
            Some(name) => catalog.generator(name)?,
            None => catalog.generator_of(kernel),
        };
        let count = request.number("count", None)?;
        let samples = Samples::new(request.number("first", Some(0))?, count)?;
        let seed = request.number("seed", Some(generator.default_seed()))?;
        generator.check_seed(seed)?;
        let driver = request.get("driver").unwrap_or(AUTO);
        let threads: u32 = request.number("threads", Some(1))?;
        let (driver, threads) = catalog.driver_and_threads(driver, Some(threads.into()), count)?;
        let kernel = catalog.kernel(generator, kernel)?;
        let calls = Calls::of(request)?;
        Ok(Self { kernel, driver, seed, samples, threads, calls })
    }
}

/// The number of threads of this process after the runs, including the main thread. Threads of pools and
/// teams are still there, scoped threads are gone.
fn threads_alive() -> u64 {
    fs::read_dir("/proc/self/task").into_iter().flatten().count() as u64
}

/// The workers of all ranks, as they were counted and found. Only the first rank knows those of the others.
struct Seen {
    /// The number of workers on the rank with the fewest.
    fewest: usize,
    /// By node, the CPUs on which each worker may run after the runs.
    nodes: BTreeMap<u32, Vec<String>>,
    /// Why the system did not let pi place them, if it did not.
    refusal: Option<String>,
}

impl Seen {
    fn on_all(work: &Work, ranks: &Ranks) -> anyhow::Result<Self> {
        let after = ranks.lone(work.workers.muster(ranks.part(work.samples)))?;
        let number = after.len().min(work.workers.seen().len());
        let masks: Vec<String> = after.iter().map(CpuMask::to_string).collect();
        let refusal = work.workers.refusal().map(|why| why.to_string());
        let node = ranks.on_node().value_of(0, ranks.rank());
        let all = ranks.everyone().collected(Some((node, number, masks, refusal)));
        let mut seen = Self { fewest: usize::MAX, nodes: BTreeMap::new(), refusal: None };
        for (_, (node, number, masks, refusal)) in all {
            seen.fewest = seen.fewest.min(number);
            seen.nodes.entry(node).or_default().extend(masks);
            seen.refusal = seen.refusal.or(refusal);
        }
        Ok(seen)
    }

    fn tell(&self, answer: &mut Answer) {
        answer.tell("threads", self.fewest);
        let masks: BTreeSet<&String> = self.nodes.values().flatten().collect();
        // A mask is empty if the system does not tell it.
        if !masks.iter().any(|mask| mask.is_empty()) {
            masks.iter().for_each(|mask| answer.tell("mask", mask));
            let nodes = self.nodes.values().filter(|workers| !workers.is_empty());
            nodes.for_each(|node| answer.tell("worker_cpus", node.join(" ")));
        }
        self.refusal.iter().for_each(|why| answer.tell("not_placed", why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &str) -> anyhow::Result<String> {
        let mut out = Vec::new();
        run(Catalog::here(), &Ranks::alone(), request.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_run_counts_right() {
        for (request, hits) in [
            (
                "generator philox\ncount 1000000\nkernel c\ndriver openmp-c\nthreads 2\nwarmup 1\nruns 3\n\n",
                785_987,
            ),
            ("count 1000000\nruns 3\nseed 42\ncolour red", 785_987),
            ("generator philox\ncount 3\nfirst 8589934591\nruns 3", 2),
            ("generator npb\ncount 1000000\ndriver serial\nranks 1\nruns 3", 785_382),
        ] {
            let text = answer(request).unwrap();
            let answer = Answer::parse(text.as_bytes(), 3).unwrap();
            assert!(answer.runs.iter().all(|run| run.hits == hits), "{request}: {text}");
            let info = answer.joined();
            assert!(!info["mask"].is_empty());
            assert_eq!(info["ranks"], "1");
            assert!(info["cell"].split('/').count() == 4);
        }
    }

    #[test]
    fn one_run_and_no_warmup_unless_asked() {
        assert_eq!(answer("count 1000").unwrap().matches("\nrun ").count(), 1);
        assert_eq!(answer("count 1000\nruns 0").unwrap().matches("\nrun ").count(), 0);
    }

    #[test]
    fn the_warm_up_is_done_and_not_reported() {
        use libpi::{Generator, Level};
        use std::sync::atomic::{AtomicU64, Ordering};
        static CALLS: AtomicU64 = AtomicU64::new(0);
        extern "C" fn counts_calls(_: u64, _: u64, _: u64) -> u64 {
            CALLS.fetch_add(1, Ordering::Relaxed)
        }
        // SAFETY: the function takes any seed and touches nothing but its counter.
        let kernel = unsafe { Kernel::new(Generator::Philox, "rust", Level::Base, counts_calls) };
        let mut out = Vec::new();
        let request = "count 1\ndriver serial\nwarmup 2\nruns 3";
        run(&Catalog::of(vec![kernel]), &Ranks::alone(), request.as_bytes(), &mut out).unwrap();
        let answer = Answer::parse(&out, 3).unwrap();
        assert_eq!(answer.runs.iter().map(|run| run.hits).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn requests_that_make_no_sense() {
        for (request, words) in [
            ("", "does not give the count"),
            ("count", "a key needs a value"),
            ("count 1e6", "in digits"),
            ("count -1", "in digits"),
            ("count 1\nfirst 18446744073709551616", "in digits"),
            ("count 2\nfirst 18446744073709551615", "2^64"),
            ("count 1\ngenerator phylox", "philox"),
            ("count 1\nkernel d", "'d'"),
            ("count 1\ndriver d", "'d'"),
            ("count 1\nthreads 0", "1 to 1024"),
            ("count 1\ndriver serial\nthreads 2", "serial"),
            ("count 1\ngenerator npb\nseed 2", "odd"),
            ("count 1\nruns -1", "in digits"),
            ("count 1\nranks 2", "ranks 2: this job has 1"),
            ("count 1\nranks 0", "ranks 0"),
        ] {
            let error = format!("{:#}", answer(request).unwrap_err());
            assert!(error.contains(words), "{request:?}: {error}");
        }
    }
}
