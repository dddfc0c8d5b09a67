//! The ladder as a table: what each rung gives, and what limits it.

use crate::output;
use crate::ranking::{View, print_rest};
use crate::table::{fixed, name, optional, prose, table};
use pi_harness::analysis::answer::answers;
use pi_harness::analysis::ladder::{Step, steps};
use pi_harness::analysis::measured::{Measured, all_read};
use pi_harness::analysis::rows::{ErrorRow, star};
use pi_harness::analysis::stats::Estimate;
use pi_harness::number::{factor, rate};
use pi_harness::results::{Problem, Skipped};
use serde::Serialize;
use std::io::Write;

/// The ladder, as `--json` prints it.
#[derive(Serialize)]
struct Ladder<'a> {
    suite: &'a str,
    answer: Vec<String>,
    noise_floor: Option<f64>,
    rungs: Vec<Row>,
    errors: Vec<ErrorRow>,
    skipped: &'a [Skipped],
    remarks: &'a [String],
    unread: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    /// None for a cell of libpi that is no rung.
    rung: Option<String>,
    title: String,
    cell: String,
    lines: Option<u32>,
    per_second: f64,
    /// How many times faster it is than the lesson's loop.
    over_loop: Option<Estimate>,
    /// How many times faster it is than the row above.
    over_before: Option<Estimate>,
    limit: String,
}

impl Row {
    fn of(step: &Step) -> Self {
        Self {
            rung: step.rung.map(|rung| rung.name.clone()),
            title: step.title(),
            cell: step.cell.key.to_string(),
            lines: step.lines(),
            per_second: step.rate(),
            over_loop: step.over_loop,
            over_before: step.over_before,
            limit: step.limit().to_owned(),
        }
    }
}

/// Shows the ladder of a result.
pub(super) fn run(view: &View, measured: &Measured, out: &mut impl Write) -> anyhow::Result<()> {
    let steps = steps(measured);
    if view.json {
        let ladder = Ladder {
            suite: &measured.header.suite,
            answer: answers(measured),
            noise_floor: measured.noise_floor,
            rungs: steps.iter().map(Row::of).collect(),
            errors: measured.failures.iter().map(ErrorRow::of).collect(),
            skipped: &measured.skipped,
            remarks: &measured.remarks,
            unread: measured.problems.iter().map(Problem::to_string).collect(),
        };
        output::json(out, &ladder)?;
    } else {
        print(out, view, &steps)?;
        print_rest(out, view, measured)?;
        for answer in answers(measured).iter().take(1) {
            output::paragraph(out, view.width, "", answer)?;
        }
        output::warn(&measured.remarks);
    }
    all_read(&[measured])
}

fn print(out: &mut impl Write, view: &View, steps: &[Step]) -> anyhow::Result<()> {
    let none = || "-".to_owned();
    let over = |over: Option<Estimate>| over.map_or_else(none, |over| factor(over.value));
    let rows = steps.iter().map(|step| {
        vec![
            format!("{}{}", step.title(), star(step.cell)),
            step.workers(),
            step.lines().map_or_else(none, |lines| lines.to_string()),
            rate(step.rate()),
            over(step.over_loop),
            over(step.over_before),
            step.limit().to_owned(),
        ]
    });
    let columns = [
        name("rung"),
        optional(1, "workers"),
        optional(2, "lines"),
        fixed("rate"),
        fixed("× the loop"),
        optional(3, "× before"),
        prose("what limits it"),
    ];
    write!(out, "{}", table(view.width, columns, rows))?;
    Ok(())
}
