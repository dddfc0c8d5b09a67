//! The speeds of cells. Each generator has a table of kernels and drivers, a ladder of speeds and a ranking.

use super::Sections;
use super::document::{Table, name, number};
use super::plots::{self, Rung};
use pi_harness::analysis::cell::Cell;
use pi_harness::analysis::contest::{Contest, contests};
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::ladder::is_rung;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::names::Shared;
use pi_harness::analysis::places::{Place, rank};
use pi_harness::analysis::rows::{marked, star};
use pi_harness::number::{counted, rate, ratio, share, time};
use std::collections::BTreeSet;

/// The largest number of rungs of a ladder. A longer ladder shows only the fastest cells.
const RUNGS: usize = 60;

/// The colour of a language, and its name.
fn language(name: &str) -> (usize, &str) {
    match name {
        "Rust" => (0, name),
        "C" => (1, name),
        "Fortran" => (2, name),
        "Python" => (3, name),
        _ => (6, "other"),
    }
}

/// A rate on an axis: `2 G/s`.
pub(super) fn short_rate(per_second: f64) -> String {
    let text = rate(per_second);
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number} {unit}")
}

/// Adds a section for each generator: which kernel under which driver is fastest, and by how much.
pub(super) fn speeds(sections: &mut Sections, measured: &Measured) {
    let samples = contests(measured).into_iter().filter(|contest| contest.kind == Kind::Sample);
    for contest in samples {
        sections.heading(&contest.title());
        let shared = Shared::of(&contest.cells);
        if !shared.text().is_empty() {
            sections.text(format!("All cells: {}.", shared.text()));
        }
        if measured.header.picture == "matrix" {
            drivers(sections, &contest, &shared);
        }
        let places = rank(&contest.cells, measured.noise_floor);
        ladder(sections, measured, &contest, &shared, &places);
        sections.table(ranking(&shared, &places));
    }
}

/// The ladder of speeds.
fn ladder(
    sections: &mut Sections,
    measured: &Measured,
    contest: &Contest,
    shared: &Shared,
    places: &[Place],
) {
    let rung = |place: &Place| {
        let speed = place.time.map(|time| 1.0 / time);
        Rung {
            label: marked(shared, place.cell),
            hue: language(&place.cell.block.language).0,
            value: speed.value,
            interval: speed.interval,
            text: rate(speed.value),
            bound: measured.bounds.reached(place.cell).map(|reached| reached.per_second),
        }
    };
    let rungs: Vec<Rung> = places.iter().take(RUNGS).map(rung).collect();
    let bounded = rungs.iter().any(|rung| rung.bound.is_some());
    let legend: BTreeSet<(usize, &str)> =
        contest.cells.iter().take(RUNGS).map(|cell| language(&cell.block.language)).collect();
    let legend: Vec<_> = legend.into_iter().map(|(hue, name)| (hue, name.to_owned())).collect();
    let shown = match places.len() {
        all if all > RUNGS => format!("The {RUNGS} fastest of {all} cells"),
        all => counted(all, "cell"),
    };
    sections.picture(
        &format!("Ladder of speeds, {}", contest.title()),
        &format!(
            "{shown}, the fastest above: samples a second, the lower quartile of processes with its \
             interval (often narrower than its mark){}.",
            if bounded { "; the bar is the bound of the kernel's instructions on this core" } else { "" }
        ),
        None,
        |words| plots::ladder(words, &rungs, &legend, short_rate),
    );
}

fn ranking(shared: &Shared, places: &[Place]) -> Table {
    let of_times = Intervals::of(places.iter().map(|place| place.time.interval));
    let of_ratios = Intervals::of(places.iter().map(|place| place.to_best.interval));
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        let estimate = place.time;
        vec![
            place.rank_text(),
            marked(shared, place.cell),
            rate(1.0 / estimate.value),
            ratio(place.to_best.value),
            if position == 0 {
                "best".to_owned()
            } else {
                of_ratios.text(place.to_best.interval, ratio)
            },
            time(estimate.value),
            of_times.text(estimate.interval, time),
            share(times.mad() / times.median()),
            format!("{} × {}", times.processes(), times.runs() / times.processes()),
        ]
    });
    Table {
        caption: "Every cell, the fastest first; = marks a shared rank".to_owned(),
        header: vec![
            number("rank"),
            name("cell"),
            number("rate"),
            number("to the best"),
            number(&of_ratios.heading()),
            number("time per sample"),
            number(&of_times.heading()),
            number("MAD"),
            number("processes × runs"),
        ],
        rows: rows.collect(),
    }
}

/// The cell's rate, with a star if it was disturbed.
fn marked_rate(cell: &Cell) -> String {
    format!("{}{}", rate(1.0 / cell.times.value()), star(cell))
}

/// Kernels against drivers, if there are several of each.
fn drivers(sections: &mut Sections, contest: &Contest, shared: &Shared) {
    // A rung of the ladder is a program of its own, and would be alone in its row and column.
    let cells: Vec<&Cell> = contest.cells.iter().copied().filter(|cell| !is_rung(cell)).collect();
    let Some(best) = cells.first().map(|cell| cell.times.value()) else { return };
    let column = |cell: &Cell| {
        let block = &cell.block;
        (cell.processors(), block.cell.driver.clone(), block.cell.ranks, block.cell.threads)
    };
    let mut kernels: Vec<&str> = Vec::new();
    for cell in &cells {
        if !kernels.contains(&&*cell.block.cell.kernel) {
            kernels.push(&cell.block.cell.kernel);
        }
    }
    let columns: Vec<_> =
        BTreeSet::from_iter(cells.iter().map(|&cell| column(cell))).into_iter().collect();
    if kernels.len() < 2 || columns.len() < 2 {
        return;
    }
    let at = |row: usize, number: usize| {
        cells.iter().find(|c| c.block.cell.kernel == kernels[row] && column(c) == columns[number])
    };
    let rows: Vec<String> = kernels.iter().map(|kernel| shared.kernel(kernel).to_owned()).collect();
    let heads: Vec<String> = columns
        .iter()
        .map(|(_, driver, ranks, threads)| format!("{driver} {ranks}x{threads}"))
        .collect();
    let title = contest.title();
    let table_row = |(row, kernel): (usize, &String)| {
        let rate_at = |column| at(row, column).map_or("-".to_owned(), |cell| marked_rate(cell));
        std::iter::once(kernel.clone()).chain((0..columns.len()).map(rate_at)).collect()
    };
    let table = Table {
        caption: "Samples per second. Rows are kernels; columns are drivers with ranks x threads. * marks \
                  disturbed cells"
            .to_owned(),
        header: std::iter::once(name("kernel")).chain(heads.iter().map(|h| number(h))).collect(),
        rows: rows.iter().enumerate().map(table_row).collect(),
    };
    sections.picture(
        &format!("Kernels against drivers, {title}"),
        &format!(
            "Samples per second of {title}. Rows are kernels; columns are drivers with ranks x threads. The \
             stronger the shade, the faster the cell. * marks disturbed cells."
        ),
        Some(table),
        |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                at(row, column).map(|cell| (marked_rate(cell), best / cell.times.value()))
            })
        },
    );
}
