//! Who is fastest: the ladder of speeds, and kernels against drivers.

use super::Pictures;
use super::document::{Part, Table, name, number};
use super::plots::{self, Rung};
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::{Cell, Measured};
use pi_harness::analysis::places::{Place, rank};
use pi_harness::analysis::rows::{marked, star};
use pi_harness::number::{counted, rate, ratio, share, time};
use std::collections::{BTreeMap, BTreeSet};

/// Rungs of a ladder above which the picture shows the fastest only.
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
fn short_rate(per_second: f64) -> String {
    let text = rate(per_second);
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number} {unit}")
}

/// The ladder of speeds, and the ranking that it shows.
pub(super) fn ladder(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let cells = measured.fastest_first(Kind::Sample);
    let places = rank(&cells, measured.noise_floor);
    let (Some(best), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
    pictures.heading("The ladder of speeds");
    let equal = |place: &&Place| place.tied && place.rank == best.rank;
    let equals = places.iter().skip(1).filter(equal).count();
    let tied = match equals {
        0 => String::new(),
        1 => ", with one more that does not differ from it".to_owned(),
        _ => format!(", with {equals} more that do not differ from it"),
    };
    pictures.text(format!(
        "The fastest is `{}` at {}{tied}. The slowest, `{}`, takes {} times as long.",
        best.cell.key,
        rate(1.0 / best.cell.times.value()),
        last.cell.key,
        ratio(last.to_best.value)
    ));
    let rung = |place: &Place| {
        let speed = place.time.map(|time| 1.0 / time);
        Rung {
            label: marked(place.cell),
            hue: language(&place.cell.block.language).0,
            value: speed.value,
            interval: speed.interval,
            text: rate(speed.value),
        }
    };
    let rungs: Vec<Rung> = places.iter().take(RUNGS).map(rung).collect();
    let legend: BTreeSet<(usize, String)> = cells
        .iter()
        .take(RUNGS)
        .map(|cell| language(&cell.block.language))
        .map(|(hue, name)| (hue, name.to_owned()))
        .collect();
    let legend: Vec<_> = legend.into_iter().collect();
    let shown = match cells.len() {
        all if all > RUNGS => format!("The {RUNGS} fastest of {all} cells"),
        all => counted(all, "cell"),
    };
    pictures.add(
        "Ladder of speeds",
        &format!(
            "{shown}, the fastest above: samples a second, the lower quartile of processes with its \
             interval (often narrower than its mark). All numbers are in the table."
        ),
        |words| plots::ladder(words, &rungs, &legend, short_rate),
    )?;
    pictures.parts.push(ranking(
        "Every cell, the fastest first; = marks a shared rank",
        Kind::Sample,
        &places,
    ));
    Ok(())
}

fn ranking(caption: &str, kind: Kind, places: &[Place]) -> Part {
    let of_times = Intervals::of(places.iter().map(|place| place.time.interval));
    let of_ratios = Intervals::of(places.iter().map(|place| place.to_best.interval));
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        let estimate = place.time;
        vec![
            place.rank_text(),
            marked(place.cell),
            rate(1.0 / estimate.value),
            time(estimate.value),
            of_times.text(estimate.interval, time),
            ratio(place.to_best.value),
            if position == 0 {
                "best".to_owned()
            } else {
                of_ratios.text(place.to_best.interval, ratio)
            },
            time(times.min()),
            share(times.mad() / times.median()),
            format!("{} × {}", times.processes(), times.runs() / times.processes()),
        ]
    });
    let per = if kind == Kind::Crossing { "time per call" } else { "time per sample" };
    Part::Table(Table {
        caption: caption.to_owned(),
        header: vec![
            number("rank"),
            name("cell"),
            number("rate"),
            number(per),
            number(&of_times.heading()),
            number("to the best"),
            number(&of_ratios.heading()),
            number("shortest run"),
            number("MAD"),
            number("processes × runs"),
        ],
        rows: rows.collect(),
    })
}

/// The cell's rate, with a star if it was disturbed.
fn marked_rate(cell: &Cell) -> String {
    format!("{}{}", rate(1.0 / cell.times.value()), star(cell))
}

/// Kernels against drivers, a matrix for each generator.
pub(super) fn drivers(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let cells = measured.fastest_first(Kind::Sample);
    let mut generators: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for &cell in cells.iter().filter(|cell| !cell.block.weak) {
        generators.entry(&cell.block.cell.generator).or_default().push(cell);
    }
    for (generator, cells) in generators {
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
            continue;
        }
        let at = |row: usize, number: usize| {
            cells
                .iter()
                .find(|c| c.block.cell.kernel == kernels[row] && column(c) == columns[number])
        };
        let best = cells[0].times.value();
        let rows: Vec<String> = kernels.iter().map(|&kernel| kernel.to_owned()).collect();
        let heads: Vec<String> = columns
            .iter()
            .map(|(_, driver, ranks, threads)| format!("{driver} {ranks}x{threads}"))
            .collect();
        pictures.heading(&format!("Kernels against drivers: {generator}"));
        let title = format!("Kernels against drivers, {generator}");
        let description = format!(
            "Samples a second of {generator}: kernels down, drivers across with ranks x threads; the \
             stronger the shade, the faster; * marks disturbed cells. The intervals are in the table of \
             the ladder."
        );
        pictures.add(&title, &description, |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                at(row, column).map(|cell| (marked_rate(cell), best / cell.times.value()))
            })
        })?;
        let table_row = |(row, kernel): (usize, &String)| {
            let rate_at = |column| at(row, column).map_or("-".to_owned(), |cell| marked_rate(cell));
            std::iter::once(kernel.clone()).chain((0..columns.len()).map(rate_at)).collect()
        };
        pictures.parts.push(Part::Table(Table {
            caption: format!("The same in numbers: {generator}"),
            header: std::iter::once(name("kernel"))
                .chain(heads.iter().map(|head| number(head)))
                .collect(),
            rows: rows.iter().enumerate().map(table_row).collect(),
        }));
    }
    Ok(())
}
