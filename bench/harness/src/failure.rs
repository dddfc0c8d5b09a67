//! Failures with exit codes of their own. All other errors are bad usage.

use std::fmt;

/// A check found something wrong, or work could not be done.
#[derive(Debug)]
pub struct CheckFailed(pub String);

/// The measurements cannot answer the question.
#[derive(Debug)]
pub struct CannotTell(pub String);

/// The user stopped the work, and the finished part is kept.
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
