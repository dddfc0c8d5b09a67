//! Short names of cells. The parts that all cells of a table share stand once, above the table. Weak scaling
//! is not part of a short name, because either all cells of a table have it or none.

use crate::analysis::cell::Cell;
use libpi::{CellName, split_level};

/// The parts that the names of some cells share. The short name of a cell is the rest.
#[derive(Debug, Default)]
pub struct Shared {
    /// None if the names share nothing.
    generator: Option<String>,
    level: Option<String>,
    /// Whether some cells have no level, such as the user's own programs.
    some_without_level: bool,
    driver: Option<String>,
    places: Option<(u32, u32)>,
}

impl Shared {
    /// Finds the shared parts. One cell alone shares nothing, and cells of different generators share nothing.
    pub fn of(cells: &[&Cell]) -> Self {
        let names = || cells.iter().map(|cell| cell.key.name());
        let generator = common(names().map(|name| &name.generator)).filter(|_| cells.len() > 1);
        let Some(generator) = generator else { return Self::default() };
        Self {
            generator: Some(generator.clone()),
            level: common(names().filter_map(CellName::level)).map(str::to_owned),
            some_without_level: names().any(|name| name.level().is_none()),
            driver: common(names().map(|name| &name.driver)).cloned(),
            places: common(names().map(|name| (name.ranks, name.threads))),
        }
    }

    /// The cell's name without the shared parts.
    pub fn short(&self, cell: &Cell) -> String {
        if self.generator.is_none() {
            return cell.key.to_string();
        }
        let name = cell.key.name();
        let mut short = self.kernel(&name.kernel).to_owned();
        if self.driver.is_none() {
            short += &format!("/{}", name.driver);
        }
        if self.places.is_none() {
            short += &format!("/{}x{}", name.ranks, name.threads);
        }
        short + &cell.key.size()
    }

    /// The name of a kernel, without its level if all kernels have the same level.
    pub fn kernel<'a>(&self, kernel: &'a str) -> &'a str {
        if self.level.is_some() { split_level(kernel).0 } else { kernel }
    }

    /// The shared parts besides the generator, in words: `level x86-64-v3, driver serial, 1x1`.
    pub fn text(&self) -> String {
        if self.generator.is_none() {
            return String::new();
        }
        let level = self.level.as_ref().map(|level| match self.some_without_level {
            true => format!("level {level} of the kernels that have one"),
            false => format!("level {level}"),
        });
        let driver = self.driver.as_ref().map(|driver| format!("driver {driver}"));
        let places = self.places.map(|(ranks, threads)| format!("{ranks}x{threads}"));
        [level, driver, places].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The common value, if all values are the same.
fn common<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::{block, measured};
    use crate::results::Block;

    /// The shared text and the short names of cells with these names.
    fn shortened(names: &[&str]) -> (String, Vec<String>) {
        let block = |name: &&str| Block { cell: name.parse().unwrap(), ..block(1.0) };
        let blocks = names.iter().map(block).collect();
        let measured = measured(blocks);
        let cells: Vec<&Cell> = measured.cells.iter().collect();
        let shared = Shared::of(&cells);
        (shared.text(), cells.iter().map(|cell| shared.short(cell)).collect())
    }

    #[test]
    fn what_all_names_share_is_said_once() {
        for (names, text, short) in [
            (
                &["philox/c@x86-64/serial/1x1", "philox/rust@x86-64/serial/1x1"][..],
                "level x86-64, driver serial, 1x1",
                &["c", "rust"][..],
            ),
            (
                &["philox/c@x86-64/rayon/1x2", "philox/c@x86-64-v3/serial/1x1"],
                "",
                &["c@x86-64/rayon/1x2", "c@x86-64-v3/serial/1x1"],
            ),
            (
                &["philox/c@x86-64/rayon/1x1", "philox/mine/rayon/1x1"],
                "level x86-64 of the kernels that have one, driver rayon, 1x1",
                &["c", "mine"],
            ),
            (&["philox/c@x86-64/serial/1x1"], "", &["philox/c@x86-64/serial/1x1"]),
            (
                &["npb/c/serial/1x1", "philox/c/serial/1x1"],
                "",
                &["npb/c/serial/1x1", "philox/c/serial/1x1"],
            ),
        ] {
            let short = short.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(shortened(names), (text.to_owned(), short));
        }
    }
}
