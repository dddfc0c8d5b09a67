//! The cost of a call across languages, and the batch from which on this cost is negligible.

use super::Sections;
use super::document::{Table, name, number};
use super::plots::{self, Axes, Curve, Panel, Rung, Scale};
use pi_harness::analysis::cell::Cell;
use pi_harness::analysis::crossings::{Crossing, WAYS, floors, pair, way};
use pi_harness::analysis::intervals::Intervals;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::rows::star;
use pi_harness::analysis::stats::{Estimate, Interval};
use pi_harness::number::{share, size, time};
use std::collections::BTreeSet;

/// `c-rust` as `C → Rust`.
fn arrow(kernel: &str) -> String {
    match pair(kernel) {
        (caller, Some(callee)) => format!("{caller} → {callee}"),
        (kernel, None) => kernel,
    }
}

/// A size as the text of a tick.
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

/// Adds the cost of a call for each pair of languages and each way, and the batch from which on this cost is
/// negligible.
pub(super) fn crossings(sections: &mut Sections, measured: &Measured) {
    let all = Crossing::all(measured);
    if all.is_empty() {
        return;
    }
    sections.heading("What a call costs");
    let floors: Vec<String> = floors(measured)
        .iter()
        .map(|cell| format!("{} in {}", time(cell.times.value()), pair(&cell.block.cell.kernel).0))
        .collect();
    if !floors.is_empty() {
        sections.text(format!(
            "The cost of a call is its time minus the time of the same loop without the call. That loop \
             takes {}.",
            floors.join(", ")
        ));
    }
    let (common, others): (Vec<&Crossing>, Vec<&Crossing>) =
        all.iter().partition(|one| one.is_common_way());
    matrix(sections, &common);
    ladder(sections, &others);
    sections.table(table(&all));
    batches(sections, &all);
}

/// The costs of the ways that many pairs of languages have, as shades.
fn matrix(sections: &mut Sections, all: &[&Crossing]) {
    let costs = || all.iter().filter_map(|one| one.cost);
    let mut kernels: Vec<&str> = all.iter().map(|one| one.kernel).collect();
    kernels.dedup();
    let ways =
        BTreeSet::from_iter(all.iter().filter(|one| one.call.is_some()).map(|one| by_way(one)));
    let ways: Vec<&str> = ways.into_iter().map(|(_, way)| way).collect();
    // A cost that the noise hides gets the shade of the smallest cost above 0.
    let shown = costs().map(|cost| cost.value).filter(|&cost| cost > 0.0);
    let (least, most) = shown.fold((f64::INFINITY, 0.0_f64), |(l, m), c| (l.min(c), m.max(c)));
    if ways.is_empty() || most == 0.0 {
        return;
    }
    let rows: Vec<String> = kernels.iter().map(|kernel| arrow(kernel)).collect();
    let heads: Vec<String> = ways.iter().map(|&way| way.to_owned()).collect();
    sections.picture(
        "Cost of a call across languages",
        "Cost of a call. Each row is a pair of languages, each column a way of calling. The stronger the \
         shade, the higher the cost, on a logarithmic scale.",
        None,
        |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                let is_it =
                    |one: &&&Crossing| (one.kernel, one.way) == (kernels[row], ways[column]);
                let cost = all.iter().find(is_it)?.cost?.value;
                let shade = (cost.max(least) / least).ln() / (most / least).ln().max(0.1);
                Some((time(cost), shade))
            })
        },
    );
}

/// The costs of the ways that few pairs of languages have, such as those from and into Python.
fn ladder(sections: &mut Sections, all: &[&Crossing]) {
    let mut costs: Vec<(&Crossing, Estimate)> = all
        .iter()
        .filter_map(|one| Some((*one, one.cost.filter(|cost| cost.value > 0.0)?)))
        .collect();
    costs.sort_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
    if costs.is_empty() {
        return;
    }
    let rung = |(one, cost): &(&Crossing, Estimate)| Rung {
        label: format!("{}, {}", arrow(one.kernel), one.way),
        hue: 0,
        value: cost.value,
        // An axis of equal ratios has no place for 0.
        interval: cost.interval.map(|i| Interval { low: i.low.max(cost.value / 10.0), ..i }),
        text: time(cost.value),
        bound: None,
    };
    let rungs: Vec<Rung> = costs.iter().map(rung).collect();
    sections.picture(
        "Cost of a call from and into other languages",
        "Cost of a call in ways that few pairs of languages have, the cheapest above, with intervals.",
        None,
        |words| plots::ladder(words, &rungs, &[], time),
    );
}

/// The order of ways, the cheapest first.
fn by_way<'a>(one: &Crossing<'a>) -> (usize, &'a str) {
    (way(one.way), one.way)
}

/// A row for each pair of languages and way of calling.
fn table(all: &[Crossing]) -> Table {
    let call = |one: &Crossing| Some(one.call?.times.estimate());
    let of_calls = Intervals::of(all.iter().map(|one| call(one)?.interval));
    let of_costs = Intervals::of(all.iter().map(|one| one.cost?.interval));
    let none = || "-".to_owned();
    let rows = all.iter().map(|one| {
        vec![
            arrow(one.kernel),
            format!("{}{}", one.way, one.call.map_or("", star)),
            one.cost.map_or_else(none, |cost| time(cost.value)),
            one.enough_text(),
            one.cost.map_or_else(none, |cost| of_costs.text(cost.interval, time)),
            one.near_best().map_or_else(none, size),
            call(one).map_or_else(none, |call| time(call.value)),
            call(one).map_or_else(none, |call| of_calls.text(call.interval, time)),
            one.call.map_or_else(none, |cell| time(cell.times.min())),
            one.call.map_or_else(none, |cell| share(cell.times.mad() / cell.times.median())),
        ]
    });
    Table {
        caption: "Below 1% from: in this batch and in all larger ones, the cost of a call is less than 1% \
                  of the time. If there are two batches, the interval of the cost allows both. Near the \
                  best from: the smallest batch whose time per sample is within 5% of the shortest. \
                  * marks disturbed cells"
            .to_owned(),
        header: vec![
            name("from → into"),
            name("way"),
            number("cost"),
            number("below 1% from"),
            number(&of_costs.heading()),
            number("near the best from"),
            number("time per call"),
            number(&of_calls.heading()),
            number("shortest run"),
            number("MAD"),
        ],
        rows: rows.collect(),
    }
}

/// Time per sample over the size of a batch.
fn batches(sections: &mut Sections, all: &[Crossing]) {
    let series: Vec<&Crossing> = all.iter().filter(|one| !one.batches.is_empty()).collect();
    if series.is_empty() {
        return;
    }
    let sizes =
        BTreeSet::from_iter(series.iter().flat_map(|one| &one.batches).map(|&(batch, _)| batch));
    let across: Vec<(f64, String)> =
        sizes.iter().map(|&batch| (batch as f64, power(batch))).collect();
    let axes = Axes {
        scale: (Scale::Log, Scale::Log),
        names: ("samples in a call", "nanoseconds per sample"),
        across: &across,
        tick: &|value| format!("{value}"),
        ideal: None,
    };
    sections.heading("From which batch on a call costs less than 1%");
    sections.picture(
        "Time per sample by the size of a batch",
        "Time per sample over the number of samples per call, both on logarithmic scales. There is a panel \
         for each pair of languages and a line for each way of calling. A ring marks the batch from which \
         on the call costs less than 1% of the time. A square marks the smallest batch whose time per \
         sample is within 5% of the shortest.",
        Some(times_table(&series, &sizes)),
        |words| plots::curves(words, &panels(&series), &axes),
    );
}

/// The numbers of the curves.
fn times_table(series: &[&Crossing], sizes: &BTreeSet<u64>) -> Table {
    let row = |one: &&Crossing| -> Vec<String> {
        let at = |size: &u64| {
            let cell = one.batches.iter().find(|(batch, _)| batch == size);
            cell.map_or("-".to_owned(), |(_, cell)| time(cell.times.value()))
        };
        [arrow(one.kernel), one.way.to_owned()].into_iter().chain(sizes.iter().map(at)).collect()
    };
    let heads = sizes.iter().map(|&batch| number(&size(batch)));
    Table {
        caption: "Time per sample, by the number of samples per call".to_owned(),
        header: [name("from → into"), name("way")].into_iter().chain(heads).collect(),
        rows: series.iter().map(row).collect(),
    }
}

/// A panel for each pair of languages.
fn panels(series: &[&Crossing]) -> Vec<Panel> {
    let of_pair = |panel: &[&Crossing]| Panel {
        title: arrow(panel[0].kernel),
        curves: panel.iter().enumerate().map(|(number, one)| curve(number, one)).collect(),
    };
    series.chunk_by(|a, b| a.kernel == b.kernel).map(of_pair).collect()
}

/// The common ways have colours of their own; the other lines of a panel get the colours left.
fn curve(number: usize, one: &Crossing) -> Curve {
    const LEFT: [usize; 4] = [0, 6, 7, 8];
    let hue = match one.is_common_way() {
        true => WAYS.len() - way(one.way),
        false => LEFT[number % LEFT.len()],
    };
    let point = |&(batch, cell): &(u64, &Cell)| {
        let time = cell.times.estimate().map(|seconds| seconds * 1e9);
        (batch as f64, time.value, time.interval)
    };
    let at = |batch: u64| batch as f64;
    Curve {
        label: one.way.to_owned(),
        hue,
        points: one.batches.iter().map(point).collect(),
        law: Vec::new(),
        ring: one.cost.and_then(|cost| one.enough(cost.value)).map(at),
        square: one.near_best().map(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_powers_as_they_are_shown() {
        assert_eq!(arrow("c-fortran"), "C → Fortran");
        assert_eq!(arrow("python-rust"), "Python → Rust");
        assert_eq!(arrow("mine-rust"), "mine → Rust");
        assert_eq!(power(1 << 20), "2²⁰");
        assert_eq!(power(64), "64");
    }
}
