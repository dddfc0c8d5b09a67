//! Values in the file of a suite: numbers, or text such as `2^20`.

use crate::number::parse_count;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// A value as text, to be parsed or shown in a message.
pub(super) fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        other => other.type_str().to_owned(),
    }
}

/// A count of at least 1, as a number or as text such as `2^20`.
struct CountInFile(u64);

impl<'de> Deserialize<'de> for CountInFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text_of(&toml::Value::deserialize(deserializer)?);
        let refused = |why: &str| D::Error::custom(format!("'{text}' is not a count: {why}"));
        match parse_count(&text) {
            Ok(0) => Err(refused("it must be at least 1")),
            Ok(count) => Ok(Self(count)),
            Err(why) => Err(refused(&why)),
        }
    }
}

pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Some(CountInFile::deserialize(deserializer)?.0))
}

pub(super) fn counts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    Ok(Vec::<CountInFile>::deserialize(deserializer)?.into_iter().map(|count| count.0).collect())
}

pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(D::Error::custom)
}
