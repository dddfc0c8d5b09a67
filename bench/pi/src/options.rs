//! Options that several subcommands share.

use crate::job::ranks::joining::parse_limit;
use crate::job::ranks::source::Source;
use anyhow::ensure;
use clap::Args;
use libpi::AUTO;
use pi_harness::launcher::words_of;
use pi_harness::shown::readable;
use std::time::Duration;

/// How a process finds the other ranks of an MPI job.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ranks of an MPI job")]
pub(crate) struct JobOptions {
    /// The launcher whose variables tell pi its rank and the number of ranks [default:
    /// LIBPI_RANKS_FROM, or auto]
    #[arg(long, global = true, value_name = "LAUNCHER")]
    pub(crate) ranks_from: Option<Source>,

    /// How long a rank waits for the other ranks to start pi [default: LIBPI_JOIN_TIMEOUT, or 60s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_limit)]
    pub(crate) join_timeout: Option<Duration>,
}

/// The number of threads.
#[derive(Debug, Args)]
pub(crate) struct Threads {
    /// Number of threads of each rank, 1 to 1024, or auto: one for each usable CPU, see `pi info`
    #[arg(long = "threads", value_name = "N", default_value = AUTO, value_parser = parse_threads,
          allow_hyphen_values = true)]
    pub(crate) number: ThreadCount,
}

/// Which rules a check tries.
#[derive(Debug, Args)]
pub(crate) struct RuleChoice {
    /// Try only the rules that contain these words
    #[arg(long = "rule", value_name = "WORDS")]
    words: Option<String>,
}

impl RuleChoice {
    pub(crate) fn is_all(&self) -> bool {
        self.words.is_none()
    }

    /// The chosen ones of some rules, by the sentence that each rule has.
    ///
    /// # Errors
    /// If no sentence contains the words.
    pub(crate) fn of<R>(
        &self,
        rules: Vec<R>,
        sentence: impl Fn(&R) -> &str,
    ) -> anyhow::Result<Vec<R>> {
        let Some(words) = &self.words else { return Ok(rules) };
        let (chosen, others): (Vec<R>, Vec<R>) =
            rules.into_iter().partition(|rule| sentence(rule).contains(words.as_str()));
        ensure!(
            !chosen.is_empty(),
            "no rule contains the words '{}'; the rules are:\n  {}",
            readable(words),
            others.iter().map(sentence).collect::<Vec<_>>().join("\n  ")
        );
        Ok(chosen)
    }
}

/// A number of threads, if one was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadCount(pub(crate) Option<i64>);

fn parse_threads(text: &str) -> Result<ThreadCount, String> {
    if text == AUTO {
        return Ok(ThreadCount(None));
    }
    let number = text.parse::<i64>().map_err(|_| {
        format!("it must be {AUTO} or a whole number from 1 to {}", libpi::MAX_THREADS)
    })?;
    libpi::check_threads(number).map_err(|error| error.to_string())?;
    Ok(ThreadCount(Some(number)))
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Output {
    /// Print one JSON object instead of text. Its integers are exact: read them as 64-bit
    #[arg(long)]
    pub(crate) json: bool,
}

/// A command that starts ranks.
pub(crate) fn parse_launcher(text: &str) -> Result<String, String> {
    match words_of(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("it must be a command, such as 'mpiexec -n {ranks}'".to_owned()),
    }
}
