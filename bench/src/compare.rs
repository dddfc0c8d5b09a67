//! `pi compare`: the ranking within one result, or what changed between two.

use crate::CheckFailed;
use crate::cli::Compare;
use crate::measured::{Cell, Failure, Kind, Measured, floor_text};
use crate::number::{rate, ratio, share, time};
use crate::output;
use crate::results::{ErrorKind, Problem, Skipped};
use crate::stats::{Estimate, Interval, Verdict};
use anyhow::bail;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

pub(crate) fn run(options: &Compare, out: &mut impl Write) -> anyhow::Result<()> {
    let first = Measured::read(&options.file)?;
    match &options.other {
        None => rank_one(options, &first, out),
        Some(other) => compare_two(options, &first, &Measured::read(other)?, out),
    }
}

/// The place of a cell among others.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) cell: &'a Cell,
    /// From 1; cells between which no difference is seen share one.
    pub(crate) rank: usize,
    pub(crate) tied: bool,
    /// Its time for each sample or call.
    pub(crate) time: Estimate,
    /// Its time as a multiple of the best one's.
    pub(crate) to_best: Estimate,
}

impl Place<'_> {
    /// Its rank as people write it: `=2` if it is shared.
    pub(crate) fn rank_text(&self) -> String {
        format!("{}{}", if self.tied { "=" } else { "" }, self.rank)
    }
}

/// Ranks cells that come with the fastest first: a cell shares the place of the first one above it
/// from which it does not differ. Being compared with that one only, no chain of small steps makes
/// the fast and the slow equal.
pub(crate) fn rank<'a>(cells: &[&'a Cell], noise_floor: Option<f64>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut leader = 0;
    for (position, &cell) in cells.iter().enumerate() {
        let ratio = cell.times.ratio(&cells[leader].times);
        if position > 0 && Verdict::of(ratio, noise_floor) != Verdict::NoDifference {
            leader = position;
        }
        let tied = leader != position;
        if tied {
            places[leader].tied = true;
        }
        let to_best = match (position, leader) {
            (0, _) => Estimate { value: 1.0, interval: None },
            (_, 0) => ratio,
            _ => cell.times.ratio(&cells[0].times),
        };
        let time = cell.times.estimate();
        places.push(Place { cell, rank: leader + 1, tied, time, to_best });
    }
    places
}

/// A ranking, as `--json` prints it.
#[derive(Serialize)]
struct Ranking<'a> {
    suite: &'a str,
    noise_floor: Option<f64>,
    rankings: Vec<Group>,
    errors: Vec<ErrorRow>,
    skipped: &'a [Skipped],
    remarks: &'a [String],
    unread: Vec<String>,
}

#[derive(Serialize)]
struct Group {
    unit: &'static str,
    cells: Vec<RankRow>,
}

#[derive(Serialize)]
struct RankRow {
    rank: usize,
    tied: bool,
    #[serde(flatten)]
    cell: CellRow,
    ratio_to_best: Estimate,
}

/// A cell in numbers. Times are seconds for each sample or call.
#[derive(Serialize)]
struct CellRow {
    cell: String,
    seconds: Estimate,
    mad: f64,
    min: f64,
    per_second: f64,
    processes: usize,
    runs: usize,
    disturbed: usize,
}

impl CellRow {
    fn of(cell: &Cell) -> Self {
        let times = &cell.times;
        Self {
            cell: cell.key.to_string(),
            seconds: times.estimate(),
            mad: times.mad(),
            min: times.min(),
            per_second: 1.0 / times.median(),
            processes: times.processes(),
            runs: times.runs(),
            disturbed: cell.disturbed,
        }
    }
}

/// A block without times.
#[derive(Serialize)]
struct ErrorRow {
    cell: String,
    process: u32,
    kind: ErrorKind,
    message: String,
}

impl ErrorRow {
    fn of(failure: &Failure) -> Self {
        Self {
            cell: failure.key.to_string(),
            process: failure.process,
            kind: failure.kind,
            message: failure.message.clone(),
        }
    }
}

/// A kind of error, as it is written in a result.
pub(crate) fn kind_text(kind: ErrorKind) -> String {
    let value = serde_json::to_value(kind).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// An interval as a reader takes it in; a unit that both ends have is said once.
pub(crate) fn interval_text(interval: Option<Interval>, text: impl Fn(f64) -> String) -> String {
    let Some(Interval { low, high }) = interval else { return "-".to_owned() };
    let (low, high) = (text(low), text(high));
    let number = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let (low_ends, high_ends) = (number(&low), number(&high));
    let same = low[low_ends..] == high[high_ends..];
    format!("{} to {high}", if same { &low[..low_ends] } else { &low })
}

/// The cell's name, with a star if it was disturbed.
pub(crate) fn marked(cell: &Cell) -> String {
    format!("{}{}", cell.key, if cell.disturbed > 0 { " *" } else { "" })
}

fn rank_one(options: &Compare, measured: &Measured, out: &mut impl Write) -> anyhow::Result<()> {
    let ranked = Kind::ALL.map(|kind| {
        let cells = measured.fastest_first(kind);
        (kind, rank(&cells, measured.noise_floor))
    });
    let ranked = ranked.into_iter().filter(|(_, places)| !places.is_empty());
    if options.output.json {
        let row = |place: &Place| RankRow {
            rank: place.rank,
            tied: place.tied,
            cell: CellRow::of(place.cell),
            ratio_to_best: place.to_best,
        };
        let ranking = Ranking {
            suite: &measured.header.suite,
            noise_floor: measured.noise_floor,
            rankings: ranked
                .map(|(kind, places)| Group {
                    unit: kind.unit(),
                    cells: places.iter().map(row).collect(),
                })
                .collect(),
            errors: measured.failures.iter().map(ErrorRow::of).collect(),
            skipped: &measured.skipped,
            remarks: &measured.remarks,
            unread: measured.problems.iter().map(Problem::to_string).collect(),
        };
        output::json(out, &ranking)?;
    } else {
        for (kind, places) in ranked {
            print_ranking(out, kind, &places)?;
        }
        if measured.cells.is_empty() {
            writeln!(out, "no cell has times")?;
        }
        print_rest(out, measured)?;
        output::warn(&measured.remarks);
    }
    all_read(&[measured])
}

fn print_ranking(out: &mut impl Write, kind: Kind, places: &[Place]) -> anyhow::Result<()> {
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        vec![
            place.rank_text(),
            marked(place.cell),
            rate(1.0 / times.median()),
            time(times.median()),
            ratio(place.to_best.value),
            if position == 0 {
                "best".to_owned()
            } else {
                interval_text(place.to_best.interval, ratio)
            },
            share(times.mad() / times.median()),
            times.processes().to_string(),
        ]
    });
    let per = format!("time/{}", kind.unit());
    let header = ["rank", "cell", "rate", &per, "to best", "95% interval", "MAD", "processes"];
    write!(out, "{}", output::table(&header, rows))?;
    Ok(())
}

/// What has no times, and the noise floor.
fn print_rest(out: &mut impl Write, measured: &Measured) -> anyhow::Result<()> {
    for failure in &measured.failures {
        let row = ErrorRow::of(failure);
        writeln!(out, "error: {}: {}: {}", row.cell, kind_text(row.kind), row.message)?;
    }
    for skipped in &measured.skipped {
        writeln!(out, "skipped: {}: {}", skipped.cell, skipped.reason)?;
    }
    writeln!(out, "suite {}, {}", measured.header.suite, floor_text(measured.noise_floor))?;
    Ok(())
}

/// Two results, as `--json` prints their comparison.
#[derive(Serialize)]
struct Comparison<'a> {
    noise_floor: Option<f64>,
    differences: &'a [Difference],
    cells: Vec<ChangeRow>,
    only_before: Vec<String>,
    only_after: Vec<String>,
    errors_before: Vec<ErrorRow>,
    errors_after: Vec<ErrorRow>,
    remarks_before: &'a [String],
    remarks_after: &'a [String],
    unread: Vec<String>,
}

#[derive(Serialize)]
struct ChangeRow {
    cell: String,
    before: CellRow,
    after: CellRow,
    ratio: Estimate,
    verdict: Verdict,
}

/// A cell that both results have.
struct Change<'a> {
    before: &'a Cell,
    after: &'a Cell,
    /// Time after as a multiple of the time before.
    ratio: Estimate,
    verdict: Verdict,
}

fn compare_two(
    options: &Compare,
    before: &Measured,
    after: &Measured,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let differences = differences(&before.header.environment, &after.header.environment);
    if !differences.is_empty() && !options.anyway {
        bail!(
            "the two results were not made alike, so that a difference between them would not be \
             one of libpi: {}; give --anyway to compare them nevertheless",
            differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
        );
    }
    let noise_floor =
        [before.noise_floor, after.noise_floor].into_iter().flatten().reduce(f64::max);
    let other =
        |measured: &'_ Measured, cell: &Cell| measured.cells.iter().position(|c| c.key == cell.key);
    let changes: Vec<Change> = before
        .cells
        .iter()
        .filter_map(|cell| {
            let after = &after.cells[other(after, cell)?];
            let ratio = after.times.ratio(&cell.times);
            Some(Change { before: cell, after, ratio, verdict: Verdict::of(ratio, noise_floor) })
        })
        .collect();
    if changes.is_empty() {
        bail!("no cell has times in both results: measure the same suite twice");
    }
    let only = |these: &Measured, those: &Measured| -> Vec<String> {
        let alone = these.cells.iter().filter(|cell| other(those, cell).is_none());
        alone.map(|cell| cell.key.to_string()).collect()
    };
    let (only_before, only_after) = (only(before, after), only(after, before));

    if options.output.json {
        let row = |change: &Change| ChangeRow {
            cell: change.before.key.to_string(),
            before: CellRow::of(change.before),
            after: CellRow::of(change.after),
            ratio: change.ratio,
            verdict: change.verdict,
        };
        let errors = |measured: &Measured| measured.failures.iter().map(ErrorRow::of).collect();
        let problems = before.problems.iter().chain(&after.problems);
        let comparison = Comparison {
            noise_floor,
            differences: &differences,
            cells: changes.iter().map(row).collect(),
            only_before,
            only_after,
            errors_before: errors(before),
            errors_after: errors(after),
            remarks_before: &before.remarks,
            remarks_after: &after.remarks,
            unread: problems.map(Problem::to_string).collect(),
        };
        output::json(out, &comparison)?;
    } else {
        print_changes(out, &changes)?;
        for (cells, name) in [(only_before, "first"), (only_after, "second")] {
            for cell in cells {
                writeln!(out, "only in the {name}: {cell}")?;
            }
        }
        for (measured, name) in [(before, "first"), (after, "second")] {
            for failure in &measured.failures {
                let row = ErrorRow::of(failure);
                writeln!(
                    out,
                    "error in the {name}: {}: {}: {}",
                    row.cell,
                    kind_text(row.kind),
                    row.message
                )?;
            }
        }
        let unlike = changes.iter().filter(|c| c.verdict != Verdict::NoDifference).count();
        writeln!(out, "{unlike} of {} cells differ, {}", changes.len(), floor_text(noise_floor))?;
        for difference in &differences {
            output::warn(&[format!("not made alike: {difference}")]);
        }
        output::warn(&before.remarks);
        output::warn(&after.remarks);
    }
    if let Some(limit) = options.fail_if_slower {
        none_slower(limit, &changes, before, after)?;
    }
    all_read(&[before, after])
}

fn print_changes(out: &mut impl Write, changes: &[Change]) -> anyhow::Result<()> {
    let rows = changes.iter().map(|change| {
        let verdict = match change.verdict {
            Verdict::Faster => "faster",
            Verdict::Slower => "SLOWER",
            Verdict::NoDifference => "no difference seen",
        };
        vec![
            marked(if change.after.disturbed > 0 { change.after } else { change.before }),
            time(change.before.times.median()),
            time(change.after.times.median()),
            ratio(change.ratio.value),
            interval_text(change.ratio.interval, ratio),
            verdict.to_owned(),
        ]
    });
    let header = ["cell", "first", "second", "ratio of times", "95% interval", "verdict"];
    write!(out, "{}", output::table(&header, rows))?;
    Ok(())
}

/// An error if a cell became slower than allowed, or lost its times to an error: a kernel that
/// counts wrongly is no faster for it.
fn none_slower(
    limit: f64,
    changes: &[Change],
    before: &Measured,
    after: &Measured,
) -> anyhow::Result<()> {
    let slower = changes
        .iter()
        .filter(|c| c.verdict == Verdict::Slower && c.ratio.value > 1.0 + limit)
        .max_by(|a, b| a.ratio.value.total_cmp(&b.ratio.value))
        .map(|worst| {
            let (cell, ratio) = (&worst.before.key, ratio(worst.ratio.value));
            format!("slower by more than {}, {cell} the most: {ratio} times the time", share(limit))
        });
    let lost = before.cells.iter().find_map(|cell| {
        let none = after.cells.iter().all(|c| c.key != cell.key);
        let failure = after.failures.iter().find(|failure| none && failure.key == cell.key)?;
        Some(format!("{} has no times any more: {}", cell.key, failure.message))
    });
    let bad: Vec<String> = slower.into_iter().chain(lost).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(CheckFailed(bad.join("; ")).into())
}

/// Something about how two results were made that would make a difference of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Difference {
    what: &'static str,
    before: String,
    after: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} and {}", self.what, self.before, self.after)
    }
}

/// What of the environment must be the same: the machine, the compilers and their flags. `pi info
/// --diff` shows all that differs.
const ALIKE: &[(&str, &str)] = &[
    ("/machine/cpu", "CPU"),
    ("/machine/architecture", "architecture"),
    ("/cpus/usable", "usable CPUs"),
    ("/build/target", "target"),
    ("/build/profile", "profile of the build"),
    ("/build/compilers", "compilers and flags"),
    ("/build/openmp_runtime", "OpenMP runtime"),
    ("/mpi/launcher", "MPI launcher"),
];

fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let text = |environment: &Value, pointer: &str| match environment.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "unknown".to_owned(),
    };
    ALIKE
        .iter()
        .map(|&(pointer, what)| Difference {
            what,
            before: text(before, pointer),
            after: text(after, pointer),
        })
        .filter(|difference| difference.before != difference.after)
        .collect()
}

/// An error if a file could not be read in full: what was shown is then only a part.
pub(crate) fn all_read(results: &[&Measured]) -> anyhow::Result<()> {
    let problems: Vec<&Problem> = results.iter().flat_map(|measured| &measured.problems).collect();
    let Some(first) = problems.first() else { return Ok(()) };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more such lines)"),
    };
    Err(CheckFailed(format!("{first}{more}; only the rest was used")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_said_once() {
        let text =
            |low, high, text: fn(f64) -> String| interval_text(Some(Interval { low, high }), text);
        assert_eq!(text(0.5e-9, 0.6e-9, time), "0.500 to 0.600 ns");
        assert_eq!(text(0.9e-6, 1.1e-6, time), "900 ns to 1.10 µs");
        assert_eq!(text(0.97, 0.981, share), "97.0 to 98.1%");
        assert_eq!(text(-0.01, 0.01, share), "-1.0 to 1.0%");
        assert_eq!(text(0.9, 1.1, ratio), "0.900 to 1.100");
        assert_eq!(interval_text(None, ratio), "-");
    }
}
