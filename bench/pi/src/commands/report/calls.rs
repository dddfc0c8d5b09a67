//! What a call across languages costs, and from which batch on that is next to nothing.

use super::Pictures;
use super::document::{Part, Table, name, number};
use super::plots::{self, Axes, Curve, Panel, Scale};
use pi_harness::analysis::crossings::{Batches, Calls, LANGUAGES, WAYS, way};
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::measured::{Cell, Measured};
use pi_harness::analysis::rows::marked;
use pi_harness::analysis::stats::Estimate;
use pi_harness::number::{share, size, time};
use std::collections::BTreeSet;

/// `c-rust` as `C → Rust`.
fn pair(kernel: &str) -> String {
    let name = |part: &str| {
        LANGUAGES
            .iter()
            .find(|(short, _)| *short == part)
            .map_or(part.to_owned(), |l| l.1.to_owned())
    };
    match kernel.split_once('-') {
        Some((caller, callee)) => format!("{} → {}", name(caller), name(callee)),
        None => kernel.to_owned(),
    }
}

/// A size as it stands beside an axis.
fn power(count: u64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match size(count).split_once('^') {
        None => count.to_string(),
        Some((base, exponent)) => {
            let raised = exponent.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]);
            format!("{base}{}", raised.collect::<String>())
        }
    }
}

/// What a call costs, from each language into each, in each way.
pub(super) fn crossings(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let calls = Calls::of(measured);
    let cells = &calls.cells;
    let Some(first) = cells.first() else { return Ok(()) };
    let mut kernels: Vec<&str> = cells.iter().map(|cell| &*cell.block.cell.kernel).collect();
    kernels.dedup();
    let ways = BTreeSet::from_iter(
        cells.iter().map(|cell| (way(&cell.block.cell.driver), &*cell.block.cell.driver)),
    );
    let ways: Vec<&str> = ways.into_iter().map(|(_, way)| way).collect();
    let rows: Vec<String> = kernels.iter().map(|kernel| pair(kernel)).collect();
    let heads: Vec<String> = ways.iter().map(|&way| way.to_owned()).collect();
    let start = first.times.value();
    let (least, most) = cells
        .iter()
        .map(|cell| cell.times.value())
        .fold((start, start), |(least, most), time| (least.min(time), most.max(time)));
    pictures.heading("What a call costs");
    pictures.add(
        "Cost of a call across languages",
        "Time of a call, the loop around it included: from which language into which down, in which \
         way across. The floor is the same loop with the callee inlined. The stronger the \
         shade, the longer, in equal ratios.",
        |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                let call = calls.cell(kernels[row], ways[column])?.times.value();
                Some((time(call), (call / least).ln() / (most / least).ln().max(0.1)))
            })
        },
    )?;
    let cost = |cell: &Cell| calls.cost(&cell.block.cell.kernel, &cell.block.cell.driver);
    let of_calls = Intervals::of(cells.iter().map(|cell| cell.times.estimate().interval));
    let of_costs = Intervals::of(cells.iter().map(|cell| cost(cell)?.interval));
    let rows = cells.iter().map(|cell| {
        let call = cell.times.estimate();
        let cost = cost(cell);
        vec![
            pair(&cell.block.cell.kernel),
            cell.block.cell.driver.clone(),
            time(call.value),
            of_calls.text(call.interval, time),
            cost.map_or("-".to_owned(), |cost| time(cost.value)),
            cost.map_or("-".to_owned(), |cost| of_costs.text(cost.interval, time)),
            time(cell.times.min()),
            share(cell.times.mad() / cell.times.median()),
            marked(cell),
        ]
    });
    pictures.parts.push(Part::Table(Table {
        caption: "Every crossing; the cost is the time above the caller's floor".to_owned(),
        header: vec![
            name("from → into"),
            name("way"),
            number("time per call"),
            number(&of_calls.heading()),
            number("cost"),
            number(&of_costs.heading()),
            number("shortest run"),
            number("MAD"),
            name("cell"),
        ],
        rows: rows.collect(),
    }));
    Ok(())
}

/// From which batch on a crossing costs next to nothing.
pub(super) fn batches(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let series = Batches::of(measured);
    if series.is_empty() {
        return Ok(());
    }
    let sizes =
        BTreeSet::from_iter(series.iter().flat_map(|one| &one.cells).map(|&(batch, _)| batch));
    let across: Vec<(f64, String)> =
        sizes.iter().map(|&batch| (batch as f64, power(batch))).collect();
    let axes = Axes {
        scale: (Scale::Log, Scale::Log),
        names: ("samples in a call", "nanoseconds per sample"),
        across: &across,
        tick: &|value| format!("{value}"),
        ideal: None,
    };
    pictures.heading("From which batch on a call costs less than 1%");
    pictures.add(
        "Time per sample by the size of a batch",
        "Time per sample over the samples of a call, both in equal ratios: a panel for each pair of \
         languages, a line for each way of calling. A ring marks the batch from which on the call \
         costs less than 1% of the time. The numbers are in the table.",
        |words| plots::curves(words, &panels(&series), &axes),
    )?;
    let end = |cell: Option<&(u64, &Cell)>| {
        cell.map_or("-".to_owned(), |(_, cell)| time(cell.times.value()))
    };
    let rows = series.iter().map(|one| {
        vec![
            pair(one.kernel),
            one.way.to_owned(),
            one.cost.map_or("not measured".to_owned(), |cost| time(cost.value)),
            one.cost.map_or("-".to_owned(), |cost| enough(one, cost)),
            end(one.cells.first()),
            end(one.cells.last()),
        ]
    });
    let ends =
        [sizes.first(), sizes.last()].map(|size_of| size_of.map_or(String::new(), |&s| size(s)));
    pictures.parts.push(Part::Table(Table {
        caption: format!(
            "From the batch named on, and in every larger one, the cost of a call is less than 1% of \
             the time of the batch; where two are named, the cost is not known well enough to choose. \
             Beside it the time per sample in the smallest batch ({}) and in the largest ({})",
            ends[0], ends[1]
        ),
        header: vec![
            name("from → into"),
            name("way"),
            number("cost of a call"),
            number("below 1% from"),
            number("smallest batch"),
            number("largest batch"),
        ],
        rows: rows.collect(),
    }));
    Ok(())
}

/// The batch from which on a crossing costs next to nothing; two where the cost is not known better.
fn enough(one: &Batches, cost: Estimate) -> String {
    let text = |cost| one.enough(cost).map_or("none of these".to_owned(), size);
    let (low, high) = cost.interval.map_or((cost.value, cost.value), |i| (i.low, i.high));
    let (low, high) = (text(low), text(high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// A panel for each pair of languages.
fn panels(series: &[Batches]) -> Vec<Panel> {
    let of_pair = |panel: &[Batches]| Panel {
        title: pair(panel[0].kernel),
        curves: panel.iter().map(curve).collect(),
    };
    series.chunk_by(|a, b| a.kernel == b.kernel).map(of_pair).collect()
}

fn curve(one: &Batches) -> Curve {
    let point = |&(batch, cell): &(u64, &Cell)| {
        let time = cell.times.estimate().map(|seconds| seconds * 1e9);
        (batch as f64, time.value, time.interval)
    };
    Curve {
        label: one.way.to_owned(),
        hue: WAYS.len() - way(one.way),
        points: one.cells.iter().map(point).collect(),
        law: Vec::new(),
        ring: one.cost.and_then(|cost| one.enough(cost.value)).map(|batch| batch as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_powers_as_they_are_shown() {
        assert_eq!(pair("c-fortran"), "C → Fortran");
        assert_eq!(pair("python-rust"), "python → Rust");
        assert_eq!(power(1 << 20), "2²⁰");
        assert_eq!(power(64), "64");
    }
}
