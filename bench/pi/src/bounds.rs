//! Prints the bounds of a result: what the core does in a second, how near each kernel comes to its bound,
//! and what differs between the languages.

use crate::output;
use crate::table::{fixed, name, optional, table};
use pi_harness::analysis::bound::parts;
use pi_harness::analysis::contest::{Contest, contests};
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::unequal::unequal;
use pi_harness::number::{rate, share};
use std::collections::BTreeSet;
use std::io::Write;

/// Prints the tables, if the session has bounds. `width` is the room for them. What the core does stands in
/// the answer of suite peak, and in others only if `all` is wanted.
pub(crate) fn print(
    out: &mut impl Write,
    width: Option<usize>,
    all: bool,
    measured: &Measured,
) -> anyhow::Result<()> {
    let contests = contests(measured);
    let shows_core = all || measured.header.suite == "peak";
    for contest in contests.iter().filter(|contest| contest.kind == Kind::Peak && shows_core) {
        let (widths, rows) = core(contest);
        output::line(out, "this core: instructions a second, by kind and width in bits")?;
        let columns = widths.iter().map(|width| fixed(width));
        write!(out, "{}", table(width, std::iter::once(name("kind")).chain(columns), rows))?;
    }
    let rows = kernels(&contests, measured);
    if !rows.is_empty() {
        output::line(out, "bounds: what the instructions of each kernel allow on this core")?;
        let columns = [
            name("kernel"),
            optional(2, "rate"),
            optional(1, "bound"),
            fixed("reached"),
            fixed("limited by"),
            fixed("of the leanest"),
            optional(3, "leanest"),
        ];
        write!(out, "{}", table(width, columns, rows))?;
    }
    for sentence in unequal(&measured.audits) {
        output::line(out, format_args!("unequal: {sentence}"))?;
    }
    Ok(())
}

/// A row for each cell that has a bound: what it reached and what limits it.
pub(crate) fn kernels(contests: &[Contest], measured: &Measured) -> Vec<Vec<String>> {
    let cells = contests.iter().flat_map(|contest| &contest.cells);
    let row = |cell: &&_| {
        let reached = measured.bounds.reached(cell)?;
        Some(vec![
            format!("{}/{}", cell.block.cell.generator, cell.block.cell.kernel),
            rate(1.0 / cell.times.value()),
            rate(reached.per_second),
            share(reached.share),
            reached.limit.to_owned(),
            share(reached.share_of_leanest),
            reached.leanest,
        ])
    };
    cells.filter_map(row).collect()
}

/// The widths at which the core was measured, and the rates of each kind at these widths.
pub(crate) fn core(contest: &Contest) -> (Vec<String>, Vec<Vec<String>>) {
    let names = || contest.cells.iter().filter_map(|cell| parts(&cell.block.cell.kernel));
    let widths: BTreeSet<u32> = names().map(|(_, width)| width).collect();
    let kinds: BTreeSet<&str> = names().map(|(kind, _)| kind).collect();
    let at = |kind: &str, width: u32| {
        let is_it = |kernel: &str| parts(kernel) == Some((kind, width));
        let cell = contest.cells.iter().find(|cell| is_it(&cell.block.cell.kernel));
        cell.map_or("-".to_owned(), |cell| rate(1.0 / cell.times.value()))
    };
    let row = |kind: &str| {
        let rates = widths.iter().map(|&width| at(kind, width));
        std::iter::once(kind.to_owned()).chain(rates).collect()
    };
    (widths.iter().map(u32::to_string).collect(), kinds.into_iter().map(row).collect())
}
