//! Prints the ranking of one result.

use crate::output;
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::{Measured, all_read, floor_text};
use pi_harness::analysis::places::{Place, rank};
use pi_harness::analysis::rows::{CellRow, ErrorRow, kind_text, marked};
use pi_harness::analysis::stats::Estimate;
use pi_harness::number::{rate, ratio, share, time};
use pi_harness::results::{Problem, Skipped};
use serde::Serialize;
use std::io::Write;

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

/// Ranks the cells of a result.
pub(crate) fn run(json: bool, measured: &Measured, out: &mut impl Write) -> anyhow::Result<()> {
    let ranked = Kind::ALL.map(|kind| {
        let cells = measured.fastest_first(kind);
        (kind, rank(&cells, measured.noise_floor))
    });
    let ranked = ranked.into_iter().filter(|(_, places)| !places.is_empty());
    if json {
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
            output::line(out, format_args!("no cell has times"))?;
        }
        print_rest(out, measured)?;
        output::warn(&measured.remarks);
    }
    all_read(&[measured])
}

fn print_ranking(out: &mut impl Write, kind: Kind, places: &[Place]) -> anyhow::Result<()> {
    let intervals = Intervals::of(places.iter().map(|place| place.to_best.interval));
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        vec![
            place.rank_text(),
            marked(place.cell),
            rate(1.0 / times.value()),
            time(times.value()),
            ratio(place.to_best.value),
            if position == 0 {
                "best".to_owned()
            } else {
                intervals.text(place.to_best.interval, ratio)
            },
            share(times.mad() / times.median()),
            times.processes().to_string(),
        ]
    });
    let (per, interval) = (format!("time/{}", kind.unit()), intervals.heading());
    let header = ["rank", "cell", "rate", &per, "to best", &interval, "MAD", "processes"];
    write!(out, "{}", output::table(&header, rows))?;
    Ok(())
}

/// Prints errors, skipped cells and the noise floor.
fn print_rest(out: &mut impl Write, measured: &Measured) -> anyhow::Result<()> {
    for failure in &measured.failures {
        let row = ErrorRow::of(failure);
        output::line(
            out,
            format_args!("error: {}: {}: {}", row.cell, kind_text(row.kind), row.message),
        )?;
    }
    for skipped in &measured.skipped {
        output::line(out, format_args!("skipped: {}: {}", skipped.cell, skipped.reason))?;
    }
    output::line(
        out,
        format_args!("suite {}, {}", measured.header.suite, floor_text(measured.noise_floor)),
    )?;
    Ok(())
}
