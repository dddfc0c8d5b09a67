//! The MPI job that this process may belong to, by what the user and the environment say.

use super::Ranks;
use super::joining::{fail, in_turn, limit};
use super::launcher::{Launcher, Source, own_variable};
use crate::failure::USAGE;
use crate::output;
use anyhow::anyhow;
use std::time::Duration;

/// How the ranks of a job are found, which may be this process alone.
pub(crate) struct Job {
    source: Source,
    join_timeout: Duration,
}

impl Job {
    /// By the options, else by the variables that stand for them.
    ///
    /// # Errors
    /// If a variable's value makes no sense, whether it is needed or not.
    pub(crate) fn new(
        ranks_from: Option<Source>,
        join_timeout: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let source = Source::chosen(ranks_from, own_variable).map_err(|error| anyhow!(error))?;
        let join_timeout = limit(join_timeout, own_variable).map_err(|error| anyhow!(error))?;
        Ok(Self { source, join_timeout })
    }

    /// The job of ranks whose command line or variables have an error, which one of them is to say.
    pub(crate) fn with_an_error(ranks_from: Option<Source>) -> Self {
        let source = Source::chosen(ranks_from, own_variable);
        let source = source.unwrap_or(ranks_from.unwrap_or(Source::Auto));
        Self { source, join_timeout: Duration::ZERO }
    }

    /// Joins the other ranks, if there are any.
    ///
    /// # Errors
    /// The exit code, when the reason has been said.
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

    /// Refuses to do as one of several ranks what starts processes, ranks among them, itself.
    ///
    /// # Errors
    /// The exit code, when the reason has been said.
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

    /// Says an error before the ranks have joined, and ends the job. Returns the exit code, as what
    /// says the error does.
    pub(crate) fn fail(&self, say: impl FnOnce() -> u8) -> u8 {
        match self.others() {
            Some(launcher) => fail(&launcher, say),
            None => say(),
        }
    }

    /// The launcher that started more ranks than this one.
    fn others(&self) -> Option<Launcher> {
        let (launcher, _) = Launcher::find(self.source, own_variable).ok()?;
        launcher.filter(|launcher| launcher.size > 1)
    }
}
