//! Programs of other libraries beside libpi's kernels: what each makes of the same work on one thread and on
//! the most threads, whatever its generator.

use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use crate::analysis::rows::star;
use crate::analysis::stats::Estimate;
use crate::number::{counted, factor, rate};
use crate::runner_table::PI;
use libpi::CellName;

/// A kernel of libpi or of a peer.
#[derive(Debug)]
pub struct Row<'a> {
    pub name: &'a CellName,
    /// Whether it is libpi's own.
    pub own: bool,
    /// Whether it must count the exact hits.
    pub exact: bool,
    pub language: &'a str,
    /// Its fastest cell on one worker.
    pub one: Option<&'a Cell>,
    /// Its fastest cell on as many workers as any cell of the session has, if these are several.
    pub all: Option<&'a Cell>,
}

/// Whether a session measured peers.
pub fn is_peers(measured: &Measured) -> bool {
    measured.header.picture == "peers"
}

/// The largest number of workers of a cell.
fn most_workers(measured: &Measured) -> u32 {
    let cells = measured.cells.iter().filter(|cell| cell.kind() == Kind::Sample);
    cells.map(Cell::processors).max().unwrap_or(1)
}

/// The kernels, the fastest on one worker first.
pub fn rows(measured: &Measured) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    let most = most_workers(measured);
    for cell in measured.fastest_first(Kind::Sample) {
        let name = &cell.block.cell;
        let is_it = |row: &&mut Row| {
            (&row.name.generator, &row.name.kernel) == (&name.generator, &name.kernel)
        };
        let row = match rows.iter_mut().find(is_it) {
            Some(row) => row,
            None => {
                let (own, exact) = (cell.block.runner == PI, cell.block.exact);
                let language = &*cell.block.language;
                rows.push(Row { name, own, exact, language, one: None, all: None });
                rows.last_mut().expect("a row was added")
            }
        };
        match cell.processors() {
            1 => row.one = row.one.or(Some(cell)),
            workers if workers == most => row.all = row.all.or(Some(cell)),
            _ => {}
        }
    }
    let time = |row: &Row| row.one.or(row.all).map_or(f64::INFINITY, |cell| cell.times.value());
    rows.sort_by(|a, b| time(a).total_cmp(&time(b)));
    rows
}

/// How many times as fast as a row's cell on one worker libpi's default generator is there, with its fastest
/// kernel.
fn times_of_libpi(rows: &[Row], row: &Row) -> Option<Estimate> {
    let is_default = |row: &&Row| row.own && row.name.generator == "philox" && row.one.is_some();
    let own = rows.iter().find(is_default)?.one?;
    let one = row.one?;
    (!std::ptr::eq(own, one)).then(|| one.times.ratio(&own.times))
}

/// The name of a kernel with the generator, as in `philox/rust-simd`. The generator of a statistical kernel is
/// part of its own name.
pub fn label(row: &Row) -> String {
    match row.exact {
        true => format!("{}/{}", row.name.generator, row.name.kernel_name()),
        false => row.name.kernel_name().to_owned(),
    }
}

/// The headings of a table of kernels.
pub fn headings(measured: &Measured) -> [String; 7] {
    let most = match most_workers(measured) {
        1 => "more threads".to_owned(),
        most => counted(most, "thread"),
    };
    let texts = ["kernel", "of", "language", "counts", "1 thread", &most, "libpi's philox"];
    texts.map(str::to_owned)
}

/// What the last column of the table says.
pub const LAST_COLUMN: &str =
    "how many times as fast libpi's philox is on one thread, with its fastest kernel";

/// The lines of the table.
pub fn lines(rows: &[Row]) -> Vec<[String; 7]> {
    let speed = |cell: Option<&Cell>| {
        cell.map_or("-".to_owned(), |cell| {
            format!("{}{}", rate(1.0 / cell.times.value()), star(cell))
        })
    };
    let line = |row: &Row| {
        [
            label(row),
            if row.own { "libpi" } else { "peer" }.to_owned(),
            row.language.to_owned(),
            if row.exact { "exact" } else { "near pi" }.to_owned(),
            speed(row.one),
            speed(row.all),
            times_of_libpi(rows, row).map_or("-".to_owned(), |times| factor(times.value)),
        ]
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::{block, measured};
    use crate::results::Block;

    #[test]
    fn each_kernel_is_a_row_with_its_fastest_cells() {
        let block = |name: &str, runner: &str, time| Block {
            cell: name.parse().unwrap(),
            runner: runner.to_owned(),
            ..block(time)
        };
        let measured = measured(vec![
            block("philox/rust/serial/1x1", PI, 2.0),
            block("philox/rust/threads/1x2", PI, 1.0),
            block("philox/rust/rayon/1x2", PI, 3.0),
            block("textbook/mkl/serial/1x1", "mkl", 1.0),
            block("npb/rust/serial/1x1", PI, 4.0),
            block("textbook/slow/openmp/1x2", "slow", 9.0),
        ]);
        let rows = rows(&measured);
        let shown: Vec<(String, bool)> = rows
            .iter()
            .map(|row| (format!("{}/{}", row.name.generator, row.name.kernel), row.own))
            .collect();
        let expected = [
            ("textbook/mkl", false),
            ("philox/rust", true),
            ("npb/rust", true),
            ("textbook/slow", false),
        ];
        assert_eq!(shown, expected.map(|(name, own)| (name.to_owned(), own)));
        assert_eq!(rows[1].all.unwrap().block.cell.driver, "threads");
        assert!(rows[0].all.is_none() && rows[3].one.is_none());
        let times: Vec<Option<f64>> =
            rows.iter().map(|row| times_of_libpi(&rows, row).map(|times| times.value)).collect();
        assert_eq!(times, [Some(0.5), None, Some(2.0), None]);
        assert_eq!(lines(&rows)[1][4..], ["500 /s", "1.00 k/s", "-"]);
        assert_eq!(headings(&measured)[5], "2 threads");
    }

    #[test]
    fn each_column_has_a_heading_of_its_own() {
        let measured = measured(vec![Block { runner: PI.to_owned(), ..block(1.0) }]);
        assert_eq!(headings(&measured)[4..6], ["1 thread", "more threads"]);
    }
}
