//! How a run ends: complete or stopped, and with or without its checkpoint.

use super::again::{counting_the_rest, resuming};
use super::checkpoint::keeper::{Keeper, Kept};
use super::work::{Tally, Work};
use crate::output;
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::number::counted;
use pi_harness::shown::readable;
use std::ffi::OsString;
use std::path::Path;

/// The end of a run.
pub(super) struct Ending<'a> {
    /// The arguments with which the run was started.
    pub(super) arguments: &'a [OsString],
    pub(super) work: &'a Work,
    pub(super) total: &'a Tally,
    pub(super) stopped_by: Option<&'a str>,
    pub(super) keeper: Option<Keeper>,
}

impl Ending<'_> {
    /// Writes the last checkpoint.
    ///
    /// # Errors
    /// [`Stopped`] if a signal ended the run, [`CheckFailed`] if nothing of it could be kept.
    pub(super) fn result(mut self) -> anyhow::Result<()> {
        let kept = self.keeper.as_mut().map(|keeper| keeper.end(self.work, self.total));
        let path = self.keeper.as_ref().map_or(Path::new(""), Keeper::path);
        let done = counted(self.total.samples, "sample");
        let stopped = self.stopped_by.map(|signal| format!("stopped by {signal} after {done}"));
        let file = readable(path);
        let go_on = || format!("to go on: {}", resuming(self.arguments, path));
        let count_on = || {
            let command = counting_the_rest(self.arguments, self.work, self.total);
            format!("to count the rest: {command}")
        };
        let is_exact = self.work.generator.is_exact();
        match (stopped, kept) {
            (None, None | Some(Kept::All)) => Ok(()),
            (None, Some(Kept::Some(samples, why))) => {
                output::warn(&[format!("{file} keeps only {samples} of {done}: {why}")]);
                Ok(())
            }
            (None, Some(Kept::Nothing(why))) => Err(CheckFailed(format!(
                "the count is complete, but nothing that this run has counted could be kept: {why}"
            ))
            .into()),
            (Some(stopped), Some(Kept::Nothing(why))) => Err(CheckFailed(format!(
                "{stopped}, and nothing that this run has counted could be kept: {why}; {}",
                count_on()
            ))
            .into()),
            (Some(stopped), None) if !is_exact => Err(Stopped(format!(
                "{stopped}; a count of {} cannot go on, because it depends on how the range is split",
                self.work.generator
            ))
            .into()),
            (Some(stopped), None) => Err(Stopped(format!("{stopped}; {}", count_on())).into()),
            (Some(stopped), Some(Kept::All)) => {
                Err(Stopped(format!("{stopped}, which {file} keeps; {}", go_on())).into())
            }
            (Some(stopped), Some(Kept::Some(samples, why))) => Err(Stopped(format!(
                "{stopped}, of which {file} keeps {samples} ({why}); {}",
                go_on()
            ))
            .into()),
        }
    }
}
