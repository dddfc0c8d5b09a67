//! `pi compare`: the ranking within one result, or what changed between two.

use crate::options::Output;
use crate::output;
use crate::ranking::{self, View};
use crate::table::{fixed, name, optional, table, width};
use anyhow::bail;
use clap::Args;
use pi_harness::analysis::cell::Cell;
use pi_harness::analysis::change::{Change, common_ratio, same_cell};
use pi_harness::analysis::contest::contests;
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::likeness::{Difference, differences, notes, warnings};
use pi_harness::analysis::limit::{Limit, Standing};
use pi_harness::analysis::measured::{Measured, all_read, floor_text};
use pi_harness::analysis::names::Shared;
use pi_harness::analysis::rows::{CellRow, ErrorRow, kind_text, star};
use pi_harness::analysis::stats::{Estimate, Verdict};
use pi_harness::number::{counted, parse_share, ratio, share, time};
use pi_harness::results::Problem;
use serde::Serialize;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// Result of `pi bench` to rank, or the earlier of two results to compare
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The later result, to show what changed
    #[arg(value_name = "OTHER")]
    other: Option<PathBuf>,

    /// Compare the results even if their machines, machine settings, variables, compilers, flags or pinning
    /// differ
    #[arg(long, requires = "other")]
    anyway: bool,

    /// Exit with 1 if the whole interval of a cell's ratio is beyond this limit, or if a cell has lost its
    /// times; exit with 3 if the measurements cannot tell
    #[arg(long, value_name = "PERCENT", requires = "other", value_parser = parse_share,
          allow_hyphen_values = true)]
    fail_if_slower: Option<f64>,

    /// Also rank every call and every batch of calls; by default a short table shows what calls cost
    #[arg(long, conflicts_with = "other")]
    all: bool,

    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
A cell's time is the lower quartile of its processes. Intervals run from one process to another and state \
the level that they reach. The session measured some cells twice: the largest gap between two such \
measurements is the noise floor. Two cells differ if the whole interval of their ratio lies beyond the \
noise floor. Cells are ranked within a generator. A cell shares a rank, as in =2, if it does not differ from the cell of that rank whose \
interval ends first. Cells with fewer than five processes are not compared. If all cells changed by the \
same ratio, the machine changed.
In a terminal the tables fit its width; in a pipe each row has the full name of its cell and all \
columns. The variable COLUMNS sets another width.
Exit codes: 0 done, 1 a line could not be read, or a cell is slower than --fail-if-slower allows or has \
lost its times, 2 bad usage, 3 with --fail-if-slower: the measurements cannot tell.

Examples:
  pi compare results.jsonl                rank the cells of a result
  pi compare before.jsonl after.jsonl     show what changed
  pi compare before.jsonl after.jsonl --fail-if-slower 5%
                                          fail a build in continuous integration";

impl Compare {
    fn view(&self) -> View {
        View { json: self.output.json, all: self.all, width: width(stdout()), answer_last: false }
    }
}

pub(crate) fn run(options: &Compare, out: &mut impl Write) -> anyhow::Result<()> {
    let first = Measured::read(&options.file)?;
    match &options.other {
        None => ranking::run(&options.view(), &first, out),
        Some(other) => compare_two(options, other, &first, &Measured::read(other)?, out),
    }
}

/// Two results, as `--json` prints their comparison.
#[derive(Serialize)]
struct Comparison<'a> {
    noise_floor: Option<f64>,
    /// The ratio by which all cells changed, if it is the same for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    common_ratio: Option<f64>,
    differences: Vec<Difference>,
    cells: Vec<ChangeRow>,
    only_before: Vec<String>,
    only_after: Vec<String>,
    errors_before: Vec<ErrorRow>,
    errors_after: Vec<ErrorRow>,
    remarks_before: &'a [String],
    remarks_after: &'a [String],
    warnings_before: Vec<String>,
    warnings_after: Vec<String>,
    unread: Vec<String>,
}

#[derive(Serialize)]
struct ChangeRow {
    cell: String,
    before: CellRow,
    after: CellRow,
    ratio: Estimate,
    verdict: Verdict,
    /// Present if the user gave a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Standing>,
}

impl ChangeRow {
    fn of(change: &Change, limit: Option<Limit>) -> Self {
        Self {
            cell: change.before.key.to_string(),
            before: CellRow::of(change.before),
            after: CellRow::of(change.after),
            ratio: change.ratio,
            verdict: change.verdict,
            limit: limit.map(|limit| limit.standing(change)),
        }
    }
}

fn compare_two(
    options: &Compare,
    other: &Path,
    before: &Measured,
    after: &Measured,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let pairs: Vec<(&Cell, &Cell)> =
        before.cells.iter().filter_map(|cell| Some((cell, same_cell(after, cell)?))).collect();
    let mut differences = differences(&before.header, &after.header);
    if !differences.is_empty() && !options.anyway {
        bail!(
            "the two results were not made alike, so the programs may not be what differs: {}; give \
             --anyway to compare them all the same",
            differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
        );
    }
    differences.extend(notes(before, after, &pairs));
    let noise_floor =
        [before.noise_floor, after.noise_floor].into_iter().flatten().reduce(f64::max);
    let changes: Vec<Change> =
        pairs.iter().map(|(before, after)| Change::of(before, after, noise_floor)).collect();
    let common_ratio = common_ratio(&changes, noise_floor);
    let limit = options.fail_if_slower.map(|slower| Limit { slower, noise_floor, common_ratio });
    let none_beyond = limit.map_or(Ok(()), |limit| limit.none_beyond(&changes, before, after));
    if changes.is_empty() && none_beyond.is_ok() {
        bail!("no cell has times in both results: measure the same suite twice");
    }
    let only = |these: &Measured, those: &Measured| -> Vec<String> {
        let alone = these.cells.iter().filter(|cell| same_cell(those, cell).is_none());
        alone.map(|cell| cell.key.to_string()).collect()
    };
    let errors = |measured: &Measured| measured.failures.iter().map(ErrorRow::of).collect();
    let problems = before.problems.iter().chain(&after.problems);
    let comparison = Comparison {
        noise_floor,
        common_ratio,
        differences,
        cells: changes.iter().map(|change| ChangeRow::of(change, limit)).collect(),
        only_before: only(before, after),
        only_after: only(after, before),
        errors_before: errors(before),
        errors_after: errors(after),
        remarks_before: &before.remarks,
        remarks_after: &after.remarks,
        warnings_before: warnings(&before.header),
        warnings_after: warnings(&after.header),
        unread: problems.map(Problem::to_string).collect(),
    };
    if options.output.json {
        output::json(out, &comparison)?;
    } else {
        print_changes(out, before, &changes, limit)?;
        comparison.print_rest(out)?;
        comparison.warn(&options.file, other);
    }
    none_beyond?;
    all_read(&[before, after])?;
    limit.map_or(Ok(()), |limit| limit.all_told(&changes))
}

impl Comparison<'_> {
    /// Prints everything besides the changes.
    fn print_rest(&self, out: &mut impl Write) -> anyhow::Result<()> {
        for (cells, name) in [(&self.only_before, "first"), (&self.only_after, "second")] {
            for cell in cells {
                output::line(out, format_args!("only in the {name}: {cell}"))?;
            }
        }
        for (errors, name) in [(&self.errors_before, "first"), (&self.errors_after, "second")] {
            for ErrorRow { cell, kind, message, .. } in errors {
                output::line(
                    out,
                    format_args!("error in the {name}: {cell}: {}: {message}", kind_text(*kind)),
                )?;
            }
        }
        let unlike = self.cells.iter().filter(|row| row.verdict.differs()).count();
        let floor = floor_text(self.noise_floor);
        let all = counted(self.cells.len() as u64, "cell");
        output::line(out, format_args!("{unlike} of {all} differ, {floor}"))?;
        if let Some(common) = self.common_ratio {
            writeln!(
                out,
                "the cells changed by the same ratio, {}: the machine changed, unless the programs share \
                 what changed",
                ratio(common)
            )?;
        }
        Ok(())
    }

    fn warn(&self, first: &Path, second: &Path) {
        for difference in &self.differences {
            output::say(format_args!("warning: not made alike: {difference}"));
        }
        let (before, after) = (&self.warnings_before, &self.warnings_after);
        for warning in before.iter().filter(|warning| after.contains(warning)) {
            output::say(format_args!("warning: both results: {warning}"));
        }
        let alone = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|warning| !those.contains(warning)).cloned().collect()
        };
        for (remarks, warnings, file) in [
            (self.remarks_before, alone(before, after), first),
            (self.remarks_after, alone(after, before), second),
        ] {
            for warning in warnings.iter().chain(remarks) {
                output::say(format_args!("warning: {}: {warning}", file.display()));
            }
        }
    }
}

/// Prints the changes, cell by cell, a table for each generator.
fn print_changes(
    out: &mut impl Write,
    before: &Measured,
    changes: &[Change],
    limit: Option<Limit>,
) -> anyhow::Result<()> {
    for contest in contests(before) {
        let is_in =
            |change: &&Change| contest.cells.iter().any(|cell| std::ptr::eq(*cell, change.before));
        let changes: Vec<&Change> = changes.iter().filter(is_in).collect();
        if !changes.is_empty() {
            print_contest(out, &contest.title(), &changes, limit)?;
        }
    }
    Ok(())
}

fn print_contest(
    out: &mut impl Write,
    title: &str,
    changes: &[&Change],
    limit: Option<Limit>,
) -> anyhow::Result<()> {
    let width = width(stdout());
    let cells: Vec<&Cell> = changes.iter().map(|change| change.before).collect();
    // In a pipe every row has the full name, to be searched for.
    let shared = width.map(|_| Shared::of(&cells)).unwrap_or_default();
    let intervals = Intervals::of(changes.iter().map(|change| change.ratio.interval));
    let rows = changes.iter().map(|change| {
        let verdict = match change.verdict {
            Verdict::Faster => "faster",
            Verdict::Slower => "SLOWER",
            Verdict::NoDifference => "no difference seen",
            Verdict::TooFewProcesses => "too few processes",
        };
        let standing = limit.map(|limit| match limit.standing(change) {
            Standing::Within => "within",
            Standing::Beyond => "BEYOND",
            Standing::CannotTell => "cannot tell",
        });
        let disturbed = if change.after.disturbed > 0 { change.after } else { change.before };
        let mut row = vec![
            format!("{}{}", shared.short(change.before), star(disturbed)),
            time(change.before.times.value()),
            time(change.after.times.value()),
            ratio(change.ratio.value),
            intervals.text(change.ratio.interval, ratio),
            verdict.to_owned(),
        ];
        row.extend(standing.map(str::to_owned));
        row
    });
    let mut columns = vec![
        name("cell"),
        optional(1, "first"),
        optional(2, "second"),
        fixed("ratio"),
        fixed(&intervals.heading()),
        fixed("verdict"),
    ];
    columns.extend(limit.map(|limit| fixed(&format!("limit {}", share(limit.slower)))));
    let colon = if shared.text().is_empty() { "" } else { ": " };
    output::line(out, format_args!("{title}{colon}{}", shared.text()))?;
    write!(out, "{}", table(width, columns, rows))?;
    Ok(())
}
