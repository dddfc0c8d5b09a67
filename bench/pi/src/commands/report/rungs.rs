//! The ladder of the lesson: each rung, what it gives and what limits it.

use super::Sections;
use super::document::{Table, name, number, prose};
use super::plots::{self, Bar};
use pi_harness::analysis::ladder::{Step, Workers, is_ladder, skipped, steps};
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::rows::star;
use pi_harness::analysis::stats::Estimate;
use pi_harness::number::{factor, rate};
use std::collections::BTreeSet;

/// Adds the section on the ladder, if the results are of the ladder.
pub(super) fn ladder(sections: &mut Sections, measured: &Measured) {
    let steps = steps(measured);
    if !is_ladder(measured) || steps.is_empty() {
        return;
    }
    sections.heading("The ladder of the lesson");
    sections.text(
        "Each rung is one way of going faster or parallel in Python, a small program in \
         `python/ladder`. The first is the lesson's loop. Every exact rung counts the same hits. Rungs that \
         count tasks instead of samples are held only against each other."
            .to_owned(),
    );
    draw(sections, &steps);
    sections.table(table(&steps));
    let missing = skipped(measured);
    if !missing.is_empty() {
        let rows = missing.iter().map(|(rung, why)| vec![rung.title.clone(), (*why).to_owned()]);
        sections.table(Table {
            caption: "Rungs that were skipped".to_owned(),
            header: vec![name("rung"), prose("why")],
            rows: rows.collect(),
        });
    }
}

/// Such as `× 14.1`.
fn over(over: Option<Estimate>) -> String {
    over.map_or("-".to_owned(), |over| factor(over.value))
}

fn hue(workers: Workers) -> usize {
    workers as usize
}

fn draw(sections: &mut Sections, steps: &[Step]) {
    let bar = |step: &Step| {
        let workers = match step.workers().as_str() {
            "1" => String::new(),
            workers => format!(", {workers}"),
        };
        let times =
            step.over_loop.map_or(String::new(), |over| format!(", × {}", factor(over.value)));
        Bar {
            label: format!("{}{workers}{}", step.title(), star(step.cell)),
            hue: hue(step.kind()),
            value: step.rate(),
            text: format!("{}{times}", rate(step.rate())),
        }
    };
    let steps = || steps.iter().filter(|step| step.is_sampling());
    let bars: Vec<Bar> = steps().map(bar).collect();
    let kinds: BTreeSet<Workers> = steps().map(Step::kind).collect();
    let legend: Vec<_> =
        kinds.into_iter().map(|kind| (hue(kind), kind.text().to_owned())).collect();
    sections.picture(
        "The ladder of the lesson",
        "Samples a second of each rung, in the order of the lesson, on a logarithmic axis: the lower \
         quartile of processes, and how many times the lesson's loop it is. The colour says what counts.",
        None,
        |words| plots::bars(words, &bars, &legend, super::speeds::short_rate),
    );
}

fn table(steps: &[Step]) -> Table {
    let row = |step: &Step| {
        vec![
            format!("{}{}", step.title(), star(step.cell)),
            step.workers(),
            step.lines().map_or("-".to_owned(), |lines| lines.to_string()),
            rate(step.rate()),
            over(step.over_loop),
            over(step.over_before),
            step.limit().to_owned(),
        ]
    };
    Table {
        caption: "The rungs in the order of the lesson. Lines are lines of code, without comments and \
                  blank lines; × the loop and × before say how many times faster a rung is than the \
                  lesson's loop and than the row above"
            .to_owned(),
        header: vec![
            name("rung"),
            name("workers"),
            number("lines"),
            number("rate"),
            number("× the loop"),
            number("× before"),
            prose("what limits it"),
        ],
        rows: steps.iter().map(row).collect(),
    }
}
