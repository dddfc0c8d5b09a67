//! The name of a cell: its generator, kernel, level, driver, and numbers of ranks and threads.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The name of a cell, written `generator/kernel@level/driver/RANKSxTHREADS`.
///
/// ```
/// let name: libpi::CellName = "philox/c@x86-64-v3/openmp-c/1x2".parse()?;
/// assert_eq!((name.kernel_name(), name.level()), ("c", Some("x86-64-v3")));
/// assert_eq!((name.ranks, name.threads), (1, 2));
/// assert_eq!(name.to_string(), "philox/c@x86-64-v3/openmp-c/1x2");
/// # Ok::<(), libpi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellName {
    /// The generator. A user's own suite may have another word here for what it counts.
    pub generator: String,
    /// The kernel with its level, `c@x86-64-v3`. A user's own kernel need not have a level.
    pub kernel: String,
    /// The driver.
    pub driver: String,
    /// Number of ranks.
    pub ranks: u32,
    /// Threads of each rank.
    pub threads: u32,
}

impl CellName {
    /// The kernel's name without its level.
    pub fn kernel_name(&self) -> &str {
        split_level(&self.kernel).0
    }

    /// The kernel's level, if it has one.
    pub fn level(&self) -> Option<&str> {
        split_level(&self.kernel).1
    }

    /// The ranks and threads as they end the name: `1x2`.
    pub fn places(&self) -> String {
        format!("{}x{}", self.ranks, self.threads)
    }
}

/// Splits `kernel@level` into the kernel's name and its level, if there is one.
pub fn split_level(kernel: &str) -> (&str, Option<&str>) {
    match kernel.split_once('@') {
        Some((name, level)) => (name, Some(level)),
        None => (kernel, None),
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generator, kernel, driver, .. } = self;
        f.pad(&format!("{generator}/{kernel}/{driver}/{}", self.places()))
    }
}

impl FromStr for CellName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| Error::CellName { name: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<CellName> {
    let parts: Vec<&str> = text.split('/').collect();
    let [generator, kernel, driver, places] = parts[..] else { return None };
    let (ranks, threads) = places.split_once('x')?;
    let number = |text: &str| {
        // A number must have the form in which it is written: no sign and no leading zero.
        text.parse::<u32>().ok().filter(|number| *number > 0 && number.to_string() == text)
    };
    let (ranks, threads) = (number(ranks)?, number(threads)?);
    let name = CellName {
        generator: generator.to_owned(),
        kernel: kernel.to_owned(),
        driver: driver.to_owned(),
        ranks,
        threads,
    };
    let whole = [generator, driver, name.kernel_name(), name.level().unwrap_or("-")];
    whole.iter().all(|part| !part.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for text in ["philox/rust@x86-64/serial/1x1", "primes/mine/openmp-c/4096x1024"] {
            let name: CellName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
        }
        let name: CellName = "primes/mine/serial/1x1".parse().unwrap();
        assert_eq!((name.kernel_name(), name.level()), ("mine", None));
    }

    #[test]
    fn invalid_names_are_refused() {
        for text in [
            "",
            "philox",
            "philox/rust/serial",
            "philox/rust/serial/1x1/",
            "philox/rust/serial/1",
            "philox/rust/serial/0x1",
            "philox/rust/serial/1x0",
            "philox/rust/serial/+1x1",
            "philox/rust/serial/01x1",
            "philox/rust/serial/1x1x1",
            "philox/rust/serial/1x5000000000",
            "/rust/serial/1x1",
            "philox//serial/1x1",
            "philox/rust//1x1",
            "philox/@x86-64/serial/1x1",
            "philox/rust@/serial/1x1",
        ] {
            let error = text.parse::<CellName>().unwrap_err().to_string();
            assert!(error.contains("generator/kernel@level/driver/RANKSxTHREADS"), "{error}");
        }
    }
}
