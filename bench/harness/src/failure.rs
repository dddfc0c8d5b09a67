//! Failures that a caller tells apart from requests that make no sense.

use std::fmt;

/// A check that found something wrong, or work that could not be done.
#[derive(Debug)]
pub struct CheckFailed(pub String);

/// A question to which what was measured gives no answer.
#[derive(Debug)]
pub struct CannotTell(pub String);

/// Work that somebody stopped, kept as far as it had come.
#[derive(Debug)]
pub struct Stopped(pub String);

impl fmt::Display for CheckFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CannotTell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CheckFailed {}
impl std::error::Error for CannotTell {}
impl std::error::Error for Stopped {}
