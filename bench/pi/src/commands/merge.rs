//! `pi merge`: adds up the answers of parts of a count.

mod pieces;

use crate::options::Output;
use crate::output::{self, print_estimate, print_problem};
use anyhow::{anyhow, bail};
use clap::Args;
use libpi::Estimate;
use pi_harness::failure::CheckFailed;
use pi_harness::number::counted;
use pi_harness::shown::readable;
use pieces::{Kind, Piece, Pieces};
use serde::Serialize;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufReader, Read, Write, stdin};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Merge {
    /// Answers of pi sample --json or pi merge --json; a file may hold several. - is the standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
The answers must have the same generator and seed, and their samples must make up one range: none missing, \
none twice. What is missing is printed as the commands that count it. The sum is that of one run over the \
whole range. Exit code: 1 if a file is damaged or answers do not fit together, 2 if a file cannot be read.

Examples:
  pi sample -n 1e9 --shard 1/2 --json > 1.json
  pi sample -n 1e9 --shard 2/2 --json > 2.json
  pi merge 1.json 2.json
  find shards -name '*.json' -exec cat {} + | pi merge -
                                          more files than a command line holds";

/// The sum, as `--json` prints it. `pi merge` reads it again.
#[derive(Serialize)]
struct Answer {
    generator: &'static str,
    seed: u64,
    first: u64,
    count: u64,
    exact: bool,
    /// Whether it is a problem of the user's own. Then there is no estimate.
    #[serde(skip)]
    problem: bool,
    hits: u64,
    pi: Option<f64>,
    standard_error: Option<f64>,
    confidence_interval: Option<[f64; 2]>,
    /// The number of answers that were added up.
    answers: usize,
    warnings: Vec<String>,
}

pub(crate) fn run(options: &Merge, out: &mut impl Write) -> anyhow::Result<()> {
    let mut pieces = Pieces::default();
    for path in &options.files {
        if path == Path::new("-") {
            read("the standard input", stdin().lock(), &mut pieces)?;
        } else {
            let name = format!("'{}'", readable(path));
            let file = File::open(path).map_err(|error| unread(&name, &error))?;
            read(&name, file, &mut pieces)?;
        }
    }
    let (kind, from, to) = pieces.whole().map_err(CheckFailed)?;
    let answer = answer(kind, from, to, &pieces)?;
    output::warn(&answer.warnings);
    if options.output.json { output::json(out, &answer) } else { print(out, &answer) }
}

/// Reads the answers of one source.
fn read(name: &str, source: impl Read, pieces: &mut Pieces) -> anyhow::Result<()> {
    pieces.begin(name);
    let mut number = 0;
    let answers = serde_json::Deserializer::from_reader(BufReader::new(source));
    for piece in answers.into_iter::<Piece>() {
        number += 1;
        let added = match piece {
            Ok(piece) => pieces.add(&piece),
            Err(error) if error.is_io() => return Err(unread(name, &error)),
            Err(error) => Err(format!("it is no answer of pi sample --json ({error})")),
        };
        added.map_err(|why| CheckFailed(format!("{name}, answer {number}: {why}")))?;
    }
    if number == 0 {
        bail!(CheckFailed(format!("{name} is empty: it must hold an answer of pi sample --json")));
    }
    Ok(())
}

fn unread(name: &str, error: &dyn Display) -> anyhow::Error {
    anyhow!("{name} cannot be read: {error}")
}

/// The sum of answers that make up a range.
fn answer(kind: Kind, from: u128, to: u128, pieces: &Pieces) -> anyhow::Result<Answer> {
    let Kind { generator, seed } = kind;
    let count = u64::try_from(to - from).map_err(|_| {
        CheckFailed(
            "the answers together have 2^64 samples: one less than that can be counted".to_owned(),
        )
    })?;
    let hits = pieces.hits as u64;
    let estimate = Estimate::new(hits, count)?.filter(|_| !generator.is_problem());
    Ok(Answer {
        generator: generator.name(),
        seed,
        first: if count == 0 { 0 } else { from as u64 },
        count,
        exact: true,
        problem: generator.is_problem(),
        hits,
        pi: estimate.map(|e| e.pi),
        standard_error: estimate.map(|e| e.standard_error).filter(|&error| error > 0.0),
        confidence_interval: estimate.map(|e| e.confidence_interval),
        answers: pieces.answers,
        warnings: generator.warning(count).into_iter().collect(),
    })
}

fn print(out: &mut impl Write, answer: &Answer) -> anyhow::Result<()> {
    let Answer { generator, seed, first, count, hits, answers, .. } = answer;
    if answer.problem {
        print_problem(out, generator, *seed, *first, *hits, *count)?;
    } else {
        print_estimate(out, Estimate::new(*hits, *count)?, *hits)?;
        writeln!(out, "  hits          {hits} of {}", counted(*count, "sample"))?;
        writeln!(out, "  generator     {generator}, seed {seed}, from sample {first}")?;
    }
    writeln!(out, "  merged        {}", counted(*answers, "answer"))?;
    Ok(())
}
