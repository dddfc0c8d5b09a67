//! The runner protocol for crossings: that of `bench/PROTOCOL.md`, with the additional key `batch`.

use crate::{Caller, Language, answer};
use libpi::Samples;
use libpi::build_info::COMPILERS;
use pi_protocol::{Answer, Calls, Values, serve};
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

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
    calls: Calls,
}

/// A loop with its arguments, ready to be timed. It returns its count, or why it failed.
pub type Work = Box<dyn Fn() -> Result<u64, String>>;

/// What was not done, and why.
struct Failure {
    /// 2 for an invalid request or one that this build cannot carry out, and 1 for a missing part or
    /// work that failed.
    code: u8,
    message: String,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { code: 2, message }
    }
}

impl From<pi_protocol::Error> for Failure {
    fn from(invalid: pi_protocol::Error) -> Self {
        invalid.message.into()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { code: 1, message: format!("could not write the answer: {error}") }
    }
}

/// Carries out the command line or the request on stdin. `choose` returns the loop for a request,
/// or why there is none.
pub fn main(choose: impl Fn(&Request) -> Result<Work, String>) -> ExitCode {
    let arguments = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    let mut out = answer::stream();
    let done = match arguments.split_first() {
        None => serve(io::stdin(), &mut out, |values| Request::new(values)?.answer(choose)),
        Some((first, parts)) if first == "--version" => version(parts, &mut out),
        Some(_) => Err(USAGE.to_owned().into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            eprintln!("error: {message}");
            ExitCode::from(code)
        }
    }
}

const USAGE: &str = "give no arguments and a request of `key value` lines on stdin, or --version \
                     and the parts that must be there: fortran, libpi.so";

const VERSION: &str = concat!("pi-crossings ", env!("CARGO_PKG_VERSION"));

/// Writes the version, if all named parts are there.
fn version(parts: &[String], out: &mut impl Write) -> Result<(), Failure> {
    for part in parts {
        let missing = match &**part {
            "fortran" => Caller::of(Language::Fortran).err(),
            "libpi.so" => without_libpi(),
            part => return Err(format!("unknown part '{part}': {USAGE}").into()),
        };
        if let Some(message) = missing {
            return Err(Failure { code: 1, message });
        }
    }
    Ok(writeln!(out, "{VERSION}")?)
}

/// A message with the remedy, if there is no libpi.so beside this program.
fn without_libpi() -> Option<String> {
    let library = env::current_exe().unwrap_or_default().with_file_name("libpi.so");
    (!library.is_file()).then(|| {
        let library = library.display();
        format!("there is no {library}: build it (cargo build --release --package libpi-ffi)")
    })
}

impl Request {
    fn new(values: &Values) -> Result<Self, Failure> {
        let generator = match values.needed("generator")? {
            "crossing" => Generator::Crossing,
            "batch" => Generator::Batch,
            name => return Err(format!("unknown generator '{name}': use crossing or batch").into()),
        };
        let kernel = values.needed("kernel")?;
        let Some((caller, callee)) = kernel.split_once('-') else {
            let rule = "it must be CALLER-CALLEE, such as rust-c";
            return Err(format!("kernel '{kernel}': {rule}").into());
        };
        let samples = Samples::new(values.number("first", Some(0))?, values.number("count", None)?)
            .map_err(|error| error.to_string())?;
        if samples.count() >> 63 != 0 {
            let count = samples.count();
            return Err(format!("count {count}: it must be less than 2^63").into());
        }
        for key in ["threads", "ranks"] {
            let number = values.number(key, Some(1u32))?;
            if number != 1 {
                return Err(format!("{key} {number}: it must be 1").into());
            }
        }
        let batch = match generator {
            Generator::Crossing => 1,
            // A batch is at most the whole count. So it fits a signed integer, which Fortran needs.
            Generator::Batch => values.number::<u64>("batch", None)?.min(samples.count().max(1)),
        };
        if batch == 0 {
            return Err("batch 0: it must be at least 1".to_owned().into());
        }
        Ok(Self {
            generator,
            caller: caller.parse()?,
            callee: callee.parse()?,
            driver: values.needed("driver")?.to_owned(),
            seed: values.number("seed", Some(42))?,
            samples,
            batch,
            calls: Calls::of(values)?,
        })
    }

    /// Does the work.
    fn answer(&self, choose: impl Fn(&Request) -> Result<Work, String>) -> Result<Answer, Failure> {
        let work = choose(self)?;
        let mut answer = Answer::new(VERSION);
        for (role, language) in [("caller", self.caller), ("callee", self.callee)] {
            let mut compilers = COMPILERS.iter();
            let of_language = compilers.find(|c| c.language.eq_ignore_ascii_case(language.name()));
            if let Some(compiler) = of_language {
                let (version, flags) = (compiler.version, compiler.flags[0].1);
                answer.tell(role, format_args!("{version}, {flags}"));
            }
        }
        // It is this thread that makes all calls.
        answer.tell("ranks", 1);
        answer.tell("threads", 1);
        if let Some(mask) = cpus_allowed() {
            answer.tell("mask", &mask);
            answer.tell("worker_cpus", mask);
        }
        answer.runs = self.calls.make(work).map_err(|message| Failure { code: 1, message })?;
        Ok(answer)
    }
}

/// The CPUs on which this thread may run.
fn cpus_allowed() -> Option<String> {
    let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    Some(mask.trim().to_owned())
}
