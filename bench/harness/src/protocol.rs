//! Converts errors and runs of the runner protocol into those of the results.

use crate::results::{BlockError, ErrorKind, Run};
use crate::shown::shown;
use pi_protocol::Kind;

/// An error of this kind.
pub fn error(kind: ErrorKind, message: impl Into<String>) -> BlockError {
    BlockError { kind, message: message.into() }
}

impl From<pi_protocol::Error> for BlockError {
    fn from(broken: pi_protocol::Error) -> Self {
        let kind = match broken.kind {
            Kind::Protocol => ErrorKind::Protocol,
            Kind::Noise => ErrorKind::Noise,
        };
        // The message quotes text that another program printed.
        error(kind, shown(&broken.message))
    }
}

impl From<pi_protocol::Run> for Run {
    fn from(pi_protocol::Run { seconds, hits }: pi_protocol::Run) -> Self {
        Self { seconds, hits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_protocol::Answer;

    #[test]
    fn what_a_runner_printed_is_kept_as_it_may_be_shown() {
        for (text, kind, words) in [
            ("version a\nrun \x1b[2J 1\n", ErrorKind::Protocol, "\\u{1b}[2J is not a time"),
            ("version a\n\x1b[2J\n", ErrorKind::Noise, "'\\u{1b}[2J'"),
        ] {
            let broken = BlockError::from(Answer::parse(text.as_bytes(), 1).unwrap_err());
            assert_eq!(broken.kind, kind, "{text:?}");
            assert!(broken.message.contains(words), "{text:?}: {}", broken.message);
        }
    }
}
