//! Numbers of ranks and threads: those that a suite wants, and those for which there are CPUs.

use super::filter::Numbers;
use super::values::text_of;
use crate::number::counted;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// How many ranks or threads: a number, `all` that may be used, or `1-all`.
#[derive(Debug)]
pub(super) enum Amount {
    Number(u32),
    All,
    UpToAll,
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
        match (number, value.as_str()) {
            (Some(number), _) if number > 0 => Ok(Self::Number(number)),
            (_, Some("all")) => Ok(Self::All),
            (_, Some("1-all")) => Ok(Self::UpToAll),
            _ => Err(D::Error::custom(format!(
                "'{}' is no number of ranks or threads: it must be 1 or more, 'all' or '1-all'",
                text_of(&value)
            ))),
        }
    }
}

pub(super) fn one() -> Vec<Amount> {
    vec![Amount::Number(1)]
}

/// Which numbers of ranks and threads are wanted, and how many CPUs there are for them.
#[derive(Debug)]
pub struct Places {
    pub usable: u32,
    pub ranks: Option<Numbers>,
    pub threads: Option<Numbers>,
    pub oversubscribe: bool,
}

/// The numbers meant, and for each whether it was left open. What the user wants limits them all;
/// `1-all` are then the numbers wanted, else powers of two and the end.
pub(super) fn amounts(
    amounts: &[Amount],
    wanted: Option<&Numbers>,
    usable: u32,
) -> Vec<(u32, bool)> {
    let all = wanted.map_or(usable, Numbers::most);
    let doubling = || (0..).map(|power| 1 << power).take_while(|&n| n < all).chain([all]);
    amounts
        .iter()
        .flat_map(|amount| match amount {
            Amount::Number(number) => vec![(*number, false)],
            // A single number asked for is refused if it is too much.
            Amount::All => vec![(all, wanted.is_none())],
            Amount::UpToAll => match wanted {
                Some(numbers) => numbers.0.iter().map(|&number| (number, true)).collect(),
                None => doubling().map(|number| (number, true)).collect(),
            },
        })
        .filter(|(number, _)| wanted.is_none_or(|wanted| wanted.contains(*number)))
        .collect()
}

/// Why so many workers are not measured.
pub(super) fn too_many(ranks: u32, threads: u32, usable: u32) -> String {
    format!(
        "{} of {} on {} would take turns: use fewer, or --oversubscribe to measure just that",
        counted(ranks, "rank"),
        counted(threads, "thread"),
        counted(usable, "usable CPU")
    )
}
