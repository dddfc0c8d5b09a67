//! The request: the harness writes it, and a runner reads it.

use crate::error::{Error, shortened};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The keys of the protocol. A suite may add other keys for its own runners.
pub const KEYS: [&str; 11] = [
    "generator",
    "seed",
    "first",
    "count",
    "kernel",
    "driver",
    "ranks",
    "threads",
    "warmup",
    "runs",
    "batch",
];

/// A request, as the harness writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What makes the points.
    pub generator: String,
    /// The generator's seed.
    pub seed: u64,
    /// The index of the first sample.
    pub first: u64,
    /// The number of samples.
    pub count: u64,
    /// The function that counts.
    pub kernel: String,
    /// What splits the samples over threads.
    pub driver: String,
    /// The number of processes.
    pub ranks: u32,
    /// The number of threads in each process.
    pub threads: u32,
    /// The number of calls before the timed calls.
    pub warmup: u32,
    /// The number of timed calls.
    pub runs: u32,
    /// Keys and values that only some runners understand, such as `batch`.
    pub more: Vec<(String, String)>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generator, seed, first, count, kernel, driver, .. } = self;
        let Self { ranks, threads, warmup, runs, more, .. } = self;
        writeln!(f, "generator {generator}\nseed {seed}\nfirst {first}\ncount {count}")?;
        writeln!(f, "kernel {kernel}\ndriver {driver}\nranks {ranks}\nthreads {threads}")?;
        writeln!(f, "warmup {warmup}\nruns {runs}")?;
        more.iter().try_for_each(|(key, value)| writeln!(f, "{key} {value}"))?;
        writeln!(f)
    }
}

/// The keys and values of a request, as a runner reads them. A runner ignores keys that it does not
/// know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Values<'a> {
    /// Reads a request, up to an empty line or the end of the text.
    ///
    /// # Errors
    /// If a line has no value, or a key occurs twice.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        for (number, line) in (1..).zip(lines) {
            let Some((key, value)) = line.split_once(char::is_whitespace) else {
                let line = shortened(line);
                let message =
                    format!("line {number} of the request, '{line}': a key needs a value");
                return Err(Error::protocol(message));
            };
            if values.insert(key, value.trim()).is_some() {
                let key = shortened(key);
                let message = format!("line {number} of the request names {key} a second time");
                return Err(Error::protocol(message));
            }
        }
        Ok(Self(values))
    }

    /// The value of a key, if the request has it.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).copied()
    }

    /// The value of a key that the request must have.
    ///
    /// # Errors
    /// If the key is missing.
    pub fn needed(&self, key: &str) -> Result<&'a str, Error> {
        self.get(key).ok_or_else(|| Error::protocol(format!("the request does not give the {key}")))
    }

    /// The value of a key as a number of an unsigned type, or the default if the key is missing.
    ///
    /// # Errors
    /// If the value is not a number of that type, or if there is neither a value nor a default.
    pub fn number<T: FromStr>(&self, key: &str, default: Option<T>) -> Result<T, Error> {
        if let (None, Some(default)) = (self.get(key), default) {
            return Ok(default);
        }
        let text = self.needed(key)?;
        text.parse().map_err(|_| {
            let (text, bits) = (shortened(text), 8 * size_of::<T>());
            let rule = format!("it must be a whole number in digits, below 2^{bits}");
            Error::protocol(format!("{key} {text}: {rule}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_is_written() {
        let request = Request {
            generator: "philox".to_owned(),
            seed: 42,
            first: 0,
            count: u64::MAX,
            kernel: "c@x86-64".to_owned(),
            driver: "serial".to_owned(),
            ranks: 1,
            threads: 2,
            warmup: 1,
            runs: 3,
            more: vec![("batch".to_owned(), "16".to_owned())],
        };
        let text = request.to_string();
        assert!(text.ends_with("\n\n"), "it ends with an empty line");
        let values = Values::parse(&text).unwrap();
        assert!(values.0.keys().all(|key| KEYS.contains(key)));
        assert_eq!(values.0.len(), KEYS.len());
        assert_eq!(values.number("count", None), Ok(u64::MAX));
        assert_eq!(values.get("batch"), Some("16"));
    }

    #[test]
    fn a_request_ends_at_an_empty_line_or_at_the_end() {
        let expected = Values(BTreeMap::from([("runs", "3"), ("kernel", "a b")]));
        for text in ["runs 3\nkernel a b", "runs\t3 \r\nkernel  a b\r\n\r\nruns 4\n"] {
            assert_eq!(Values::parse(text).unwrap(), expected, "{text:?}");
        }
        assert!(Values::parse("runs").unwrap_err().message.contains("line 1"));
        assert!(Values::parse("runs 1\nruns 2").unwrap_err().message.contains("second"));
    }

    #[test]
    fn a_key_that_is_missing_has_its_default_or_is_an_error() {
        let values = Values::parse("seed 7").unwrap();
        assert_eq!(values.number("seed", Some(42u64)), Ok(7));
        assert_eq!(values.number("first", Some(0u64)), Ok(0));
        for missing in [values.number::<u64>("count", None), values.needed("count").map(|_| 0)] {
            assert_eq!(missing.unwrap_err().message, "the request does not give the count");
        }
    }

    #[test]
    fn numbers_are_digits_and_have_bounds() {
        let number = |text: &str| Values(BTreeMap::from([("runs", text)])).number("runs", Some(1));
        assert_eq!(number("0004294967295"), Ok(u32::MAX));
        for text in ["-1", "1e6", "1.0", "0x1", "4294967296", "99999999999999999999999"] {
            let message = number(text).unwrap_err().message;
            let rule = "it must be a whole number in digits, below 2^32";
            assert_eq!(message, format!("runs {text}: {rule}"));
        }
    }
}
