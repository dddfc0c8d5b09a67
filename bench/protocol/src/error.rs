//! What breaks the protocol.

use std::fmt;

/// Why a request or an answer cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What it is.
    pub kind: Kind,
    /// What is wrong, in words. It quotes text from elsewhere as it is: what a terminal would obey is to
    /// be escaped by whoever shows it.
    pub message: String,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Lines of the protocol that do not keep its rules.
    Protocol,
    /// What is not of the protocol.
    Noise,
}

impl Error {
    pub(crate) fn protocol(message: String) -> Self {
        Self { kind: Kind::Protocol, message }
    }

    pub(crate) fn noise(message: String) -> Self {
        let message = format!("{message}; what is not of the protocol belongs on stderr");
        Self { kind: Kind::Noise, message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The most letters of a text that a message quotes.
const LONGEST_QUOTE: usize = 200;

/// As much of a text as a message quotes.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut() {
        assert_eq!(shortened(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shortened(&"é".repeat(201)), "é".repeat(200) + "…");
    }
}
