//! The rules for names of suites, runners, parts of cells and keys. See `bench/SUITES.md`.

use crate::shown::{is_hidden, shortened};
use anyhow::bail;
use libpi::split_level;
use pi_protocol::KEYS;

/// The largest number of characters in a name.
const LONGEST: usize = 64;

/// Checks a name. `what` says what the name is for.
///
/// # Errors
/// If it breaks a rule. Names become parts of file names, of cells' names and of requests, and pi shows
/// them.
pub fn check(what: &str, name: &str) -> anyhow::Result<()> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    if begins && name.len() <= LONGEST && name.chars().all(fits) {
        return Ok(());
    }
    bail!(
        "'{}' is not a name for a {what}: it must have 1 to {LONGEST} characters, letters a to z and A to \
         Z, digits, or - _ . +, and begin with a letter or a digit",
        shortened(name)
    )
}

/// Checks a kernel's name, which may have a level: `rust@x86-64`.
///
/// # Errors
/// The errors of [`check`].
pub fn check_kernel(name: &str) -> anyhow::Result<()> {
    let (kernel, level) = split_level(name);
    check("kernel", kernel).and_then(|()| level.map_or(Ok(()), |level| check("level", level)))
}

/// Checks a key for the runner and its value.
///
/// # Errors
/// If they cannot stand in a request, or if the key belongs to the protocol.
pub fn check_key(key: &str, value: &str) -> anyhow::Result<()> {
    check("key", key)?;
    if KEYS.contains(&key) {
        bail!(
            "the key '{key}' belongs to the protocol: give it another name; the protocol has the \
             keys {}",
            KEYS.join(", ")
        );
    }
    if value.trim().is_empty() || value.trim() != value || value.contains(is_hidden) {
        bail!(
            "'{}' is not a value for the key {key}: it must be text on one line, without spaces \
             at its ends",
            shortened(value)
        );
    }
    Ok(())
}

/// Checks a text that is shown in one line. `what` says what it is for.
///
/// # Errors
/// If it is empty or has hidden characters.
pub fn check_text(what: &str, text: &str) -> anyhow::Result<()> {
    if text.trim().is_empty() || text.contains(is_hidden) || text.chars().count() > LONGEST {
        bail!(
            "'{}' is not a {what}: it must be text of 1 to {LONGEST} characters on one line",
            shortened(text)
        );
    }
    Ok(())
}

/// Checks a kernel's name from the command line.
pub fn parse(name: &str) -> Result<String, String> {
    check_kernel(name).map(|()| name.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["philox", "c-rust", "2nd", "numpy-1.26.4", "c++", "my_kernel", &"x".repeat(64)]
        {
            assert!(check("kernel", name).is_ok(), "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "",
            "-n",
            ".",
            "..",
            "a/b",
            "a b",
            "a\nruns 9",
            "\u{1b}[2J",
            "a\u{202e}b",
            "é",
            "*",
            "a|b",
            "a@b",
            &long,
        ] {
            let error = check("kernel", name).unwrap_err().to_string();
            assert!(error.contains("not a name for a kernel: it must have 1 to 64"), "{error}");
            assert!(!error.contains(crate::shown::is_hidden), "{error:?}");
        }
        assert!(check_kernel("rust@x86-64-v3").is_ok());
        for name in ["@", "rust@", "@x86-64", "a@b@c"] {
            assert!(check_kernel(name).is_err(), "{name}");
        }
    }
}
