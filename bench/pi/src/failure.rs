//! Errors, their exit codes and their messages.

use crate::answer;
use crate::output::{self, Output, OutputFailed};
use pi_harness::failure::{CannotTell, CheckFailed, Stopped};
use pi_harness::shown::{is_hidden, readable};
use std::io::{self, Write};
use std::{env, fmt};

/// Exit code: a check or the run failed.
pub(crate) const FAILED: u8 = 1;
/// Exit code: the request made no sense.
pub(crate) const USAGE: u8 = 2;
/// Exit code: the measurements cannot tell whether a limit was kept.
const UNTOLD: u8 = 3;
/// Exit code: stopped before the end, and the finished work is kept.
const STOPPED: u8 = 75;

/// An error that all ranks of an MPI job know of, with its exit code.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Agreed {}

/// The exit code for an error. A closed output pipe counts as success.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return if OutputFailed::is_closed_pipe(error) { 0 } else { FAILED };
    }
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        return u8::try_from(error.exit_code()).unwrap_or(USAGE);
    }
    if let Some(agreed) = error.downcast_ref::<Agreed>() {
        return agreed.code;
    }
    if error.is::<Stopped>() {
        return STOPPED;
    }
    if error.is::<CannotTell>() {
        return UNTOLD;
    }
    let failed = error.is::<CheckFailed>()
        || matches!(error.downcast_ref(), Some(libpi::Error::Spawn { .. }));
    if failed { FAILED } else { USAGE }
}

/// Prints the error and returns its exit code. clap returns help and version texts as errors too: they
/// are answers and go to stdout.
pub(crate) fn say_why(error: &anyhow::Error) -> u8 {
    let code = exit_code(error);
    match error.downcast_ref::<clap::Error>() {
        Some(asked) if code == 0 => {
            let mut out = Output(answer::stream());
            let printed = write!(out, "{}", asked.render()).and_then(|()| out.flush());
            return printed.map_or_else(|error| say_why(&error.into()), |()| 0);
        }
        // Arguments may hold control characters. Then the message is escaped, and loses clap's colours.
        Some(usage) if env::args_os().any(|word| readable(word).contains(is_hidden)) => {
            usage.render().to_string().lines().for_each(output::say);
        }
        // A failed write to stderr cannot be reported.
        Some(usage) => drop(usage.print()),
        None if code != 0 => output::say(format_args!("error: {error:#}")),
        None => {}
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn only_errors_of_the_output_are_reported_as_such() {
        let error = |kind| io::Error::new(kind, "a reason");
        for (kind, of_output, of_others) in
            [(io::ErrorKind::BrokenPipe, 0, FAILED), (io::ErrorKind::StorageFull, FAILED, FAILED)]
        {
            let output = anyhow::Error::from(OutputFailed::of(error(kind)));
            assert_eq!(exit_code(&output), of_output);
            assert_eq!(format!("{output:#}"), "could not write the output: a reason");
            let other: anyhow::Result<()> = Err(error(kind)).context("the file 'a'");
            let other = other.unwrap_err();
            assert_eq!(exit_code(&other), of_others);
            assert_eq!(format!("{other:#}"), "the file 'a': a reason");
        }
    }
}
