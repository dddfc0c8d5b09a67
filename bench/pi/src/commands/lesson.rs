//! `pi lesson`: the exercises of the lesson.

mod exercise;
mod place;

use crate::options::{Output, parse_launcher};
use crate::output;
use crate::table::{fixed, name, table, width};
use anyhow::bail;
use clap::Args;
use exercise::{EXERCISES, Exercise};
use libpi::Error;
use pi_harness::number::parse_count;
use pi_harness::shown::readable;
use std::ffi::OsString;
use std::io::{Write, stdout};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Lesson {
    /// An exercise; --list shows them
    #[arg(value_name = "EXERCISE", required_unless_present = "list")]
    what: Option<OsString>,

    /// List the exercises
    #[arg(long, conflicts_with = "what")]
    list: bool,

    /// Samples of the exercise, for a longer or a shorter one [default: its own]
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = parse_count, conflicts_with = "list",
          allow_hyphen_values = true)]
    samples: Option<u64>,

    /// Command that starts ranks. {ranks} stands for their number; without it, -n and the number are added
    /// [default: mpiexec, or the command in MPIEXEC, with the flags that leave the placement to pi]
    #[arg(long, value_name = "COMMAND", value_parser = parse_launcher)]
    launcher: Option<String>,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
An exercise is a small Python program in python/ladder/exercises. It measures on this machine, and explains \
its own numbers.
Exit codes: 0 done, 1 something is missing or failed, 2 bad usage, 75 interrupted.

Examples:
  pi lesson --list                        list the exercises
  pi lesson pool                          is a process pool faster than the serial loop?
  pi lesson threads -n 1e7                the same with more samples
  pi lesson gather                        what does gather do? Starts two ranks";

pub(crate) fn run(options: &Lesson, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(what) = options.what.as_ref().filter(|_| !options.list) else {
        return list(options, out);
    };
    let exercise = named(&readable(what))?;
    let answer = exercise.run(options.samples, options.launcher.as_deref())?;
    match options.output.json {
        true => output::json(out, &answer),
        false => answer.print(width(stdout()), out),
    }
}

fn named(name: &str) -> anyhow::Result<&'static Exercise> {
    let found = EXERCISES.iter().find(|exercise| exercise.name == name);
    let valid = || EXERCISES.iter().map(|exercise| exercise.name.to_owned()).collect();
    match found {
        Some(exercise) => Ok(exercise),
        None => {
            bail!(Error::Unknown { what: "exercise", name: name.to_owned(), valid: valid() })
        }
    }
}

fn list(options: &Lesson, out: &mut impl Write) -> anyhow::Result<()> {
    if options.output.json {
        return output::json(out, &EXERCISES);
    }
    let rows = EXERCISES.iter().map(|one| vec![one.name.to_owned(), one.question.to_owned()]);
    write!(out, "{}", table(width(stdout()), [name("exercise"), fixed("question")], rows))?;
    Ok(())
}
