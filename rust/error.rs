//! Errors: each names the value, the rule it breaks and what to do instead.

use thiserror::Error;

/// Why a request cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The range of samples reaches past the last index, 2^64 − 1.
    #[error(
        "samples {first} + {count} reach past the last index: first + count may be at most 2^64; \
         the count may be at most {most} from there, or first smaller",
        most = first.wrapping_neg()
    )]
    Range {
        /// First index asked for.
        first: u64,
        /// Number of samples asked for.
        count: u64,
    },
    /// The generator cannot start from this seed.
    #[error("seed {seed} does not suit generator {generator}: it must be {rule}; try {nearest}")]
    Seed {
        /// The generator asked for.
        generator: &'static str,
        /// The seed asked for.
        seed: u64,
        /// What seeds of this generator must be.
        rule: &'static str,
        /// A seed near to it that would do.
        nearest: u64,
    },
    /// More hits than samples.
    #[error(
        "{hits} hits of {count} samples: hits may be at most the number of samples; check the order of the two"
    )]
    Hits {
        /// Number of hits given.
        hits: u64,
        /// Number of samples given.
        count: u64,
    },
    /// A thread count outside 1 to [`MAX_THREADS`](crate::MAX_THREADS).
    #[error(
        "{threads} threads: the number must be from 1 to {most}; leave it out for one thread a usable CPU"
    )]
    Threads {
        /// Number of threads asked for.
        threads: i64,
        /// The most that would do.
        most: u32,
    },
    /// More than one thread for the driver that has only one.
    #[error(
        "{threads} threads under the driver serial: it runs on 1; leave the number out or take another driver"
    )]
    SerialThreads {
        /// Number of threads asked for.
        threads: u32,
    },
    /// A name that is not in the catalog.
    #[error("unknown {what} '{name}'{}; the {what}s are {}", suggest(.name, .valid), .valid.join(", "))]
    Unknown {
        /// What was named: generator, kernel, level or driver.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The names that would do.
        valid: Vec<String>,
    },
    /// A kernel, level or driver that exists, but not in this build or on this CPU.
    #[error("{name} cannot run here: {reason}")]
    Missing {
        /// The name as the catalog shows it.
        name: String,
        /// Why it is missing and what would bring it.
        reason: String,
    },
    /// The operating system gave no more threads.
    #[error(
        "could not start {threads} threads ({reason}); use fewer threads or raise the process limit (ulimit -u)"
    )]
    Spawn {
        /// Number of threads asked for.
        threads: u32,
        /// What the operating system said.
        reason: String,
    },
    /// An environment variable of libpi's own with a value that it cannot have.
    #[error("{variable}={value}: it must be {rule}; correct or unset it")]
    Variable {
        /// Name of the variable.
        variable: &'static str,
        /// Its value; bytes that are not UTF-8 are replaced.
        value: String,
        /// What its values must be.
        rule: String,
    },
}

/// Result with libpi's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// ` (did you mean 'x'?)` for the valid name nearest to a misspelt one, or nothing.
fn suggest(name: &str, valid: &[String]) -> String {
    let near = valid
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((distance, candidate)) if distance <= 1 + candidate.len() / 3 => {
            format!(" (did you mean '{candidate}'?)")
        }
        _ => String::new(),
    }
}
