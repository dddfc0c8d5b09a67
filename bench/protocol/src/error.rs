//! Errors of requests and answers.

use std::fmt;

/// Why a request or an answer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind of error.
    pub kind: Kind,
    /// What is wrong, in words. The message quotes text from other programs unchanged. The caller must
    /// escape control characters before it shows the message on a terminal.
    pub message: String,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of the protocol breaks one of its rules.
    Protocol,
    /// Text that does not belong to the protocol.
    Noise,
}

impl Error {
    pub(crate) fn protocol(message: String) -> Self {
        Self { kind: Kind::Protocol, message }
    }

    pub(crate) fn noise(message: String) -> Self {
        let message =
            format!("{message}; print anything that is not part of the protocol on stderr");
        Self { kind: Kind::Noise, message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The largest number of characters that a message quotes.
const LONGEST_QUOTE: usize = 200;

/// The beginning of a text, short enough to quote in a message.
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
