//! `pi compare`: the ranking within one result, or what changed between two.

use crate::CheckFailed;
use crate::cli::Compare;
use crate::measured::{Cell, Failure, Kind, Measured, floor_text};
use crate::number::{rate, ratio, share, size, time};
use crate::output;
use crate::results::{Block, ErrorKind, Header, Problem, Skipped};
use crate::stats::{Estimate, Interval, Verdict};
use anyhow::bail;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(options: &Compare, out: &mut impl Write) -> anyhow::Result<()> {
    let first = Measured::read(&options.file)?;
    match &options.other {
        None => rank_one(options, &first, out),
        Some(other) => compare_two(options, other, &first, &Measured::read(other)?, out),
    }
}

/// The place of a cell among others.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) cell: &'a Cell,
    /// From 1; cells between which no difference is seen share one. None without an interval.
    pub(crate) rank: Option<usize>,
    pub(crate) tied: bool,
    /// Its time for each sample or call.
    pub(crate) time: Estimate,
    /// Its time as a multiple of the best one's.
    pub(crate) to_best: Estimate,
}

impl Place<'_> {
    /// Its rank as people write it: `=2` if it is shared.
    pub(crate) fn rank_text(&self) -> String {
        let tied = if self.tied { "=" } else { "" };
        self.rank.map_or("-".to_owned(), |rank| format!("{tied}{rank}"))
    }
}

/// The cells of a rank, while they are being found.
struct Rank {
    number: usize,
    first: usize,
    /// The cell whose interval ends first, and where that is.
    surest: usize,
    end: f64,
}

/// Ranks cells that come with the fastest first: a cell shares the rank above it if it does not
/// differ from the surest cell of that rank, the one whose interval ends first. So a noisy cell
/// hides no difference between others, and no chain of small steps makes the fast and the slow
/// equal. Cells without an interval have no rank.
pub(crate) fn rank<'a>(cells: &[&'a Cell], noise_floor: Option<f64>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut ranked = 0;
    let mut last: Option<Rank> = None;
    for (position, &cell) in cells.iter().enumerate() {
        let time = cell.times.estimate();
        let to_best = match position {
            0 => Estimate { value: 1.0, interval: None },
            _ => cell.times.ratio(&cells[0].times),
        };
        let differs = |other: usize| match other {
            0 => Verdict::of(to_best, noise_floor).differs(),
            other => differ(cell, cells[other], noise_floor),
        };
        let mut place = Place { cell, rank: None, tied: false, time, to_best };
        if let Some(Interval { high: end, .. }) = time.interval {
            ranked += 1;
            let rank = match &mut last {
                Some(rank) if !differs(rank.surest) => {
                    places[rank.first].tied = true;
                    place.tied = true;
                    rank
                }
                _ => last.insert(Rank { number: ranked, first: position, surest: position, end }),
            };
            if end < rank.end {
                (rank.surest, rank.end) = (position, end);
            }
            place.rank = Some(rank.number);
        }
        places.push(place);
    }
    places
}

/// Whether a cell with an interval differs from a faster one that has one, too. Where their processes
/// are far apart, no bootstrap is needed to know: it takes most of the time of a ranking.
fn differ(cell: &Cell, faster: &Cell, noise_floor: Option<f64>) -> bool {
    let (shortest, _) = cell.times.extremes();
    let (_, longest) = faster.times.extremes();
    shortest > longest * (1.0 + noise_floor.unwrap_or(0.0))
        || Verdict::of(cell.times.ratio(&faster.times), noise_floor).differs()
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
    rank: Option<usize>,
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
    format!("{}{}", cell.key, star(cell))
}

/// What marks a cell that was disturbed.
pub(crate) fn star(cell: &Cell) -> &'static str {
    if cell.disturbed > 0 { " *" } else { "" }
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
    differences: Vec<Difference>,
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

impl ChangeRow {
    fn of(change: &Change) -> Self {
        Self {
            cell: change.before.key.to_string(),
            before: CellRow::of(change.before),
            after: CellRow::of(change.after),
            ratio: change.ratio,
            verdict: change.verdict,
        }
    }
}

/// A cell that both results have.
struct Change<'a> {
    before: &'a Cell,
    after: &'a Cell,
    /// Time after as a multiple of the time before.
    ratio: Estimate,
    verdict: Verdict,
}

impl<'a> Change<'a> {
    fn of(before: &'a Cell, after: &'a Cell, noise_floor: Option<f64>) -> Self {
        let ratio = after.times.ratio(&before.times);
        Self { before, after, ratio, verdict: Verdict::of(ratio, noise_floor) }
    }
}

/// The cell of that name in another result.
fn same_cell<'a>(measured: &'a Measured, cell: &Cell) -> Option<&'a Cell> {
    measured.cells.iter().find(|other| other.key == cell.key)
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
            "the two results were not made alike, and that may be all that differs: {}; give \
             --anyway to compare them nevertheless",
            differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
        );
    }
    // A faster program may have been given more samples, and is another version of itself.
    differences.extend(cells_differ("count", &pairs, |block| size(block.count)));
    differences.extend(cells_differ("version", &pairs, |block| block.version.clone()));
    let noise_floor =
        [before.noise_floor, after.noise_floor].into_iter().flatten().reduce(f64::max);
    let changes: Vec<Change> =
        pairs.iter().map(|(before, after)| Change::of(before, after, noise_floor)).collect();
    let check = options.fail_if_slower.map(|limit| none_slower(limit, &changes, before, after));
    if changes.is_empty() {
        check.transpose()?;
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
        differences,
        cells: changes.iter().map(ChangeRow::of).collect(),
        only_before: only(before, after),
        only_after: only(after, before),
        errors_before: errors(before),
        errors_after: errors(after),
        remarks_before: &before.remarks,
        remarks_after: &after.remarks,
        unread: problems.map(Problem::to_string).collect(),
    };
    if options.output.json {
        output::json(out, &comparison)?;
    } else {
        print_changes(out, &changes)?;
        comparison.print_rest(out)?;
        comparison.warn(&options.file, other);
    }
    check.transpose()?;
    all_read(&[before, after])
}

impl Comparison<'_> {
    /// What there is to say besides the changes.
    fn print_rest(&self, out: &mut impl Write) -> anyhow::Result<()> {
        for (cells, name) in [(&self.only_before, "first"), (&self.only_after, "second")] {
            for cell in cells {
                writeln!(out, "only in the {name}: {cell}")?;
            }
        }
        for (errors, name) in [(&self.errors_before, "first"), (&self.errors_after, "second")] {
            for ErrorRow { cell, kind, message, .. } in errors {
                writeln!(out, "error in the {name}: {cell}: {}: {message}", kind_text(*kind))?;
            }
        }
        let unlike = self.cells.iter().filter(|row| row.verdict.differs()).count();
        let floor = floor_text(self.noise_floor);
        writeln!(out, "{unlike} of {} cells differ, {floor}", self.cells.len())?;
        Ok(())
    }

    fn warn(&self, first: &Path, second: &Path) {
        for difference in &self.differences {
            output::say(format_args!("warning: not made alike: {difference}"));
        }
        for (remarks, file) in [(self.remarks_before, first), (self.remarks_after, second)] {
            for remark in remarks {
                output::say(format_args!("warning: {}: {remark}", file.display()));
            }
        }
    }
}

/// What is said of a comparison without an interval.
const TOO_FEW: &str = "too few processes to tell";

fn print_changes(out: &mut impl Write, changes: &[Change]) -> anyhow::Result<()> {
    let rows = changes.iter().map(|change| {
        let verdict = match change.verdict {
            Verdict::Faster => "faster",
            Verdict::Slower => "SLOWER",
            Verdict::NoDifference => "no difference seen",
            Verdict::TooFewProcesses => TOO_FEW,
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

/// An error if a cell became slower than allowed, or if nothing can be said of it: who counts
/// wrongly, or is not there any more, is no faster for it.
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
    let lost = before
        .cells
        .iter()
        .filter(|cell| same_cell(after, cell).is_none())
        .map(|cell| format!("{} has no times any more: {}", cell.key, why_lost(cell, after)));
    let untold = changes.iter().filter(|c| c.verdict == Verdict::TooFewProcesses).map(|change| {
        format!("{} has {TOO_FEW}: measure it with --processes 5 or more", change.before.key)
    });
    let bad: Vec<String> = slower.into_iter().chain(lost).chain(untold).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(CheckFailed(bad.join("; ")).into())
}

/// Why a cell has no times in a result, and what would give it some.
fn why_lost(cell: &Cell, measured: &Measured) -> String {
    let failure = measured.failures.iter().find(|failure| failure.key == cell.key);
    let skipped = measured.skipped.iter().find(|skipped| skipped.cell == cell.block.cell);
    match (failure, skipped) {
        (Some(failure), _) => failure.message.clone(),
        (None, Some(skipped)) => format!("it was skipped, {}", skipped.reason),
        (None, None) => {
            "it is not in the second result: measure it again, by the same suite and filter"
                .to_owned()
        }
    }
}

/// Something about how two results were made that would make a difference of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Difference {
    what: String,
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
    ("/build/mpi_library", "MPI library"),
    ("/build/warnings", "warnings of the build"),
    ("/mpi_launcher", "MPI launcher"),
];

/// What was not alike in two results, so that not only the programs differ.
fn differences(before: &Header, after: &Header) -> Vec<Difference> {
    let text = |header: &Header, pointer: &str| match header.environment.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) => "none".to_owned(),
        Some(value) => value.to_string(),
        None => "unknown".to_owned(),
    };
    let pinning = |header: &Header| {
        let free = header.command.iter().any(|word| word == "--no-pin");
        if free { "none" } else { "by pi" }.to_owned()
    };
    let environment = ALIKE.iter().map(|&(pointer, what)| Difference {
        what: what.to_owned(),
        before: text(before, pointer),
        after: text(after, pointer),
    });
    let pinned =
        Difference { what: "pinning".to_owned(), before: pinning(before), after: pinning(after) };
    environment.chain([pinned]).filter(|difference| difference.before != difference.after).collect()
}

/// In what cells differ, told of the first that does.
fn cells_differ(
    what: &str,
    pairs: &[(&Cell, &Cell)],
    text: impl Fn(&Block) -> String,
) -> Option<Difference> {
    let mut unlike = pairs
        .iter()
        .map(|(before, after)| (&before.key, text(&before.block), text(&after.block)))
        .filter(|(_, before, after)| before != after);
    let (key, before, after) = unlike.next()?;
    let more = match unlike.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some(Difference { what: format!("{what} of {key}{more}"), before, after })
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
    use crate::environment::Environment;

    #[test]
    fn what_must_be_alike_is_in_every_environment() {
        let here = serde_json::to_value(Environment::here(None)).unwrap();
        for (pointer, _) in ALIKE {
            assert!(here.pointer(pointer).is_some(), "{pointer} is not in {here:#}");
        }
    }

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
