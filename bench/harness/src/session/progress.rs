//! The interface through which a session reports its progress. The caller decides how to show it.

use std::time::Duration;

/// A phase of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It tries each cell once.
    Trying,
    /// It counts what each cell must count.
    Counting,
    /// It measures block by block.
    Measuring,
}

/// The receiver of a session's progress.
pub trait Progress {
    /// A phase with so many steps begins.
    fn begin(&mut self, phase: Phase, steps: usize);
    /// A step begins, with this cell. `left` is the expected time to the end of the phase, if known.
    fn step(&mut self, cell: &str, left: Option<Duration>);
    /// The phase is over.
    fn end(&mut self);
    /// The user should read this warning.
    fn warn(&mut self, warning: &str);
}
