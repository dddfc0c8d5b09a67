//! Errors: each names the value, the rule that the value breaks, and the remedy.

use std::ffi::OsStr;
use thiserror::Error;

/// Why libpi cannot answer a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The range of samples reaches past the last index, 2^64 − 1.
    #[error(
        "samples {first} + {count} go past the last index: first + count must not exceed 2^64; \
         count at most {most} from there, or start at a smaller first",
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
        /// The rule for seeds of this generator, to follow "it must be".
        rule: &'static str,
        /// A nearby seed that obeys the rule.
        nearest: u64,
    },
    /// More hits than samples.
    #[error(
        "{hits} hits of {count} samples: there cannot be more hits than samples; check the order \
         of the two numbers"
    )]
    Hits {
        /// Number of hits given.
        hits: u64,
        /// Number of samples given.
        count: u64,
    },
    /// A thread count outside 1 to [`MAX_THREADS`](crate::MAX_THREADS).
    #[error(
        "{threads} threads: the number must be from 1 to {most}; leave it out for one thread per \
         usable CPU"
    )]
    Threads {
        /// Number of threads asked for.
        threads: i64,
        /// The largest number allowed.
        most: u32,
    },
    /// More than one thread for the driver `serial`, which has only one.
    #[error(
        "{threads} threads for the driver serial: it runs on 1 thread; leave the number out or \
         choose another driver"
    )]
    SerialThreads {
        /// Number of threads asked for.
        threads: u32,
    },
    /// A text that is not the name of a cell.
    #[error(
        "'{name}' is not the name of a cell: it must be \
         generator/kernel@level/driver/RANKSxTHREADS, such as philox/c@x86-64-v3/openmp-c/1x2"
    )]
    CellName {
        /// The text.
        name: String,
    },
    /// A name that is not in the catalog.
    #[error("unknown {what} '{name}'{}; the {what}s are {}", suggest(.name, .valid), .valid.join(", "))]
    Unknown {
        /// The kind of thing: generator, kernel, level or driver.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The valid names.
        valid: Vec<String>,
    },
    /// A level for a kernel that has none, because it is from outside of libpi.
    #[error("kernel {kernel}@{level}: {kernel} has no levels; leave out @{level}")]
    NoLevels {
        /// The kernel's name.
        kernel: String,
        /// The level asked for.
        level: String,
    },
    /// A kernel, level or driver that exists, but not in this build or on this CPU.
    #[error("{name} cannot run here: {reason}")]
    Missing {
        /// The name as the catalog shows it.
        name: String,
        /// Why it is missing and what to do about it.
        reason: String,
    },
    /// The operating system could not start the threads.
    #[error(
        "could not start {threads} {} ({reason}); use fewer threads or raise the limit of {limit}",
        if *.threads == 1 { "thread" } else { "threads" }
    )]
    Spawn {
        /// Number of threads asked for.
        threads: u32,
        /// The operating system's message.
        reason: String,
        /// What is limited, and the command that raises the limit.
        limit: &'static str,
    },
    /// A length of blocks outside of the rule.
    #[error(
        "blocks of {block} indices: the number must be from 1 to {most}; 0 stands for {default}"
    )]
    Block {
        /// The length asked for.
        block: u64,
        /// The largest length allowed.
        most: u64,
        /// The length that 0 stands for.
        default: u64,
    },
    /// A kernel that can fail has failed.
    #[error(
        "the kernel failed with its error {value}: the kernel's author can say what that means"
    )]
    Kernel {
        /// The value that the kernel returned.
        value: i32,
    },
    /// One of libpi's own environment variables has an invalid value.
    #[error("{variable}={value}: it must be {rule}; correct or unset it")]
    Variable {
        /// Name of the variable.
        variable: &'static str,
        /// Its value, in which control characters and bytes that are not UTF-8 are escaped.
        value: String,
        /// The rule for its values, to follow "it must be".
        rule: String,
    },
}

/// Result with libpi's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A value as a message shows it, on one line: control characters as `\n` or `\u{1b}`, bytes that are
/// not UTF-8 as `\xff`.
pub(crate) fn escaped(value: impl AsRef<OsStr>) -> String {
    let mut text = String::new();
    for chunk in value.as_ref().as_encoded_bytes().utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter.is_control() {
                true => text.extend(letter.escape_debug()),
                false => text.push(letter),
            }
        }
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// ` (did you mean 'x'?)` if a valid name is near to the misspelt one, else nothing.
fn suggest(name: &str, valid: &[String]) -> String {
    let near = valid
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name.to_lowercase(), candidate), candidate))
        .min_by_key(|(distance, _)| *distance);
    match near {
        // As many letters wrong as right is no misspelling.
        Some((distance, candidate))
            if distance <= 1 + candidate.len() / 3 && 2 * distance <= name.chars().count() =>
        {
            format!(" (did you mean '{candidate}'?)")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        let valid = ["c", "rust", "fortran"].map(str::to_owned);
        for (name, near) in [("rsut", Some("rust")), ("FORTAN", Some("fortran")), ("C", Some("c"))]
        {
            let words = near.map_or(String::new(), |near| format!(" (did you mean '{near}'?)"));
            assert_eq!(suggest(name, &valid), words, "{name}");
        }
        for name in ["", "x", "go", "ada", "é", "python"] {
            assert_eq!(suggest(name, &valid), "", "{name}");
        }
    }
}
