//! How a session tells how far it is. Who shows that, and how, is not the harness's to know.

use std::time::Duration;

/// What a session does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It tries each cell once.
    Trying,
    /// It counts what each cell must count.
    Counting,
    /// It measures block by block.
    Measuring,
}

/// Whoever wants to know how far a session is.
pub trait Progress {
    /// A phase of so many steps begins.
    fn begin(&mut self, phase: Phase, steps: usize);
    /// A step begins, with this cell; `left` is about how long the phase still takes, if that is known.
    fn step(&mut self, cell: &str, left: Option<Duration>);
    /// The phase is over.
    fn end(&mut self);
    /// Something that the user should know.
    fn warn(&mut self, warning: &str);
}
