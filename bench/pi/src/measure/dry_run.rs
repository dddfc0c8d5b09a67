//! The output of `pi bench --dry-run`: the plan of a session.

use crate::output;
use crate::table::{fixed, name, optional, table};
use pi_harness::number::{counted, duration, size, time};
use pi_harness::results::{Block, Skipped};
use pi_harness::session::plan::{Plan, Planned};
use pi_harness::suite::Suite;
use serde::Serialize;
use std::io::Write;
use std::time::Duration;

/// A plan, as `--dry-run` shows it.
#[derive(Serialize)]
pub(super) struct DryRun<'a> {
    suite: &'a str,
    /// The seed of the order of the blocks.
    seed: u64,
    processes: u32,
    blocks: usize,
    /// The expected time of all blocks, in seconds.
    seconds: f64,
    /// The time of the trials, in seconds.
    trying: f64,
    cells: Vec<PlannedRow>,
    skipped: &'a [Skipped],
    errors: Vec<TrialError<'a>>,
}

/// A cell, and the work of each of its processes.
#[derive(Serialize)]
struct PlannedRow {
    cell: String,
    batch: Option<u64>,
    weak: bool,
    twin: bool,
    count: u64,
    runs: u32,
    seconds: f64,
}

/// A cell whose trial failed.
#[derive(Serialize)]
struct TrialError<'a> {
    cell: String,
    message: &'a str,
}

impl<'a> DryRun<'a> {
    pub(super) fn of(
        suite: &'a Suite,
        plan: &'a Plan,
        skipped: &'a [Skipped],
        tried: &'a [Block],
        trying: Duration,
    ) -> Self {
        let row = |planned: &'a Planned| PlannedRow {
            cell: planned.cell.name.to_string(),
            batch: planned.cell.batch,
            weak: planned.cell.weak,
            twin: planned.twin,
            count: planned.count,
            runs: planned.runs,
            seconds: planned.seconds,
        };
        let error = |block: &'a Block| {
            let message = &block.error.as_ref()?.message;
            Some(TrialError { cell: block.cell.to_string(), message })
        };
        Self {
            suite: &suite.name,
            seed: plan.seed,
            processes: plan.processes,
            blocks: plan.order.len(),
            seconds: plan.seconds(),
            trying: trying.as_secs_f64(),
            cells: plan.cells.iter().map(row).collect(),
            skipped,
            errors: tried.iter().filter_map(error).collect(),
        }
    }

    pub(super) fn print(
        &self,
        as_json: bool,
        width: Option<usize>,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        if as_json {
            output::json(out, self)?;
        } else {
            self.print_table(width, out)?;
        }
        out.flush()?;
        Ok(())
    }

    fn print_table(&self, width: Option<usize>, out: &mut impl Write) -> anyhow::Result<()> {
        let rows = self.cells.iter().map(|row| {
            let mut name = row.cell.clone();
            if let Some(batch) = row.batch {
                name += &format!(" batch {}", size(batch));
            }
            if row.weak {
                name += " weak";
            }
            if row.twin {
                name += " (A/A)";
            }
            let repeats = format!("{}x{}", self.processes, row.runs);
            vec![name, row.count.to_string(), repeats, time(row.seconds)]
        });
        let columns =
            [name("cell"), fixed("samples"), optional(1, "processes x runs"), fixed("a process")];
        write!(out, "{}", table(width, columns, rows))?;
        for Skipped { cell, reason, .. } in self.skipped {
            output::line(out, format_args!("  skipped: {cell}: {reason}"))?;
        }
        for TrialError { cell, message } in &self.errors {
            output::line(out, format_args!("  error: {cell}: {message}"))?;
        }
        writeln!(
            out,
            "{} in rounds, each in a random order from seed {}: about {}, besides {} for the trials",
            counted(self.blocks, "block"),
            self.seed,
            duration(self.seconds),
            duration(self.trying)
        )?;
        Ok(())
    }
}
