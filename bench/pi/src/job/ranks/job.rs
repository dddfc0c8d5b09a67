//! The MPI job that this process may belong to, as the user and the environment describe it.

use super::Ranks;
use super::joining::{fail, in_turn, limit};
use super::launcher::Launcher;
use super::source::Source;
use super::variable::own_variable;
use crate::failure::USAGE;
use crate::output;
use anyhow::anyhow;
use std::time::Duration;

/// How this process finds the other ranks of its job, if there are any.
pub(crate) struct Job {
    source: Source,
    join_timeout: Duration,
}

impl Job {
    /// Takes the options, or the variables that stand for them.
    ///
    /// # Errors
    /// If a variable's value makes no sense, even if the option overrides it.
    pub(crate) fn new(
        ranks_from: Option<Source>,
        join_timeout: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let source = Source::chosen(ranks_from, own_variable).map_err(|error| anyhow!(error))?;
        let join_timeout = limit(join_timeout, own_variable).map_err(|error| anyhow!(error))?;
        Ok(Self { source, join_timeout })
    }

    /// The job of a process whose command line or variables have an error.
    pub(crate) fn with_an_error(ranks_from: Option<Source>) -> Self {
        let source = Source::chosen(ranks_from, own_variable);
        let source = source.unwrap_or(ranks_from.unwrap_or(Source::Auto));
        Self { source, join_timeout: Duration::ZERO }
    }

    /// Joins the other ranks, if there are any.
    ///
    /// # Errors
    /// The exit code; the reason is printed.
    pub(crate) fn join(&self) -> Result<Ranks, u8> {
        let found = Launcher::find(self.source, own_variable);
        let (launcher, remarks) = found.map_err(|error| {
            output::say(format_args!("error: {error}"));
            USAGE
        })?;
        output::warn(&remarks);
        Ranks::join(launcher.as_ref(), self.join_timeout)
            .map_err(|unusable| unusable.end_job(USAGE))
    }

    /// Refuses to run `pi bench` or `pi check-runner` on several ranks.
    ///
    /// # Errors
    /// The exit code; the reason is printed.
    pub(crate) fn refuse_others(&self) -> Result<(), u8> {
        let Some(launcher) = self.others() else { return Ok(()) };
        in_turn(&launcher, || {
            output::say(format_args!(
                "error: a launcher started this on {} ranks ({}), each of which would measure all: \
                 start it once, without a launcher; `pi bench` starts ranks itself, see its --ranks; \
                 {}",
                launcher.size,
                launcher.said_by(),
                launcher.if_left_over()
            ));
        });
        Err(USAGE)
    }

    /// Prints an error by `say` before the ranks have joined, and ends the job. Returns the exit code
    /// that `say` returns.
    pub(crate) fn fail(&self, say: impl FnOnce() -> u8) -> u8 {
        match self.others() {
            Some(launcher) => fail(&launcher, say),
            None => say(),
        }
    }

    /// The launcher, if it started more ranks than this one.
    fn others(&self) -> Option<Launcher> {
        let (launcher, _) = Launcher::find(self.source, own_variable).ok()?;
        launcher.filter(|launcher| launcher.size > 1)
    }
}
