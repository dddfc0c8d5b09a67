//! The main part of the peer in Rust: it answers the requests of the runner protocol, `bench/PROTOCOL.md`.

mod rand_rayon;

use pi_protocol::{Answer, Calls, Values, serve};
use rand::rngs::{SmallRng, StdRng};
use rand_rayon::{parallel, serial};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{error::Error, fs, io, process::ExitCode};

type Serial = fn(u64, u64, u64) -> u64;
type Parallel = fn(&ThreadPool, u64, u64, u64) -> u64;

const KERNELS: [(&str, Serial, Parallel); 2] = [
    ("rand-std", serial::<StdRng>, parallel::<StdRng>),
    ("rand-small", serial::<SmallRng>, parallel::<SmallRng>),
];

const MOST_THREADS: usize = 1024;

fn answer(request: &Values) -> Result<Answer, Box<dyn Error>> {
    let name = request.get("kernel").unwrap_or("auto");
    let kernel = KERNELS.iter().find(|kernel| name == "auto" || name == kernel.0);
    let &(_, serial, parallel) =
        kernel.ok_or_else(|| format!("kernel {name}: this program has rand-std and rand-small"))?;
    let threads = request.number("threads", Some(1))?;
    let pool = match request.get("driver").unwrap_or("auto") {
        "serial" | "auto" if threads == 1 => None,
        "rayon" if (1..=MOST_THREADS).contains(&threads) => {
            Some(ThreadPoolBuilder::new().num_threads(threads).build()?)
        }
        driver => {
            let rule = format!("it has serial on 1, and rayon on 1 to {MOST_THREADS}");
            return Err(format!("driver {driver} on {threads} threads: {rule}").into());
        }
    };
    if request.number("ranks", Some(1))? != 1u32 {
        return Err("ranks: this program has 1".into());
    }
    let (seed, first) = (request.number("seed", Some(42))?, request.number("first", Some(0u64))?);
    let count = request.number("count", Some(0u64))?;
    if first.checked_add(count.saturating_sub(1)).is_none() {
        return Err(format!("count {count}: first + count must be at most 2^64").into());
    }
    let mut answer = Answer::new("rand 0.10");
    answer.tell("ranks", 1);
    answer.tell("threads", threads);
    let workers = pool.as_ref().map_or(vec![cpus()], |pool| pool.broadcast(|_| cpus()));
    if let Some(workers) = workers.into_iter().collect::<Option<Vec<String>>>() {
        answer.tell("worker_cpus", workers.join(" "));
    }
    let call = || match &pool {
        Some(pool) => parallel(pool, seed, first, count),
        None => serial(seed, first, count),
    };
    answer.runs = Calls::of(request)?.make(|| Ok::<_, Box<dyn Error>>(call()))?;
    Ok(answer)
}

/// The CPUs on which this thread may run, see proc(5).
fn cpus() -> Option<String> {
    let status = fs::read_to_string("/proc/thread-self/status").ok()?;
    status.lines().find_map(|line| Some(line.strip_prefix("Cpus_allowed_list:")?.trim().to_owned()))
}

fn main() -> ExitCode {
    match serve(io::stdin(), &mut io::stdout(), answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
