//! `pi runner`: the runner protocol for everything that is built in.

use crate::job::placement::{node::Node, pin::Pin, seat::Seat};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use anyhow::{Context, anyhow, ensure};
use libpi::cpus::CpuMask;
use libpi::{AUTO, Catalog, Driver, Kernel, Samples, cell_name};
use pi_harness::process::used_here;
use pi_harness::protocol::parse_request;
use pi_harness::results::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::hint::black_box;
use std::io::{Read, Write};
use std::str::FromStr;
use std::time::Instant;

/// Reads a request, does it, and answers when all is done: nothing is printed between runs. Of several
/// ranks the first reads and answers for all.
pub(crate) fn run(
    catalog: &Catalog,
    ranks: &Ranks,
    input: impl Read,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let text = ranks.agree(if ranks.is_root() { read(input) } else { Ok(String::new()) })?;
    let text = ranks.all(text).swap_remove(0);
    let request = ranks.agree(parse_request(&text))?;
    let work = Work::new(catalog, ranks, &request)?;
    for _ in 0..work.warmup {
        work.call()?;
    }
    let (cpu_before, switches_before) = used_here();
    let runs: Vec<Run> = (0..work.runs).map(|_| work.call()).collect::<anyhow::Result<_>>()?;
    let (cpu_after, switches_after) = used_here();

    let seen = Seen::on_all(&work, ranks)?;
    let of_all = |number: u64| ranks.all(number).into_iter().sum::<u64>();
    let alive = of_all(threads_alive());
    let cpu = ranks.all(cpu_after - cpu_before).into_iter().sum::<f64>();
    let voluntary = of_all(switches_after.voluntary - switches_before.voluntary);
    let involuntary = of_all(switches_after.involuntary - switches_before.involuntary);

    writeln!(out, "version libpi {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "info cell {}", work.cell)?;
    writeln!(out, "info ranks {}", ranks.size())?;
    writeln!(out, "{seen}")?;
    writeln!(out, "info threads_alive {alive}")?;
    writeln!(out, "info timed_cpu_seconds {cpu:.6}")?;
    writeln!(out, "info timed_voluntary_switches {voluntary}")?;
    writeln!(out, "info timed_involuntary_switches {involuntary}")?;
    for Run { seconds, hits } in runs {
        writeln!(out, "run {seconds:.9} {hits}")?;
    }
    out.flush()?;
    Ok(())
}

fn read(mut input: impl Read) -> anyhow::Result<String> {
    let mut text = String::new();
    input
        .read_to_string(&mut text)
        .map_err(|error| anyhow!("could not read the request from stdin: {error}"))?;
    Ok(text)
}

/// A request that can be done.
struct Work<'a> {
    ranks: &'a Ranks,
    cell: String,
    workers: Workers<'a>,
    samples: Samples,
    warmup: u32,
    runs: u32,
}

/// A request whose values make sense.
struct Checked<'a> {
    kernel: &'a Kernel,
    driver: &'a Driver,
    seed: u64,
    samples: Samples,
    threads: u32,
    warmup: u32,
    runs: u32,
}

impl<'a> Work<'a> {
    fn new(
        catalog: &'a Catalog,
        ranks: &'a Ranks,
        values: &BTreeMap<&str, &str>,
    ) -> anyhow::Result<Self> {
        let checked = ranks.agree(Checked::new(catalog, ranks, values))?;
        let Checked { kernel, driver, seed, samples, threads, warmup, runs } = checked;
        // The harness places a single process, and can place no ranks.
        let cpus = match ranks.size() {
            1 => Vec::new(),
            _ => {
                let seats = ranks.all(Seat::of_this_rank(ranks, threads));
                Node::of(&seats, ranks.rank()).plan(&Pin::Auto)?
            }
        };
        let part = ranks.part(samples);
        let workers = Workers::new(kernel, driver, seed, part, threads, &cpus);
        let workers = ranks.lone(workers)?;
        let cell = cell_name(kernel, driver, ranks.size(), threads).to_string();
        Ok(Self { ranks, cell, workers, samples, warmup, runs })
    }

    /// One run: the time of the call and of nothing else; of several ranks, which start together, the
    /// longest, adding up included. Black boxes on both sides: a kernel is pure, and its calls could
    /// be moved out of the time.
    fn call(&self) -> anyhow::Result<Run> {
        let part = black_box(self.ranks.part(self.samples));
        self.ranks.wait();
        let start = Instant::now();
        let mine = black_box(self.workers.hits(part));
        let hits = self.ranks.sum(self.ranks.lone(mine)?);
        let seconds = start.elapsed().as_secs_f64();
        let seconds = self.ranks.all(seconds).into_iter().fold(0.0, f64::max);
        Ok(Run { seconds, hits })
    }
}

impl<'a> Checked<'a> {
    fn new(
        catalog: &'a Catalog,
        ranks: &Ranks,
        values: &BTreeMap<&str, &str>,
    ) -> anyhow::Result<Self> {
        let started = ranks.size();
        let asked = number(values, "ranks")?.unwrap_or(started);
        ensure!(
            asked == started,
            "ranks {asked}: this job has {started}; start as many as the request says, by \
             the mpiexec of the MPI that this pi was built with"
        );
        let kernel = *values.get("kernel").unwrap_or(&AUTO);
        let generator = match values.get("generator") {
            Some(name) => name.parse()?,
            None => catalog.generator_of(kernel),
        };
        let count = number(values, "count")?.context("the request has no count of samples")?;
        let samples = Samples::new(number(values, "first")?.unwrap_or(0), count)?;
        let seed = number(values, "seed")?.unwrap_or(generator.default_seed());
        generator.check_seed(seed)?;
        let name = *values.get("driver").unwrap_or(&AUTO);
        let threads = number::<i64>(values, "threads")?.unwrap_or(1);
        let (driver, threads) = catalog.driver_and_threads(name, Some(threads), count)?;
        let kernel = catalog.kernel(generator, kernel)?;
        let warmup = number(values, "warmup")?.unwrap_or(0);
        let runs = number(values, "runs")?.unwrap_or(1);
        Ok(Self { kernel, driver, seed, samples, threads, warmup, runs })
    }
}

/// The number that a key has, if it is there.
fn number<T: FromStr>(values: &BTreeMap<&str, &str>, key: &str) -> anyhow::Result<Option<T>> {
    let parse = |text: &&str| {
        text.parse().map_err(|_| anyhow!("{key} {text}: it must be a whole number in digits"))
    };
    values.get(key).map(parse).transpose()
}

/// The threads of this process after the runs, the main thread among them: pools and teams stay,
/// scoped threads are gone.
fn threads_alive() -> u64 {
    fs::read_dir("/proc/self/task").into_iter().flatten().count() as u64
}

/// What was seen of the workers of all ranks, as info lines.
struct Seen {
    /// How many there were on the rank that had fewest.
    fewest: usize,
    /// By node, the CPUs on which each might run after the runs.
    nodes: BTreeMap<u32, Vec<String>>,
    /// Why the system did not let us place them.
    refusal: Option<String>,
}

impl Seen {
    fn on_all(work: &Work, ranks: &Ranks) -> anyhow::Result<Self> {
        let after = ranks.lone(work.workers.muster(ranks.part(work.samples)))?;
        let number = after.len().min(work.workers.seen().len());
        let masks: Vec<String> = after.iter().map(CpuMask::to_string).collect();
        let refusal = work.workers.refusal().map(|why| why.to_string());
        let all = ranks.all((ranks.node(), number, masks, refusal));
        let mut seen = Self { fewest: usize::MAX, nodes: BTreeMap::new(), refusal: None };
        for (node, number, masks, refusal) in all {
            seen.fewest = seen.fewest.min(number);
            seen.nodes.entry(node).or_default().extend(masks);
            seen.refusal = seen.refusal.or(refusal);
        }
        Ok(seen)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "info threads {}", self.fewest)?;
        let masks: BTreeSet<&String> = self.nodes.values().flatten().collect();
        // What the system does not tell cannot be passed on.
        if !masks.iter().any(|mask| mask.is_empty()) {
            masks.iter().try_for_each(|mask| write!(f, "\ninfo mask {mask}"))?;
            let nodes = self.nodes.values().filter(|workers| !workers.is_empty());
            nodes
                .map(|node| node.join(" "))
                .try_for_each(|n| write!(f, "\ninfo worker_cpus {n}"))?;
        }
        self.refusal.iter().try_for_each(|why| write!(f, "\ninfo not_placed {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_harness::protocol::parse_answer;

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
            let answer = parse_answer(text.as_bytes(), 3).unwrap();
            assert!(answer.runs.iter().all(|run| run.hits == hits), "{request}: {text}");
            assert!(!answer.masks.is_empty());
            assert_eq!(answer.info["ranks"], "1");
            assert!(answer.info["cell"].split('/').count() == 4);
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
        let answer = parse_answer(&out, 3).unwrap();
        assert_eq!(answer.runs.iter().map(|run| run.hits).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn requests_that_make_no_sense() {
        for (request, words) in [
            ("", "no count"),
            ("count", "no key and value"),
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
