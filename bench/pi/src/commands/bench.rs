//! `pi bench`: measures a suite, keeps every run and ranks the cells.

use crate::measure::{Measure, measure};
use crate::ranking;
use clap::Args;
use libpi::Catalog;
use std::io::Write;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    #[command(flatten)]
    measure: Measure,
}

const EXAMPLES: &str = "\
Each block of runs is a fresh process, pinned to as many CPUs as it has workers. The blocks run in \
rounds, one block of every cell in each, in random order. pi checks the count of each run: a wrong count \
is an error and gives no time. Some cells are measured twice: the largest gap between two measurements \
of the same cell is the noise floor. Ctrl-C stops and keeps what was measured.
At the end come a table for each generator and the answer to the suite's question. In a terminal the \
tables fit its width; in a pipe each row has the full name of its cell and all columns. The variable \
COLUMNS sets another width.
Exit codes: 0 done, 1 a cell has an error, 2 bad usage, 75 interrupted, results kept.

Examples:
  pi bench                                compare languages and drivers
  pi bench ffi                            measure calls across languages
  pi bench guests                         measure calls from further languages
  pi bench overhead                       measure regions, starts, dealt blocks
  pi bench scale --threads 1-4            measure scaling over threads and ranks
  pi bench levels -o levels.jsonl         compare the instruction-set levels
  pi bench peak                           measure the bound of this core
  pi bench --budget 20s --filter 'philox/*/serial' --filter 'xoshiro/c'
  pi bench --dry-run                      show the plan, and the time it takes
  pi bench my/suite.toml --runners my/runners.toml
                                          your own kernel (bench/YOUR_KERNEL.md)";

pub(crate) fn run(catalog: &Catalog, options: &Bench, out: &mut impl Write) -> anyhow::Result<()> {
    measure(catalog, &options.measure, &|view, found, out| ranking::run(view, found, out), out)
}
