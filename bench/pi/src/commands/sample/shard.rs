//! The option `--shard`: one of several parts of a range.

use libpi::Samples;
use pi_harness::number::counted;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Part `number` of `of`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: u64,
    of: u64,
}

/// A shard with the range of which it is a part, as the answer and the checkpoint have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShardOf {
    number: u64,
    of: u64,
    first: u64,
    count: u64,
}

impl fmt::Display for ShardOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, of, first, count } = self;
        write!(f, "{number} of {of} of {} from sample {first} on", counted(*count, "sample"))
    }
}

impl ShardOf {
    /// Which part it is.
    ///
    /// # Errors
    /// If there is no such part.
    pub(super) fn shard(self) -> Result<Shard, String> {
        Shard::new(self.number, self.of)
    }

    /// The range of which it is a part.
    ///
    /// # Errors
    /// If there is no such range.
    pub(super) fn whole(self) -> libpi::Result<Samples> {
        Samples::new(self.first, self.count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = |text: &str| text.parse::<u64>().ok().filter(|_| digits(text));
        let shard = text.split_once('/').and_then(|(i, n)| number(i).zip(number(n)));
        let shard = shard.ok_or("it must be a part and the number of parts, such as 2/4")?;
        Self::new(shard.0, shard.1)
    }
}

impl Shard {
    fn new(number: u64, of: u64) -> Result<Self, String> {
        match of {
            _ if (1..=of).contains(&number) => Ok(Self { number, of }),
            0 => Err("the number of parts must be 1 or more, as in 2/4".to_owned()),
            _ => Err(format!("the parts are numbered from 1 to {of}")),
        }
    }

    /// This part of a range.
    pub(super) fn part(self, whole: Samples) -> Samples {
        whole.part(self.number - 1, self.of)
    }

    pub(super) fn of(self, whole: Samples) -> ShardOf {
        let Self { number, of } = self;
        ShardOf { number, of, first: whole.first(), count: whole.count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_from_1() {
        assert_eq!("1/1".parse(), Ok(Shard { number: 1, of: 1 }));
        let most = u64::MAX;
        assert_eq!(format!("{most}/{most}").parse(), Ok(Shard { number: most, of: most }));
        for (text, words) in [
            ("0/4", "from 1 to 4"),
            ("5/4", "from 1 to 4"),
            ("1/0", "1 or more"),
            ("0/0", "1 or more"),
            ("", "such as 2/4"),
            ("2", "such as 2/4"),
            ("/4", "such as 2/4"),
            ("-1/4", "such as 2/4"),
            ("+1/4", "such as 2/4"),
            ("1/4/4", "such as 2/4"),
            ("1/18446744073709551616", "such as 2/4"),
        ] {
            let said = text.parse::<Shard>().unwrap_err();
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
