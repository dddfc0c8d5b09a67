//! Prints what one result says: the answer, the cells of each generator by rank, what calls cost.

use crate::bounds;
use crate::output;
use crate::table::{Column, fixed, name, optional, table};
use pi_harness::analysis::answer::answers;
use pi_harness::analysis::bounds::Reached;
use pi_harness::analysis::contest::{Contest, contests};
use pi_harness::analysis::crossings::{Crossing, pair};
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::{Measured, all_read, floor_text};
use pi_harness::analysis::names::Shared;
use pi_harness::analysis::overhead::Overhead;
use pi_harness::analysis::peers::{LAST_COLUMN, headings, is_peers, lines, rows};
use pi_harness::analysis::places::{Place, rank};
use pi_harness::analysis::rows::{CellRow, ErrorRow, kind_text, marked, star};
use pi_harness::analysis::stats::Estimate;
use pi_harness::analysis::unequal::unequal;
use pi_harness::number::{counted, rate, ratio, share, size, time};
use pi_harness::results::{Problem, Skipped};
use serde::Serialize;
use std::io::Write;

/// How a result is shown.
pub(crate) struct View {
    pub(crate) json: bool,
    /// Whether calls and batches are ranked cell by cell, too.
    pub(crate) all: bool,
    /// The room for tables, as [`crate::table::width`] has it.
    pub(crate) width: Option<usize>,
    /// Whether the answer comes after the tables: where somebody has watched the tables go by.
    pub(crate) answer_last: bool,
}

/// A result, as `--json` prints it.
#[derive(Serialize)]
struct Ranking<'a> {
    suite: &'a str,
    question: &'a str,
    answer: Vec<String>,
    noise_floor: Option<f64>,
    rankings: Vec<Group<'a>>,
    /// Present if the session measured what goes with counting.
    #[serde(skip_serializing_if = "Option::is_none")]
    overhead: Option<Overhead<'a>>,
    /// What differs between the languages in the machine code of a kernel, if the session audited it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unequal: Vec<String>,
    errors: Vec<ErrorRow>,
    skipped: &'a [Skipped],
    remarks: &'a [String],
    unread: Vec<String>,
}

/// The cells of a generator, which do the same work.
#[derive(Serialize)]
struct Group<'a> {
    unit: &'static str,
    generator: &'a str,
    exact: bool,
    weak: bool,
    cells: Vec<RankRow>,
}

#[derive(Serialize)]
struct RankRow {
    rank: Option<usize>,
    tied: bool,
    #[serde(flatten)]
    cell: CellRow,
    ratio_to_best: Estimate,
    /// Present if the session measured the core and audited the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<Reached>,
}

/// Shows a result.
pub(crate) fn run(view: &View, measured: &Measured, out: &mut impl Write) -> anyhow::Result<()> {
    if view.json {
        output::json(out, &Ranking::of(measured))?;
    } else {
        if !view.answer_last {
            print_answer(out, view, measured)?;
        }
        print_tables(out, view, measured)?;
        print_rest(out, view, measured)?;
        if view.answer_last {
            print_answer(out, view, measured)?;
        }
        output::warn(&measured.remarks);
    }
    all_read(&[measured])
}

impl<'a> Ranking<'a> {
    fn of(measured: &'a Measured) -> Self {
        let row = |place: &Place| RankRow {
            rank: place.rank,
            tied: place.tied,
            cell: CellRow::of(place.cell),
            ratio_to_best: place.to_best,
            bound: measured.bounds.reached(place.cell),
        };
        let group = |contest: Contest<'a>| Group {
            unit: contest.kind.unit(),
            generator: contest.generator,
            exact: contest.exact,
            weak: contest.weak,
            cells: rank(&contest.cells, measured.noise_floor).iter().map(row).collect(),
        };
        Self {
            suite: &measured.header.suite,
            question: measured.header.question.trim(),
            answer: answers(measured),
            noise_floor: measured.noise_floor,
            rankings: contests(measured).into_iter().map(group).collect(),
            overhead: Overhead::of(measured),
            unequal: unequal(&measured.audits),
            errors: measured.failures.iter().map(ErrorRow::of).collect(),
            skipped: &measured.skipped,
            remarks: &measured.remarks,
            unread: measured.problems.iter().map(Problem::to_string).collect(),
        }
    }
}

/// The question, and below it the sentences that answer it.
fn print_answer(out: &mut impl Write, view: &View, measured: &Measured) -> anyhow::Result<()> {
    let answers = answers(measured);
    if answers.is_empty() {
        return Ok(());
    }
    output::paragraph(out, view.width, "", &measured.header.question)?;
    for answer in answers {
        output::paragraph(out, view.width, "  ", &answer)?;
    }
    writeln!(out)?;
    Ok(())
}

fn print_tables(out: &mut impl Write, view: &View, measured: &Measured) -> anyhow::Result<()> {
    if is_peers(measured) {
        print_peers(out, view, measured)?;
    }
    let crossings = Crossing::all(measured);
    let in_short = !view.all && !crossings.is_empty();
    for contest in contests(measured) {
        // Micro-kernels have a table of their own.
        let is_short = in_short || contest.kind == Kind::Peak;
        if contest.kind == Kind::Sample || view.all || !is_short {
            print_ranking(out, view, &contest, measured.noise_floor)?;
        }
    }
    if in_short {
        print_crossings(out, view, &crossings)?;
    }
    bounds::print(out, view.width, view.all, measured)?;
    if measured.cells.is_empty() {
        output::line(out, format_args!("no cell has times"))?;
    }
    Ok(())
}

/// libpi's kernels and the peers in one table, whatever their generators.
fn print_peers(out: &mut impl Write, view: &View, measured: &Measured) -> anyhow::Result<()> {
    let rows = rows(measured);
    if rows.is_empty() {
        return Ok(());
    }
    let [kernel, of, language, counts, one, most, libpi] = headings(measured);
    let columns = [
        name(&kernel),
        fixed(&of),
        optional(2, &language),
        optional(1, &counts),
        fixed(&one),
        fixed(&most),
        fixed(&libpi),
    ];
    let rows = lines(&rows).into_iter().map(Vec::from);
    output::line(out, format_args!("libpi and its peers; the last column: {LAST_COLUMN}"))?;
    write!(out, "{}", table(view.width, columns, rows))?;
    Ok(())
}

fn print_ranking(
    out: &mut impl Write,
    view: &View,
    contest: &Contest,
    noise_floor: Option<f64>,
) -> anyhow::Result<()> {
    let places = rank(&contest.cells, noise_floor);
    let intervals = Intervals::of(places.iter().map(|place| place.to_best.interval));
    // In a pipe every row has the full name, to be searched for.
    let shared = view.width.map(|_| Shared::of(&contest.cells)).unwrap_or_default();
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        vec![
            place.rank_text(),
            marked(&shared, place.cell),
            rate(1.0 / times.value()),
            time(times.value()),
            ratio(place.to_best.value),
            match position {
                0 => "best".to_owned(),
                _ => intervals.text(place.to_best.interval, ratio),
            },
            share(times.mad() / times.median()),
            times.processes().to_string(),
        ]
    });
    let per = format!("time/{}", contest.kind.unit());
    let columns = [
        fixed("rank"),
        name("cell"),
        fixed("rate"),
        optional(2, &per),
        fixed("to best"),
        fixed(&intervals.heading()),
        optional(3, "MAD"),
        optional(1, "processes"),
    ];
    output::line(out, heading(contest, &shared))?;
    write!(out, "{}", table(view.width, columns, rows))?;
    Ok(())
}

/// The generator, and what all of its cells share: `philox: level x86-64-v3, 12 processes each`.
fn heading(contest: &Contest, shared: &Shared) -> String {
    let mut processes: Vec<usize> =
        contest.cells.iter().map(|cell| cell.times.processes()).collect();
    processes.dedup();
    let processes = match processes[..] {
        [processes] => format!("{} each", counted(processes as u64, "process")),
        _ => String::new(),
    };
    let all = [shared.text(), processes];
    let all: Vec<&str> = all.iter().map(|text| &**text).filter(|text| !text.is_empty()).collect();
    let colon = if all.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", contest.title(), all.join(", "))
}

/// What calls cost from each language into each, in each way.
fn print_crossings(out: &mut impl Write, view: &View, all: &[Crossing]) -> anyhow::Result<()> {
    let intervals = Intervals::of(all.iter().map(|one| one.cost?.interval));
    let none = || "-".to_owned();
    let rows = all.iter().map(|one| {
        let (caller, callee) = pair(one.kernel);
        vec![
            caller,
            callee.unwrap_or_else(none),
            format!("{}{}", one.way, one.call.map_or("", star)),
            one.cost.map_or_else(none, |cost| time(cost.value)),
            one.cost.map_or_else(none, |cost| intervals.text(cost.interval, time)),
            one.enough_text(),
            one.near_best().map_or_else(none, size),
            one.call.map_or_else(none, |cell| time(cell.times.value())),
        ]
    });
    let columns: [Column; 8] = [
        name("from"),
        name("into"),
        name("way"),
        fixed("cost"),
        optional(3, &intervals.heading()),
        fixed("below 1% from"),
        optional(2, "near best from"),
        optional(1, "time/call"),
    ];
    output::line(
        out,
        "a call: its cost above the loop, and the samples from which on it is below 1%",
    )?;
    write!(out, "{}", table(view.width, columns, rows))?;
    output::line(out, "(--all ranks every call and batch)")?;
    Ok(())
}

/// Prints errors, skipped cells and the noise floor.
pub(crate) fn print_rest(
    out: &mut impl Write,
    view: &View,
    measured: &Measured,
) -> anyhow::Result<()> {
    for failure in &measured.failures {
        let row = ErrorRow::of(failure);
        output::line(
            out,
            format_args!("error: {}: {}: {}", row.cell, kind_text(row.kind), row.message),
        )?;
    }
    print_skipped(out, view, &measured.skipped)?;
    output::line(
        out,
        format_args!("suite {}, {}", measured.header.suite, floor_text(measured.noise_floor)),
    )?;
    Ok(())
}

/// The cells that were skipped: in a pipe one by one, else one for each reason and how many more.
fn print_skipped(out: &mut impl Write, view: &View, skipped: &[Skipped]) -> anyhow::Result<()> {
    let mut told: Vec<&str> = Vec::new();
    for Skipped { cell, reason, .. } in skipped {
        let alike = skipped.iter().filter(|other| other.reason == *reason).count();
        let more = match view.width.map(|_| alike - 1) {
            Some(_) if told.contains(&&**reason) => continue,
            None | Some(0) => String::new(),
            Some(more) => format!(" and {more} more"),
        };
        told.push(reason);
        output::line(out, format_args!("skipped: {cell}{more}: {reason}"))?;
    }
    Ok(())
}
