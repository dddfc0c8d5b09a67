//! The runner protocol for crossings: that of `bench/PROTOCOL.md`, with the additional key `batch`.

use crate::{Caller, Language, answer};
use libpi::Samples;
use libpi::build_info::COMPILERS;
use std::collections::BTreeMap;
use std::env;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Instant;

/// What the loop calls: an almost empty callee, or a kernel for batches of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// `crossing`, where `count` is the number of calls.
    Crossing,
    /// `batch`, where `count` is the number of samples.
    Batch,
}

/// What a runner is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is called.
    pub generator: Generator,
    /// The calling language.
    pub caller: Language,
    /// The called language.
    pub callee: Language,
    /// How it is called.
    pub driver: String,
    /// The seed.
    pub seed: u64,
    /// Calls or samples.
    pub samples: Samples,
    /// Samples per call; 1 for a crossing.
    pub batch: u64,
    warmup: u32,
    runs: u32,
}

/// A loop with its arguments, ready to be timed. It returns its count, or why it failed.
pub type Work = Box<dyn Fn() -> Result<u64, String>>;

/// The exit code and the message. The exit code is 2 for an invalid request or one that this build
/// cannot carry out, and 1 for a missing part or work that failed.
type Failure = (u8, String);

/// Carries out the command line or the request on stdin. `choose` returns the loop for a request,
/// or why there is none.
pub fn main(choose: impl Fn(&Request) -> Result<Work, String>) -> ExitCode {
    let arguments = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    let answer = match arguments.split_first() {
        None => serve(choose),
        Some((first, parts)) if first == "--version" => version(parts),
        Some(_) => Err((2, USAGE.to_owned())),
    };
    let written = answer.and_then(|answer| {
        let written = answer::stream().write_all(answer.as_bytes());
        written.map_err(|error| (1, format!("could not write the answer: {error}")))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, message)) => {
            eprintln!("error: {message}");
            ExitCode::from(code)
        }
    }
}

const USAGE: &str = "give no arguments and a request of `key value` lines on stdin, or --version \
                     and the parts that must be there: fortran, libpi.so";

const VERSION: &str = concat!("pi-crossings ", env!("CARGO_PKG_VERSION"));

/// The version, if all named parts are there.
fn version(parts: &[String]) -> Result<String, Failure> {
    for part in parts {
        let missing = match &**part {
            "fortran" => Caller::of(Language::Fortran).err(),
            "libpi.so" => without_libpi(),
            part => return Err((2, format!("unknown part '{part}': {USAGE}"))),
        };
        if let Some(missing) = missing {
            return Err((1, missing));
        }
    }
    Ok(format!("{VERSION}\n"))
}

/// A message with the remedy, if there is no libpi.so beside this program.
fn without_libpi() -> Option<String> {
    let library = env::current_exe().unwrap_or_default().with_file_name("libpi.so");
    (!library.is_file()).then(|| {
        let library = library.display();
        format!("there is no {library}: build it (cargo build --release --package libpi-ffi)")
    })
}

fn serve(choose: impl Fn(&Request) -> Result<Work, String>) -> Result<String, Failure> {
    let prepare = || {
        let request = Request::read(io::stdin())?;
        let work = choose(&request)?;
        Ok((request, work))
    };
    let (request, work) = prepare().map_err(|message: String| (2, message))?;
    request.answer(&work).map_err(|message| (1, message))
}

impl Request {
    fn read(mut input: impl Read) -> Result<Self, String> {
        let mut text = String::new();
        input
            .read_to_string(&mut text)
            .map_err(|error| format!("could not read the request from stdin: {error}"))?;
        let mut values = BTreeMap::new();
        for line in text.lines().map(str::trim).take_while(|line| !line.is_empty()) {
            let Some((key, value)) = line.split_once(char::is_whitespace) else {
                return Err(format!("'{line}' in the request is not a key and a value"));
            };
            if values.insert(key, value.trim()).is_some() {
                return Err(format!("the request gives {key} a second time"));
            }
        }
        Self::new(&Values(values))
    }

    fn new(values: &Values) -> Result<Self, String> {
        let generator = match values.text("generator")? {
            "crossing" => Generator::Crossing,
            "batch" => Generator::Batch,
            name => return Err(format!("unknown generator '{name}': use crossing or batch")),
        };
        let kernel = values.text("kernel")?;
        let Some((caller, callee)) = kernel.split_once('-') else {
            return Err(format!("kernel '{kernel}': it must be CALLER-CALLEE, such as rust-c"));
        };
        let samples = Samples::new(values.number("first", Some(0))?, values.number("count", None)?)
            .map_err(|error| error.to_string())?;
        if samples.count() >> 63 != 0 {
            let count = samples.count();
            return Err(format!("count {count}: it must be less than 2^63"));
        }
        for key in ["threads", "ranks"] {
            let number = values.number(key, Some(1))?;
            if number != 1 {
                return Err(format!("{key} {number}: it must be 1"));
            }
        }
        let batch = match generator {
            Generator::Crossing => 1,
            // A batch is at most the whole count. So it fits a signed integer, which Fortran needs.
            Generator::Batch => values.number::<u64>("batch", None)?.min(samples.count().max(1)),
        };
        if batch == 0 {
            return Err("batch 0: it must be at least 1".to_owned());
        }
        Ok(Self {
            generator,
            caller: caller.parse()?,
            callee: callee.parse()?,
            driver: values.text("driver")?.to_owned(),
            seed: values.number("seed", Some(42))?,
            samples,
            batch,
            warmup: values.number("warmup", Some(0))?,
            runs: values.number("runs", Some(1))?,
        })
    }

    /// Does the work and returns the answer. The answer is printed later, so that no output
    /// disturbs the runs.
    fn answer(&self, work: &Work) -> Result<String, String> {
        for _ in 0..self.warmup {
            black_box(work()?);
        }
        let mut answer = format!("version {VERSION}\n");
        for (role, language) in [("caller", self.caller), ("callee", self.callee)] {
            let mut compilers = COMPILERS.iter();
            let of_language = compilers.find(|c| c.language.eq_ignore_ascii_case(language.name()));
            if let Some(compiler) = of_language {
                let (version, flags) = (compiler.version, compiler.flags[0].1);
                answer += &format!("info {role} {version}, {flags}\n");
            }
        }
        // It is this thread that makes all calls.
        answer += "info ranks 1\ninfo threads 1\n";
        if let Some(mask) = cpus_allowed() {
            answer += &format!("info mask {mask}\ninfo worker_cpus {mask}\n");
        }
        for _ in 0..self.runs {
            let start = Instant::now();
            let hits = black_box(work());
            let seconds = start.elapsed().as_secs_f64();
            answer += &format!("run {seconds:.9} {}\n", hits?);
        }
        Ok(answer)
    }
}

/// The CPUs on which this thread may run.
fn cpus_allowed() -> Option<String> {
    let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    Some(mask.trim().to_owned())
}

/// The keys and values of a request.
struct Values<'a>(BTreeMap<&'a str, &'a str>);

impl Values<'_> {
    fn text(&self, key: &str) -> Result<&str, String> {
        self.0.get(key).copied().ok_or_else(|| format!("the request does not give the {key}"))
    }

    /// The number of a key. If the key is missing, this is the default, if there is one.
    fn number<T: std::str::FromStr>(&self, key: &str, default: Option<T>) -> Result<T, String> {
        match (self.0.get(key), default) {
            (None, Some(default)) => Ok(default),
            _ => {
                let text = self.text(key)?;
                text.parse()
                    .map_err(|_| format!("{key} {text}: it must be a whole number in digits"))
            }
        }
    }
}
