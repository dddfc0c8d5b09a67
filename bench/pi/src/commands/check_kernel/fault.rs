//! What is wrong with a kernel.

use crate::calls::Call;
use serde::Serialize;
use std::fmt;

/// An answer that breaks a rule, with the smallest call that was found to give it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) call: Option<Call>,
}

/// A call that did not return.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    pub(super) message: String,
    pub(super) call: Option<Call>,
    pub(super) is_hung: bool,
}

/// The time for all rules is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoTime;

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there was no time for it")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
impl std::error::Error for Lost {}
impl std::error::Error for NoTime {}
