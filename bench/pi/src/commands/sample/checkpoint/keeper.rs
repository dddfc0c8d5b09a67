//! Keeps what is done in a file while a run goes on. Only the first rank has a keeper.

use super::file::CheckpointFile;
use super::{text, work_of};
use crate::commands::sample::again::named;
use crate::commands::sample::work::{Tally, Work};
use crate::output::{self, command_line};
use anyhow::{Context, anyhow, bail};
use pi_harness::shown::readable;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes checkpoints of a run.
pub(crate) struct Keeper {
    file: CheckpointFile,
    every: Duration,
    /// When the last version was written, or could not be.
    last: Instant,
    /// The number of samples in the last version.
    kept: Option<u64>,
    /// Why the last version could not be written.
    trouble: Option<String>,
}

/// How much of a run is in its file in the end.
pub(crate) enum Kept {
    All,
    /// Only so many samples, and why. Some of them were counted by this run.
    Some(u64, String),
    /// Nothing that this run has counted, and why.
    Nothing(String),
}

/// Opens the checkpoint of an earlier run. Returns what is to be counted, and what is done of it.
///
/// # Errors
/// If the file is no good, or if another run uses it. It is left as it is.
pub(crate) fn open(path: &Path) -> anyhow::Result<(CheckpointFile, Work)> {
    let opened = CheckpointFile::open(path);
    let read = opened.and_then(|(file, text)| Ok((file, work_of(&text)?)));
    read.with_context(|| format!("cannot go on with {}", readable(path)))
}

/// Creates the checkpoint of a new run. If the system cannot write it now, it may be able to later.
///
/// # Errors
/// If there is something under this name, or if the name leads nowhere.
pub(crate) fn create(path: &Path, work: &Work, every: Duration) -> anyhow::Result<Keeper> {
    let cannot = |why: &dyn std::fmt::Display| anyhow!("cannot create {}: {why}", readable(path));
    let file = CheckpointFile::new(path).map_err(|error| cannot(&error))?;
    let mut keeper = Keeper { file, every, last: Instant::now(), kept: None, trouble: None };
    match keeper.file.write(&text(work, &work.before)) {
        Ok(()) => keeper.kept = Some(work.before.samples),
        // Whatever the error: a run that began at the same moment may have removed the new version as a
        // leftover.
        Err(_) if fs::symlink_metadata(path).is_ok() => bail!(taken(path)),
        Err(error) => match remedy(&error) {
            Some(remedy) => return Err(cannot(&format_args!("{error}; {remedy}"))),
            None => keeper.complain(&error),
        },
    }
    Ok(keeper)
}

/// Why a new run cannot have a file that exists.
fn taken(path: &Path) -> String {
    let shown = readable(path);
    match CheckpointFile::open(path) {
        Ok((_, text)) => match work_of(&text) {
            Ok(_) => format!(
                "{shown} is the checkpoint of an earlier run: go on with --resume {}, or remove it, or name \
                 another file",
                command_line(&[named(path)])
            ),
            Err(why) => format!("{shown} exists, and {why:#}; for a new count name another file"),
        },
        Err(error) => format!("{shown} exists, and {error:#}; or name another file"),
    }
}

/// What helps if an error comes from the name of the file, rather than from the state of the system.
fn remedy(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::NotFound => Some("make its folder first, or choose another name"),
        // The names of new versions are a little longer.
        ErrorKind::InvalidFilename => Some("choose a shorter name"),
        ErrorKind::InvalidInput | ErrorKind::NotADirectory => Some("choose another name"),
        _ => None,
    }
}

impl Keeper {
    /// Keeps what is done after the checkpoint of an earlier run.
    pub(crate) fn of(file: CheckpointFile, work: &Work, every: Duration) -> Self {
        Self { file, every, last: Instant::now(), kept: Some(work.before.samples), trouble: None }
    }

    /// A warning if another run might write the same file. Removes what runs that were killed have left.
    pub(crate) fn begin(&self) -> Option<String> {
        self.file.remove_leftovers();
        self.file.is_unlocked.then(|| {
            format!(
                "the file system has no locks for {}: make sure that no other run writes it",
                readable(self.path())
            )
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// So much is done. Writes it down if the interval is over.
    pub(crate) fn note(&mut self, work: &Work, total: &Tally) {
        if self.last.elapsed() >= self.every {
            self.write(work, total);
        }
    }

    /// The run ends here. Writes down what is done, unless it is in the file.
    pub(crate) fn end(&mut self, work: &Work, total: &Tally) -> Kept {
        if self.kept != Some(total.samples) || !self.file.is_in_place() {
            self.write(work, total);
        }
        let is_of_this_run = |kept: &u64| *kept > work.before.samples && self.file.is_in_place();
        match (self.trouble.take(), self.kept.filter(is_of_this_run)) {
            (None, _) => Kept::All,
            (Some(why), Some(kept)) => Kept::Some(kept, why),
            (Some(why), None) => Kept::Nothing(why),
        }
    }

    fn write(&mut self, work: &Work, total: &Tally) {
        match self.file.write(&text(work, total)) {
            Ok(()) => {
                self.kept = Some(total.samples);
                if self.trouble.take().is_some() {
                    output::say(format_args!("{} is written again", readable(self.path())));
                }
            }
            Err(error) => self.complain(&error),
        }
        self.last = Instant::now();
    }

    /// Says why a version could not be written, unless the version before failed for the same reason.
    fn complain(&mut self, error: &io::Error) {
        let why = format!("could not write {}: {error}", readable(self.path()));
        if self.trouble.as_ref() != Some(&why) {
            output::warn(&[format!("{why}; the count goes on, and pi tries again")]);
        }
        self.trouble = Some(why);
    }
}
