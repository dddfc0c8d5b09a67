//! `pi lesson`: the ladder of the lesson as a table, and its exercises.

mod exercise;
mod ladder;
mod place;

use crate::measure::{Measure, measure};
use crate::options::{Output, parse_launcher};
use crate::output;
use crate::ranking::View;
use crate::table::{fixed, name, table, width};
use anyhow::ensure;
use clap::Args;
use exercise::{EXERCISES, Exercise};
use libpi::{Catalog, Error};
use pi_harness::analysis::ladder::SUITE;
use pi_harness::analysis::measured::Measured;
use pi_harness::number::parse_count;
use pi_harness::shown::readable;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Lesson {
    /// An exercise (--list shows them), or a results file of the ladder [default: measure the ladder]
    #[arg(value_name = "EXERCISE|RESULTS")]
    what: Option<OsString>,

    /// List the exercises
    #[arg(long, conflicts_with = "what")]
    list: bool,

    /// Samples of the exercise, for a longer or a shorter one [default: its own]
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = parse_count,
          allow_hyphen_values = true)]
    samples: Option<u64>,

    /// Measure the ladder in a part of the time, with wider intervals
    #[arg(long, conflicts_with = "list")]
    quick: bool,

    /// File for the results of the ladder, JSON Lines [default: a new file, pi-ladder-TIME.jsonl]
    #[arg(short = 'o', long = "output", value_name = "FILE", conflicts_with = "list")]
    output_file: Option<PathBuf>,

    /// Command that starts ranks. {ranks} stands for their number; without it, -n and the number are added
    /// [default: mpiexec, or the command in MPIEXEC, with the flags that leave the placement to pi]
    #[arg(long, value_name = "COMMAND", value_parser = parse_launcher)]
    launcher: Option<String>,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Without an argument it measures the suite ladder, as `pi bench ladder` does, and shows a row for each rung: \
its lines of code, its rate, how many times faster it is than the lesson's loop and than the row above, and \
what limits it. Ctrl-C stops and keeps what was measured. `pi report` draws the ladder.
An exercise is a small Python program in python/ladder/exercises. It takes a few seconds, and explains the \
numbers that it measures.
Exit codes: 0 done, 1 something is missing or has an error, 2 bad usage, 75 interrupted.

Examples:
  pi lesson                               measure the ladder, and show it
  pi lesson --quick -o ladder.jsonl       the same in less time, in this file
  pi lesson ladder.jsonl                  show a ladder that was measured
  pi lesson --list                        list the exercises
  pi lesson pool                          time a pool against the serial loop
  pi lesson threads -n 1e7                an exercise with more samples
  pi lesson gather                        see what gather does, on two ranks";

/// The number of processes of each cell, and the time, with --quick. Fewer processes have no intervals.
const QUICK: (u32, Duration) = (5, Duration::from_secs(30));

pub(crate) fn run(catalog: &Catalog, options: &Lesson, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(what) = &options.what else {
        ensure!(
            options.samples.is_none(),
            "-n is for an exercise: name one, such as `pi lesson pool -n 1e6`"
        );
        return if options.list { list(options, out) } else { climb(catalog, options, out) };
    };
    ensure!(
        !options.quick && options.output_file.is_none(),
        "--quick and -o are for measuring the ladder, with neither exercise nor results: leave them out"
    );
    match named(what)? {
        Some(exercise) => {
            let answer = exercise.run(options.samples, options.launcher.as_deref())?;
            match options.output.json {
                true => output::json(out, &answer),
                false => answer.print(width(stdout()), out),
            }
        }
        None => {
            ensure!(options.samples.is_none(), "-n is for an exercise: leave it out");
            let measured = Measured::read(Path::new(what))?;
            let view = View {
                json: options.output.json,
                all: false,
                width: width(stdout()),
                answer_last: true,
            };
            ladder::run(&view, &measured, out)
        }
    }
}

/// Measures the ladder, and shows it.
fn climb(catalog: &Catalog, options: &Lesson, out: &mut impl Write) -> anyhow::Result<()> {
    let mut bench = Measure::of(SUITE);
    bench.output_file.clone_from(&options.output_file);
    bench.launcher.clone_from(&options.launcher);
    bench.output = options.output;
    if options.quick {
        (bench.processes, bench.budget) = (Some(QUICK.0), Some(QUICK.1));
    }
    if stderr().is_terminal() {
        output::say("measuring the ladder takes some minutes; Ctrl-C keeps what was measured");
    }
    measure(catalog, &bench, &|view, measured, out| ladder::run(view, measured, out), out)
}

/// The exercise of this name. None if it is the path of a file.
fn named(what: &OsStr) -> anyhow::Result<Option<&'static Exercise>> {
    let name = readable(what);
    let found = EXERCISES.iter().find(|exercise| exercise.name == name);
    if found.is_some() || name.contains(['/', '.']) {
        return Ok(found);
    }
    let valid = EXERCISES.iter().map(|exercise| exercise.name.to_owned()).collect();
    let unknown = Error::Unknown { what: "exercise", name, valid };
    Err(anyhow::Error::from(unknown).context("give an exercise, or the path of a results file"))
}

fn list(options: &Lesson, out: &mut impl Write) -> anyhow::Result<()> {
    if options.output.json {
        return output::json(out, &EXERCISES);
    }
    let rows = EXERCISES.iter().map(|one| vec![one.name.to_owned(), one.question.to_owned()]);
    write!(out, "{}", table(width(stdout()), [name("exercise"), fixed("question")], rows))?;
    Ok(())
}
