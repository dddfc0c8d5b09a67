//! Groups the cells that are ranked against each other, because they do the same work.

use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use libpi::Generator;

/// Cells of one generator that do the same work.
#[derive(Debug)]
pub struct Contest<'a> {
    pub kind: Kind,
    pub generator: &'a str,
    /// Whether the cells must count the same hits. Statistical kernels only come near pi, so they do other
    /// work.
    pub exact: bool,
    /// Whether the count grows with the workers.
    pub weak: bool,
    /// At least one cell, the fastest first.
    pub cells: Vec<&'a Cell>,
}

/// The properties that all cells of a contest share. Contests are shown in this order.
type Work<'a> = (Kind, bool, usize, &'a str, bool);

fn work(cell: &Cell) -> Work<'_> {
    let block = &cell.block;
    let known = Generator::ALL.iter().position(|one| one.name() == block.cell.generator);
    let place = known.unwrap_or(Generator::ALL.len());
    (cell.kind(), !block.exact, place, &block.cell.generator, block.weak)
}

/// The contests of a session: samples before calls and batches, exact work before statistical work.
pub fn contests<'a>(measured: &'a Measured) -> Vec<Contest<'a>> {
    let mut cells: Vec<&Cell> = measured.cells.iter().collect();
    cells.sort_by(|a, b| {
        let time = |cell: &Cell| cell.times.value();
        work(a).cmp(&work(b)).then(time(a).total_cmp(&time(b)))
    });
    let contest = |cells: &[&'a Cell]| {
        let (kind, statistical, _, generator, weak) = work(cells[0]);
        Contest { kind, generator, exact: !statistical, weak, cells: cells.to_vec() }
    };
    cells.chunk_by(|a, b| work(a) == work(b)).map(contest).collect()
}

impl Contest<'_> {
    /// The generator, and the properties that distinguish this contest from others of the generator.
    pub fn title(&self) -> String {
        let statistical = if self.exact { "" } else { ", statistical" };
        let weak = if self.weak { ", weak scaling" } else { "" };
        format!("{}{statistical}{weak}", self.generator)
    }
}
