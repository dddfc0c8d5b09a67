//! Numbers of ranks and threads: those that a suite asks for, and those for which there are CPUs.

use super::filter::Numbers;
use super::values::text_of;
use crate::number::counted;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A number of ranks or threads in a suite: a number, `all`, or `1-all`.
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
                "'{}' is not a number of ranks or threads: it must be 1 or more, 'all' or '1-all'",
                text_of(&value)
            ))),
        }
    }
}

pub(super) fn one() -> Vec<Amount> {
    vec![Amount::Number(1)]
}

/// The numbers of ranks and threads that the user asks for, and the number of CPUs.
#[derive(Debug)]
pub struct Places {
    pub usable: u32,
    pub ranks: Option<Numbers>,
    pub threads: Option<Numbers>,
    pub oversubscribe: bool,
}

/// The numbers that a suite means, and for each whether the suite left it open. `wanted` are the numbers
/// that the user asks for; other numbers are dropped. `1-all` means all wanted numbers. If the user asks
/// for none, it means the powers of two below the number of usable CPUs, and that number itself.
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
            // A number that the user asks for is not open: it is refused if it is too large.
            Amount::All => vec![(all, wanted.is_none())],
            Amount::UpToAll => match wanted {
                Some(numbers) => numbers.0.iter().map(|&number| (number, true)).collect(),
                None => doubling().map(|number| (number, true)).collect(),
            },
        })
        .filter(|(number, _)| wanted.is_none_or(|wanted| wanted.contains(*number)))
        .collect()
}

/// The reason why a cell with so many workers is not measured.
pub(super) fn too_many(ranks: u32, threads: u32, usable: u32) -> String {
    format!(
        "{} of {} on {} would take turns: use fewer, or give --oversubscribe to measure this",
        counted(ranks, "rank"),
        counted(threads, "thread"),
        counted(usable, "usable CPU")
    )
}
