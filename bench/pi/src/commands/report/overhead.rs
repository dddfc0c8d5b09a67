//! What it costs to begin, and what blocks that threads take in turn cost and save.

use super::Sections;
use super::document::{Table, name, number};
use super::plots::{self, Rung};
use pi_harness::analysis::cell::Cell;
use pi_harness::analysis::intervals::{Intervals, interval_text};
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::overhead::{Begin, Dealt, InBlocks, Overhead};
use pi_harness::analysis::rows::star;
use pi_harness::analysis::stats::Estimate;
use pi_harness::number::{ratio, share, size, time};
use std::collections::BTreeSet;

/// Adds what the session measured of this.
pub(super) fn overhead(sections: &mut Sections, measured: &Measured) {
    let Some(overhead) = Overhead::of(measured) else { return };
    begins(sections, &overhead.begins);
    dealt(sections, &overhead.dealt);
    blocks(sections, &overhead.blocks);
}

/// The cell without its generator: `warm, openmp-c 1x2`.
fn label(cell: &Cell) -> String {
    let name = &cell.block.cell;
    format!("{}, {} {}{}", name.kernel, name.driver, name.places(), star(cell))
}

fn begins(sections: &mut Sections, begins: &[Begin]) {
    if begins.is_empty() {
        return;
    }
    sections.heading("What it costs to begin");
    let hue = |begin: &Begin| usize::from(begin.cell.kind() == Kind::Start);
    let rung = |begin: &Begin| Rung {
        label: label(begin.cell),
        hue: hue(begin),
        value: begin.seconds.value,
        interval: begin.seconds.interval,
        text: time(begin.seconds.value),
        bound: None,
    };
    let mut sorted: Vec<&Begin> = begins.iter().collect();
    sorted.sort_by(|a, b| a.seconds.value.total_cmp(&b.seconds.value));
    let rungs: Vec<Rung> = sorted.into_iter().map(rung).collect();
    let names = [(0, "a parallel region"), (1, "a program, from its start to its end")];
    let is_there = |hue| rungs.iter().any(|rung| rung.hue == hue);
    let legend: Vec<(usize, String)> = names
        .into_iter()
        .filter(|&(hue, _)| is_there(hue))
        .map(|(hue, name)| (hue, name.to_owned()))
        .collect();
    sections.picture(
        "Cost of parallel regions and of starting programs",
        "Time of a parallel region without work, and of a program from its start to its end, the shortest \
         above, with intervals, on a logarithmic scale. Regions are warm if the last one has just ended, \
         and cold 10 ms after it.",
        None,
        |words| plots::ladder(words, &rungs, &legend, time),
    );
    sections.table(begins_table(begins));
}

fn begins_table(begins: &[Begin]) -> Table {
    let intervals = Intervals::of(begins.iter().map(|begin| begin.seconds.interval));
    let row = |begin: &Begin| {
        let (times, cell) = (&begin.cell.times, &begin.cell.block.cell);
        vec![
            format!("one {}", begin.cell.kind().unit()),
            cell.kernel.clone(),
            format!("{}{}", cell.driver, star(begin.cell)),
            cell.threads.to_string(),
            time(begin.seconds.value),
            intervals.text(begin.seconds.interval, time),
            time(times.min()),
            share(times.mad() / times.median()),
        ]
    };
    Table {
        caption: "A region gives each thread one block and does nothing with it. A program is started and \
                  ends. * marks disturbed cells"
            .to_owned(),
        header: vec![
            name("what"),
            name("which"),
            name("how"),
            number("threads or processes"),
            number("time"),
            number(&intervals.heading()),
            number("shortest run"),
            number("MAD"),
        ],
        rows: begins.iter().map(row).collect(),
    }
}

/// A ratio with its interval.
fn text(estimate: Option<Estimate>) -> String {
    let Some(Estimate { value, interval }) = estimate else { return "-".to_owned() };
    match interval {
        Some(_) => format!("{} ({})", ratio(value), interval_text(interval, ratio)),
        None => ratio(value),
    }
}

fn dealt(sections: &mut Sections, all: &[Dealt]) {
    if all.is_empty() {
        return;
    }
    sections.heading("Equal parts, or blocks that threads take in turn");
    let heads = [
        "equal parts, idle CPUs",
        "blocks in turn, idle CPUs",
        "equal parts, a busy CPU",
        "blocks in turn, a busy CPU",
    ];
    let columns = |one: &Dealt| [one.dealt, one.equal_busy, one.dealt_busy];
    let title = |one: &Dealt| {
        let cell = &one.equal.block.cell;
        format!("{}/{}/{} {}", cell.generator, cell.kernel, one.driver, cell.places())
    };
    let intervals = Intervals::of(
        all.iter().flat_map(columns).map(|ratio| ratio.and_then(|ratio| ratio.interval)),
    );
    let row = |one: &Dealt| {
        let equal = time(one.equal.times.value());
        [title(one), equal].into_iter().chain(columns(one).map(text)).collect()
    };
    let table = Table {
        caption: format!(
            "The time of equal parts on idle CPUs, per sample, and the other times divided by it ({}). \
             Another program uses the busy CPU, too",
            intervals.heading()
        ),
        header: std::iter::once(name("driver")).chain(heads.map(number)).collect(),
        rows: all.iter().map(row).collect(),
    };
    let rows: Vec<String> = all.iter().map(title).collect();
    sections.picture(
        "Equal parts against blocks in turn",
        "Time relative to equal parts on idle CPUs. The stronger the shade, the longer the time.",
        None,
        |words| {
            plots::matrix(words, &rows, &heads.map(str::to_owned), |row, column| {
                let ratios = columns(&all[row]).map(|ratio| ratio.map(|ratio| ratio.value));
                let value = if column == 0 { 1.0 } else { ratios[column - 1]? };
                let most = all.iter().flat_map(columns).flatten().map(|ratio| ratio.value);
                Some((ratio(value), value / most.fold(value, f64::max)))
            })
        },
    );
    sections.table(table);
}

fn blocks(sections: &mut Sections, all: &[InBlocks]) {
    if all.is_empty() {
        return;
    }
    sections.heading("How long a block must be");
    let lengths: BTreeSet<u64> =
        all.iter().flat_map(|one| &one.by_length).map(|(length, _)| *length).collect();
    let row = |one: &InBlocks| {
        let cell = &one.whole.block.cell;
        let ratio = |length: &u64| {
            text(one.by_length.iter().find(|(own, _)| own == length).map(|(_, ratio)| *ratio))
        };
        let title = format!("{}/{}", cell.generator, cell.kernel);
        let whole = time(one.whole.times.value());
        [title, whole].into_iter().chain(lengths.iter().map(ratio)).collect()
    };
    let heads = lengths.iter().map(|&length| number(&size(length)));
    sections.table(Table {
        caption: "The time per sample of one call for all samples on one thread, and that of calls for so \
                  many samples each, divided by it"
            .to_owned(),
        header: [name("kernel"), number("one call")].into_iter().chain(heads).collect(),
        rows: all.iter().map(row).collect(),
    });
}
