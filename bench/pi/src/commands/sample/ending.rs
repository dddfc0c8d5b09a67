//! How a run ends: complete or stopped, and with or without its checkpoint.

use super::checkpoint::keeper::{Keeper, Kept};
use super::work::{Tally, Work};
use crate::output::command_line;
use humantime::format_duration;
use pi_harness::failure::{CheckFailed, Stopped};
use pi_harness::number::counted;
use std::path::Path;
use std::time::Duration;

/// The end of a run.
pub(super) struct Ending<'a> {
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
        let go_on = format!("to go on: {}", command(&["--resume", &path.to_string_lossy()]));
        let count_on = format!("to count the rest: {}", self.rest());
        let failed = |message: String| Err(CheckFailed(message).into());
        match (stopped, kept) {
            (None, None | Some(Kept::All | Kept::Some(..))) => Ok(()),
            (None, Some(Kept::Nothing(why))) => {
                failed(format!("the count is complete, but nothing of it could be kept: {why}"))
            }
            (Some(stopped), Some(Kept::Nothing(why))) => {
                failed(format!("{stopped}, and nothing of them could be kept: {why}; {count_on}"))
            }
            (Some(stopped), None) => Err(Stopped(format!("{stopped}; {count_on}")).into()),
            (Some(stopped), Some(Kept::All)) => {
                Err(Stopped(format!("{stopped}, which {} keeps; {go_on}", path.display())).into())
            }
            (Some(stopped), Some(Kept::Some(samples, why))) => Err(Stopped(format!(
                "{stopped}, of which {} keeps {samples} ({why}); {go_on}",
                path.display()
            ))
            .into()),
        }
    }

    /// The command that counts what this run has left.
    fn rest(&self) -> String {
        let Work { generator, seed, samples, limit, .. } = self.work;
        let rest = samples.after(self.total.samples);
        let amount = match limit {
            Some(limit) => {
                // Shown without the digits that do not matter, but not as no time.
                let left = limit.saturating_sub(self.total.time).as_millis().max(1) as u64;
                format!(
                    "--time {}",
                    format_duration(Duration::from_millis(left)).to_string().replace(' ', "")
                )
            }
            None => format!("-n {}", rest.count()),
        };
        format!("pi sample {amount} --first {} --generator {generator} --seed {seed}", rest.first())
    }
}

/// A command line of `pi sample`.
fn command(arguments: &[&str]) -> String {
    let words = ["pi", "sample"].iter().chain(arguments);
    command_line(&words.map(|&word| word.to_owned()).collect::<Vec<_>>())
}
