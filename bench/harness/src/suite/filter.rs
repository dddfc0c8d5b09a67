//! Patterns for the names of cells, and lists of numbers.

use anyhow::{Context, bail};
use glob::Pattern;
use libpi::{CellName, split_level};
use std::str::FromStr;

/// A pattern: one glob for each part of `generator/kernel@level/driver/RANKSxTHREADS`. It may leave out
/// later parts, and the level.
#[derive(Debug)]
pub struct Filter(Vec<Pattern>);

impl Filter {
    pub fn new(text: &str) -> anyhow::Result<Self> {
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        if parts.len() > 4 {
            bail!(
                "pattern '{text}' has {} parts: it may have at most four, \
                 generator/kernel@level/driver/RANKSxTHREADS",
                parts.len()
            );
        }
        let glob = |part: &&str| {
            Pattern::new(part).with_context(|| format!("pattern '{part}' is not well-formed"))
        };
        Ok(Self(parts.iter().map(glob).collect::<anyhow::Result<_>>()?))
    }

    pub fn matches(&self, cell: &CellName) -> bool {
        let places = cell.places();
        let parts = [&cell.generator, &cell.kernel, &cell.driver, &places];
        self.0
            .iter()
            .zip(parts)
            .all(|(pattern, part)| pattern.matches(part) || pattern.matches(split_level(part).0))
    }

    /// The pattern of ranks and threads, if there is one.
    pub fn places(&self) -> Option<&str> {
        self.0.get(3).map(Pattern::as_str)
    }
}

/// Numbers of ranks or threads, such as `2`, `1-4` or `1,2,4-8`. They are sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers(pub Vec<u32>);

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u32>().ok().filter(|number| (1..=libpi::MAX_THREADS).contains(number))
        };
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            (from <= to).then_some(from..=to)
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        let mut numbers: Vec<u32> = ranges
            .ok_or_else(|| {
                format!(
                    "it must be numbers from 1 to {}, such as 2, 1-4 or 1,2,4",
                    libpi::MAX_THREADS
                )
            })?
            .into_iter()
            .flatten()
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self(numbers))
    }
}

impl Numbers {
    pub fn most(&self) -> u32 {
        self.0.last().copied().unwrap_or(1)
    }

    pub fn contains(&self, number: u32) -> bool {
        self.0.contains(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_part_by_part_with_or_without_the_level() {
        let cell = "philox/c@x86-64-v3/openmp-c/1x2".parse().unwrap();
        for pattern in ["philox", "*/c", "*/c@*-v3", "philox/c/openmp-*/", "*/*/*/1x?"] {
            assert!(Filter::new(pattern).unwrap().matches(&cell), "{pattern}");
        }
        for pattern in ["npb", "*/c@x86-64", "c", "*/*/openmp", "*/*/*/1x1"] {
            assert!(!Filter::new(pattern).unwrap().matches(&cell), "{pattern}");
        }
        assert_eq!(Filter::new("a/b/c/1x?/").unwrap().places(), Some("1x?"));
        assert_eq!(Filter::new("a/b/c").unwrap().places(), None);
        assert!(Filter::new("a/b/c/d/e").unwrap_err().to_string().contains("at most four"));
        assert!(Filter::new("[").is_err());
    }

    #[test]
    fn ranges_of_numbers() {
        for (text, numbers) in
            [("2", &[2][..]), ("1-4", &[1, 2, 3, 4]), ("4,1-2,2", &[1, 2, 4]), ("1024", &[1024])]
        {
            assert_eq!(text.parse(), Ok(Numbers(numbers.to_vec())), "{text}");
        }
        for text in ["", "0", "1-", "-1", "2-1", "1025", "a", "1,,2", "0-2"] {
            assert!(text.parse::<Numbers>().is_err(), "{text}");
        }
    }
}
