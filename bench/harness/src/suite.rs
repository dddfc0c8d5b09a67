//! Suites: files in `bench/suites` that say which cells to measure, see `bench/SUITES.md`.

mod amounts;
mod cell;
mod expected;
pub mod filter;
mod group;
mod load;
pub mod names;
mod values;

pub use amounts::Places;
pub use cell::SuiteCell;
pub use expected::Expected;
pub use group::Group;

use crate::loaded::{self, Loads, Wanted};
use crate::process::Program;
use crate::runner_table::{PI, RunnerTable};
use crate::shown::readable;
use anyhow::{Context, anyhow, bail};
use libpi::{Catalog, Error};
use load::LoadTable;
use serde::Deserialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use values::duration;

/// The built-in suites, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("compilers", include_str!("../../suites/compilers.toml")),
    ("default", include_str!("../../suites/default.toml")),
    ("ffi", include_str!("../../suites/ffi.toml")),
    ("guests", include_str!("../../suites/guests.toml")),
    ("ladder", include_str!("../../suites/ladder.toml")),
    ("levels", include_str!("../../suites/levels.toml")),
    ("overhead", include_str!("../../suites/overhead.toml")),
    (PEAK, include_str!("../../suites/peak.toml")),
    ("peers", include_str!("../../suites/peers.toml")),
    ("polyglot", include_str!("../../suites/polyglot.toml")),
    ("scale", include_str!("../../suites/scale.toml")),
];

/// The suite that has the micro-kernels.
const PEAK: &str = "peak";

/// A suite, as its file describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The word of a command line that names it.
    #[serde(skip)]
    pub asked_for: String,
    pub name: String,
    pub question: String,
    pub picture: Picture,
    #[serde(deserialize_with = "duration")]
    pub budget: Duration,
    /// Whether all groups without a count get the same count.
    #[serde(default)]
    pub same_count: bool,
    /// Whether its kernels are held against the bound of the core.
    #[serde(default)]
    pub bound: bool,
    #[serde(rename = "cells")]
    pub groups: Vec<Group>,
    #[serde(default, rename = "load")]
    tables: Vec<LoadTable>,
    /// The folder of its file.
    #[serde(skip)]
    folder: PathBuf,
    /// Its kernels from shared libraries, after [`load`](Self::load).
    #[serde(skip)]
    pub loads: Loads,
}

/// The kind of picture that shows the answer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Picture {
    Ladder,
    Matrix,
    Scaling,
    Crossing,
    Overhead,
    Peers,
}

impl Picture {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::Matrix => "matrix",
            Self::Scaling => "scaling",
            Self::Crossing => "crossing",
            Self::Overhead => "overhead",
            Self::Peers => "peers",
        }
    }
}

impl Suite {
    /// Reads a built-in suite by its name, or a file by its path.
    pub fn read(name: &OsStr) -> anyhow::Result<Self> {
        let shown = readable(name);
        let (source, text, folder) = match BUILT_IN.iter().find(|(known, _)| *known == name) {
            Some((known, text)) => {
                let own = Program::own().ok().and_then(|own| own.path().parent());
                let folder = own.unwrap_or(Path::new(".")).to_owned();
                (format!("suite {known}"), (*text).to_owned(), folder)
            }
            None if shown.contains(['/', '.']) => {
                let text = std::fs::read_to_string(name)
                    .map_err(|error| anyhow!("could not read the suite {shown}: {error}"))?;
                let folder = Path::new(name).parent().unwrap_or(Path::new("")).to_owned();
                (shown.clone(), text, folder)
            }
            None => {
                let valid = BUILT_IN.iter().map(|(known, _)| (*known).to_owned()).collect();
                let unknown = Error::Unknown { what: "suite", name: shown, valid };
                return Err(anyhow!(unknown).context("a suite is a name or a path to a .toml file"));
            }
        };
        let mut suite: Self =
            toml::from_str(&text).with_context(|| format!("{source} is not valid"))?;
        suite.folder = folder;
        suite.asked_for = shlex::try_quote(&shown).map_or(shown.clone(), Into::into);
        names::check("suite", &suite.name).context(source.clone())?;
        if suite.groups.is_empty() {
            bail!("{source} has no [[cells]]");
        }
        Ok(suite)
    }

    /// Loads the kernels of its `[[load]]`, and takes in others, which the command line names. Those join
    /// each group that measures kernels of pi for their generator; kernels of a problem of the user's own
    /// join the groups of philox.
    ///
    /// # Errors
    /// If a kernel cannot be loaded, or a name is there twice.
    pub fn load(&mut self, others: Vec<Wanted>) -> anyhow::Result<()> {
        let mut wanted: Vec<Wanted> = (1..)
            .zip(&self.tables)
            .map(|(number, table)| {
                let position = || format!("suite {}, [[load]] number {number}", self.name);
                table.wanted(&self.folder).with_context(position)
            })
            .collect::<anyhow::Result<_>>()?;
        let own = wanted.len();
        wanted.extend(others);
        self.loads = Loads::load(wanted, loaded::load)?;
        self.groups.iter_mut().for_each(|group| group.take_in(&self.loads.0[own..]));
        Ok(())
    }

    /// The cells of all groups, each once.
    ///
    /// # Errors
    /// If a name is unknown, if a cell needs more CPUs than there are, or if two different cells have the
    /// same name.
    pub fn cells(
        &self,
        catalog: &Catalog,
        table: &RunnerTable,
        places: &Places,
    ) -> anyhow::Result<Vec<SuiteCell>> {
        let mut cells: Vec<SuiteCell> = Vec::new();
        let mut places_by_key = BTreeMap::new();
        for (number, group) in self.groups.iter().enumerate() {
            let of_group = group
                .cells(number, catalog, table.get(&group.runner)?, places)
                .with_context(|| self.position(number))?;
            for mut cell in of_group {
                if cell.runner.name == PI
                    && let Some(loaded) = self.loads.find(&cell.name.generator, &cell.name.kernel)
                {
                    cell.runner = cell.runner.with_kernel(loaded);
                }
                match places_by_key.entry(cell.key()) {
                    Entry::Vacant(place) => {
                        place.insert(cells.len());
                        cells.push(cell);
                    }
                    Entry::Occupied(place) if self.is_same(&cells[*place.get()], &cell) => {}
                    Entry::Occupied(_) => bail!(
                        "{} has a cell {} that differs from an earlier cell with this name in runner, \
                         count, keys or expected hits: remove one, or give its kernel another name",
                        self.position(number),
                        cell.name
                    ),
                }
            }
        }
        Ok(cells)
    }

    /// Adds micro-kernels, in groups of their own. Returns their cells.
    ///
    /// # Errors
    /// If the table has no runner for them.
    pub fn add_micro_kernels(
        &mut self,
        names: &BTreeSet<&str>,
        catalog: &Catalog,
        table: &RunnerTable,
    ) -> anyhow::Result<Vec<SuiteCell>> {
        // A core is measured on one thread, whatever other cells need.
        let places = Places { usable: 1, ranks: None, threads: None, oversubscribe: false };
        let mut cells = Vec::new();
        for group in Self::read(PEAK.as_ref())?.groups {
            if let Some(group) = group.of_micro_kernels(names) {
                let number = self.groups.len();
                cells.extend(group.cells(number, catalog, table.get(&group.runner)?, &places)?);
                self.groups.push(group);
            }
        }
        Ok(cells)
    }

    fn position(&self, group: usize) -> String {
        format!("suite {}, [[cells]] number {}", self.name, group + 1)
    }

    /// Whether two cells with the same name ask for the same measurement.
    fn is_same(&self, one: &SuiteCell, other: &SuiteCell) -> bool {
        let asked = |cell: &SuiteCell| {
            let count = self.groups[cell.group].count;
            (cell.runner.name.clone(), count, cell.more.clone(), cell.expected)
        };
        asked(one) == asked(other)
    }
}

#[cfg(test)]
mod tests {
    use super::group::tests::places;
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn cells(groups: &str, places: &Places) -> anyhow::Result<Vec<SuiteCell>> {
        let head = "name = 't'\nquestion = '?'\npicture = 'ladder'\nbudget = '1s'\n";
        let suite: Suite = toml::from_str(&format!("{head}{groups}"))?;
        let table = RunnerTable::read(None)?;
        suite.cells(Catalog::here(), &table, places)
    }

    /// A group with these lines as it stands in a suite, with defaults for the other required keys.
    fn group(more: &str) -> String {
        format!("[[cells]]\n{}", group::tests::group(more))
    }

    #[test]
    fn the_suites_of_this_build_can_be_read_and_the_default_is_small() {
        for (name, _) in BUILT_IN {
            let mut suite = Suite::read(name.as_ref()).unwrap();
            assert_eq!(&suite.name, name);
            // Libraries that are not built here are skipped, and their kernels have cells all the same.
            suite.load(Vec::new()).unwrap();
            let catalog = suite.loads.catalog(Catalog::here());
            let table = RunnerTable::read(None).unwrap();
            let cells = suite.cells(&catalog, &table, &places(2)).unwrap();
            assert!(!cells.is_empty(), "{name}");
            assert!(*name != "default" || cells.len() <= 70, "{} cells", cells.len());
        }
    }

    #[test]
    fn the_suite_ffi_has_every_direction_in_every_manner() {
        let suite = Suite::read("ffi".as_ref()).unwrap();
        let table = RunnerTable::read(None).unwrap();
        let cells = suite.cells(Catalog::here(), &table, &places(1)).unwrap();
        let found: BTreeSet<(String, Option<u64>)> =
            cells.into_iter().map(|cell| (cell.name.to_string(), cell.batch)).collect();
        let mut expected = BTreeSet::new();
        let languages = ["rust", "c", "fortran"];
        for (caller, callee) in languages.iter().flat_map(|a| languages.map(|b| (a, b))) {
            let manners = ["floor", "direct", "pointer", "shared", "checked"];
            // Only a callee in the same language can be inlined.
            for driver in &manners[usize::from(*caller != callee)..] {
                expected.insert((format!("crossing/{caller}-{callee}/{driver}/1x1"), None));
            }
            for driver in ["pointer", "checked"] {
                let name = format!("batch/{caller}-{callee}/{driver}/1x1");
                expected.extend((0..=20).step_by(2).map(|power| (name.clone(), Some(1 << power))));
            }
        }
        let is_python = |name: &str| name.contains("python") || name.contains("numba");
        let (python, found): (BTreeSet<_>, _) =
            found.into_iter().partition(|(name, _)| is_python(name));
        assert_eq!(found, expected);
        for way in [
            "python-python/floor",
            "python-c/ctypes",
            "python-c/cffi-abi",
            "python-c/cffi-api",
            "python-c/cython",
            "python-c/nanobind",
            "python-c/pybind11",
            "python-fortran/f2py",
            "python-rust/pyo3",
            "numba-numba/floor",
            "numba-c/pointer",
        ] {
            let has = |generator: &str, batch| {
                python.contains(&(format!("{generator}/{way}/1x1"), batch))
            };
            assert!(has("crossing", None), "{way}");
            // One sample per call, and a batch that is large enough.
            let large = if way.starts_with("numba") { 1 << 12 } else { 1 << 18 };
            let has_batches = [1, large].map(|batch| has("batch", Some(batch)));
            assert_eq!(has_batches, [!way.ends_with("floor"); 2], "{way}");
        }
        for language in languages {
            for way in ["python/ctypes-callback", "numba/cfunc"] {
                assert!(python.contains(&(format!("crossing/{language}-{way}/1x1"), None)));
            }
        }
    }

    #[test]
    fn a_cell_named_twice_is_measured_once_if_it_is_the_same() {
        let own = |more: &str| group(&format!("runner = 'plain-c'\n{more}"));
        let twice = |one: &str, other: &str| cells(&format!("{one}{other}"), &places(1));
        assert_eq!(twice(&group("count = 8"), &group("count = 8")).unwrap().len(), 1);
        for (one, other) in [
            (group(""), own("")),
            (group("count = 8"), group("count = 16")),
            (own(""), own("keys = { colour = 'red' }")),
            (own("count = 8"), own("count = 8\nexpected = 3")),
        ] {
            let error = format!("{:#}", twice(&one, &other).unwrap_err());
            assert!(error.contains("[[cells]] number 2 has a cell philox/rust@x86-64/"), "{error}");
            assert!(error.contains("that differs from an earlier cell"), "{error}");
        }
    }

    #[test]
    fn micro_kernels_are_added_in_groups_of_their_own() {
        let mut suite = Suite::read("default".as_ref()).unwrap();
        let (table, before) = (RunnerTable::read(None).unwrap(), suite.groups.len());
        let names = BTreeSet::from(["add-256", "multiply-256", "slots-64"]);
        let cells = suite.add_micro_kernels(&names, Catalog::here(), &table).unwrap();
        let found: Vec<String> = cells.iter().map(|cell| cell.name.to_string()).collect();
        let expected = ["slots-64", "multiply-256", "add-256"];
        assert_eq!(found, expected.map(|name| format!("peak/{name}/serial/1x1")));
        assert_eq!(suite.groups.len(), before + 2);
        assert!(cells.iter().all(|cell| cell.group >= before && cell.workers() == 1));
    }

    #[test]
    fn a_suite_that_does_not_exist_is_an_error() {
        let error = format!("{:#}", Suite::read("defualt".as_ref()).unwrap_err());
        assert!(error.contains("did you mean 'default'"), "{error}");
        let error = Suite::read(OsStr::from_bytes(b"./no/such\xff.toml")).unwrap_err().to_string();
        assert!(error.contains(r"the suite ./no/such\xff.toml: "), "{error}");
    }
}
