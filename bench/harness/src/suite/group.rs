//! A group of cells: every combination of its lists.

use super::amounts::{Amount, Places, amounts, one, too_many};
use super::cell::SuiteCell;
use super::expected::{InFile, expected};
use super::names;
use super::values::{count, counts};
use crate::analysis::kind::Kind;
use crate::loaded::Loaded;
use crate::number::counted;
use crate::runner_table::{PI, Runner};
use anyhow::bail;
use libpi::{Catalog, CellName, Error, Generator, Kernel, Level, MAX_THREADS, cell_name};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// A group of cells: every combination of its lists. All of them have the same count.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Why these cells are measured, for the reader of the file.
    #[serde(rename = "why")]
    _why: String,
    #[serde(default = "pi")]
    pub(super) runner: String,
    generators: Vec<String>,
    kernels: Vec<String>,
    /// Levels of the kernels. Without levels, each kernel runs at the best level of the CPU.
    #[serde(default)]
    levels: Vec<String>,
    drivers: Vec<String>,
    #[serde(default = "one")]
    ranks: Vec<Amount>,
    #[serde(default = "one")]
    threads: Vec<Amount>,
    /// Samples of a run. Without a count, the plan chooses one that fits into the time.
    #[serde(default, deserialize_with = "count")]
    pub count: Option<u64>,
    /// Whether the count is for each thread of each rank.
    #[serde(default)]
    weak: bool,
    /// The expected hits, if they are not those of the generator.
    expected: Option<InFile>,
    /// Samples per call, which the runner gets as the key `batch`.
    #[serde(default, deserialize_with = "counts")]
    batches: Vec<u64>,
    /// More keys and values for the runner.
    #[serde(default)]
    keys: BTreeMap<String, String>,
    /// Generators and kernels that the command line adds.
    #[serde(skip)]
    taken_in: Vec<(String, String)>,
}

fn pi() -> String {
    PI.to_owned()
}

impl Group {
    /// Takes in loaded kernels, if it measures kernels of pi for the same generator.
    pub(super) fn take_in(&mut self, loads: &[Loaded]) {
        if self.runner != PI || self.expected.is_some() || !self.batches.is_empty() {
            return;
        }
        for Loaded { generator, name, .. } in loads {
            let like = if generator.is_problem() { Generator::Philox } else { *generator };
            let here = |one: &Generator| self.generators.iter().any(|known| known == one.name());
            if here(generator) || here(&like) {
                self.taken_in.push((generator.to_string(), name.clone()));
            }
        }
    }

    /// The generators, each with its kernels.
    fn rows(&self, catalog: &Catalog) -> anyhow::Result<Vec<(String, Vec<String>)>> {
        let own = |generator: &String| Ok((generator.clone(), self.kernels(catalog, generator)?));
        let mut rows: Vec<_> = self.generators.iter().map(own).collect::<anyhow::Result<_>>()?;
        for (generator, kernel) in &self.taken_in {
            match rows.iter_mut().find(|(known, _)| known == generator) {
                Some((_, kernels)) => kernels.push(kernel.clone()),
                None => rows.push((generator.clone(), vec![kernel.clone()])),
            }
        }
        Ok(rows)
    }

    pub(super) fn cells(
        &self,
        group: usize,
        catalog: &Catalog,
        runner: &Runner,
        places: &Places,
    ) -> anyhow::Result<Vec<SuiteCell>> {
        self.check_names()?;
        let mut cells = Vec::new();
        for (generator, kernels) in &self.rows(catalog)? {
            let count = self.count.filter(|_| !self.weak);
            let expected =
                expected(self.expected.as_ref(), generator, catalog, runner.exact, count)?;
            let seed = Generator::from_str(generator).map_or(42, Generator::default_seed);
            for kernel in kernels {
                for driver in &self.drivers {
                    let pairs = self.places(places, driver == "serial")?;
                    for ((ranks, threads), crowded) in pairs {
                        let cell = SuiteCell {
                            name: CellName {
                                generator: generator.clone(),
                                kernel: kernel.clone(),
                                driver: driver.clone(),
                                ranks,
                                threads,
                            },
                            runner: runner.clone(),
                            group,
                            seed,
                            weak: self.weak,
                            batch: None,
                            more: self.keys.clone().into_iter().collect(),
                            expected,
                            missing: crowded.then(|| too_many(ranks, threads, places.usable)),
                        };
                        cells.extend(self.with_batches(self.checked(cell, catalog)?));
                    }
                }
            }
        }
        Ok(cells)
    }

    /// The micro-kernels of these names, if the group has some.
    pub(super) fn of_micro_kernels(mut self, names: &BTreeSet<&str>) -> Option<Self> {
        let is_micro = |generator: &String| Kind::of(generator) == Kind::Peak;
        self.kernels.retain(|kernel| names.contains(&**kernel));
        (self.generators.iter().all(is_micro) && !self.kernels.is_empty()).then_some(self)
    }

    /// Checks that names can be parts of cells' names, and keys and values lines of a request.
    fn check_names(&self) -> anyhow::Result<()> {
        for (what, names) in
            [("generator", &self.generators), ("level", &self.levels), ("driver", &self.drivers)]
        {
            names.iter().try_for_each(|name| names::check(what, name))?;
        }
        self.kernels.iter().try_for_each(|name| names::check_kernel(name))?;
        self.keys.iter().try_for_each(|(key, value)| names::check_key(key, value))
    }

    /// The names of the kernels, with their levels.
    fn kernels(&self, catalog: &Catalog, generator: &str) -> anyhow::Result<Vec<String>> {
        if self.levels.is_empty() {
            return Ok(self.kernels.clone());
        }
        let all = self.levels.iter().any(|level| level == "all");
        let levels: Vec<&str> = match all {
            true => Level::ALL.iter().map(|level| level.name()).collect(),
            false => self.levels.iter().map(String::as_str).collect(),
        };
        let with_levels = |kernel: &String| {
            // A loaded kernel has no levels.
            let is_loaded = |known: &&Kernel| known.name() == kernel && known.level().is_none();
            if catalog.kernels.iter().any(|known| is_loaded(&known)) {
                return vec![kernel.clone()];
            }
            let exists = |level: &&str| {
                // With `all`, a kernel may lack levels: a textbook kernel exists at one level only.
                !all || catalog.kernels.iter().any(|known| {
                    known.generator().name() == generator
                        && known.name() == kernel
                        && known.level().map(Level::name) == Some(*level)
                })
            };
            levels.iter().copied().filter(exists).map(|level| format!("{kernel}@{level}")).collect()
        };
        Ok(self.kernels.iter().flat_map::<Vec<String>, _>(with_levels).collect())
    }

    /// The pairs of ranks and threads, and for each pair whether there are too few CPUs.
    fn places(&self, places: &Places, serial: bool) -> anyhow::Result<BTreeMap<(u32, u32), bool>> {
        let Places { usable, oversubscribe, .. } = *places;
        let serial_threads = one();
        let of_threads = if serial { &serial_threads } else { &self.threads };
        let mut pairs = BTreeMap::new();
        for (ranks, open_ranks) in amounts(&self.ranks, places.ranks.as_ref(), usable) {
            for (threads, open_threads) in amounts(of_threads, places.threads.as_ref(), usable) {
                let workers = ranks.checked_mul(threads).filter(|workers| *workers > 0);
                let Some(workers) = workers.filter(|_| threads <= MAX_THREADS) else {
                    bail!(
                        "{} of {}: there must be at least 1 of each, and at most {MAX_THREADS} threads",
                        counted(ranks, "rank"),
                        counted(threads, "thread")
                    );
                };
                let count = self.count.unwrap_or(1);
                if self.weak && count.checked_mul(u64::from(workers)).is_none() {
                    bail!(
                        "count = {count} for each of {workers} workers: together they may count at \
                         most 2^64 - 1 samples"
                    );
                }
                let crowded = workers > usable && !oversubscribe;
                if crowded && !open_ranks && !open_threads {
                    bail!("{}", too_many(ranks, threads, usable));
                }
                // Sizes that do not fit are listed only if the user asked for them.
                let asked = places.ranks.is_some() || places.threads.is_some();
                if !crowded || asked {
                    pairs.insert((ranks, threads), crowded);
                }
            }
        }
        Ok(pairs)
    }

    /// Checks a cell of the runner `pi`: its names must exist. Returns it with full names, or with the
    /// reason why it is missing here.
    fn checked(&self, mut cell: SuiteCell, catalog: &Catalog) -> anyhow::Result<SuiteCell> {
        if self.runner != PI {
            return Ok(cell);
        }
        let CellName { generator, kernel, driver, ranks, threads } = &cell.name;
        let found = catalog
            .kernel(catalog.generator(generator)?, kernel)
            .and_then(|kernel| Ok((kernel, catalog.driver(driver)?)));
        match found {
            Ok((kernel, driver)) => {
                cell.name = cell_name(kernel, driver, *ranks, *threads);
            }
            Err(missing @ Error::Missing { .. }) => cell.missing = Some(missing.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(cell)
    }

    fn with_batches(&self, cell: SuiteCell) -> Vec<SuiteCell> {
        if self.batches.is_empty() {
            return vec![cell];
        }
        let with = |&batch| SuiteCell { batch: Some(batch), ..cell.clone() };
        self.batches.iter().map(with).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Expected;
    use super::*;
    use crate::runner_table::RunnerTable;

    pub(in crate::suite) fn places(usable: u32) -> Places {
        Places { usable, ranks: None, threads: None, oversubscribe: false }
    }

    fn cells(group: &str, places: &Places) -> anyhow::Result<Vec<SuiteCell>> {
        let group: Group = toml::from_str(group)?;
        group.cells(0, Catalog::here(), RunnerTable::read(None)?.get(&group.runner)?, places)
    }

    fn names(group: &str, places: &Places) -> Vec<String> {
        cells(group, places).unwrap().into_iter().map(|cell| cell.name.to_string()).collect()
    }

    /// A group with these lines, and with defaults for the other required keys.
    pub(in crate::suite) fn group(more: &str) -> String {
        let line = |key: &str, value: &str| {
            let given = more.lines().any(|line| line.starts_with(key));
            if given { String::new() } else { format!("{key} = {value}\n") }
        };
        format!(
            "why = '?'\n{}{}{}{more}\n",
            line("generators", "['philox']"),
            line("kernels", "['rust@x86-64']"),
            line("drivers", "['threads']")
        )
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn every_combination_is_a_cell() {
        let groups = group(
            "kernels = ['rust@x86-64', 'c@x86-64']\ndrivers = ['serial', 'rayon']\nthreads = ['all']",
        );
        let expected = [
            "philox/rust@x86-64/serial/1x1",
            "philox/rust@x86-64/rayon/1x3",
            "philox/c@x86-64/serial/1x1",
            "philox/c@x86-64/rayon/1x3",
        ];
        assert_eq!(names(&groups, &places(3)), expected);
    }

    #[test]
    fn a_kernel_without_a_level_is_the_best() {
        let names = names(&group("kernels = ['rust']"), &places(1));
        let best = Catalog::here().kernel(Generator::Philox, "rust").unwrap().full_name();
        assert_eq!(names, [format!("philox/{best}/threads/1x1")]);
    }

    #[test]
    fn all_levels_are_those_that_exist() {
        let levels = |groups: &str| cells(groups, &places(1)).unwrap().len();
        assert_eq!(levels(&group("kernels = ['rust']\nlevels = ['all']")), Level::ALL.len());
        let textbook = "generators = ['textbook']\nkernels = ['c-textbook']\nlevels = ['all']";
        assert_eq!(levels(&group(textbook)), 1);
    }

    #[test]
    fn open_numbers_end_at_what_may_be_used() {
        let pairs = |more: &str, places: &Places| -> Vec<(u32, u32)> {
            let cells = cells(&group(more), places).unwrap();
            cells.iter().map(|cell| (cell.name.ranks, cell.name.threads)).collect()
        };
        assert_eq!(pairs("threads = ['1-all']", &places(6)), [(1, 1), (1, 2), (1, 4), (1, 6)]);
        assert_eq!(pairs("threads = ['1-all']", &places(1)), [(1, 1)]);
        let hybrid = "ranks = ['1-all']\nthreads = ['1-all']";
        assert_eq!(pairs(hybrid, &places(2)), [(1, 1), (1, 2), (2, 1)]);
        let wanted = |text: &str| Some(text.parse().unwrap());
        let limited = Places { threads: wanted("1-3"), ..places(6) };
        assert_eq!(pairs("threads = ['1-all']", &limited), [(1, 1), (1, 2), (1, 3)]);
        assert_eq!(pairs("threads = ['all', 5]", &limited), [(1, 3)]);
        let over = Places { threads: wanted("1-3"), oversubscribe: true, ..places(2) };
        assert_eq!(pairs("threads = ['all']", &over), [(1, 3)]);
    }

    #[test]
    fn numbers_that_the_user_asked_for_and_that_do_not_fit_are_skipped_with_the_reason() {
        let asked = Places { threads: Some("1-4".parse().unwrap()), ..places(2) };
        let cells = cells(&group("threads = ['1-all']"), &asked).unwrap();
        let missing: Vec<bool> = cells.iter().map(|cell| cell.missing.is_some()).collect();
        assert_eq!(missing, [false, false, true, true]);
        assert!(
            cells[3].missing.as_ref().unwrap().contains("1 rank of 4 threads on 2 usable CPUs")
        );
    }

    #[test]
    fn more_than_the_usable_cpus_are_refused() {
        let message =
            |more: &str, places: &Places| format!("{:#}", cells(&group(more), places).unwrap_err());
        assert!(message("threads = [3]", &places(2)).contains("--oversubscribe"));
        assert!(message("ranks = [2]\nthreads = [2]", &places(2)).contains("2 ranks of 2 threads"));
        let three = Places { threads: Some("3".parse().unwrap()), ..places(2) };
        assert!(message("threads = ['all']", &three).contains("--oversubscribe"));
    }

    #[test]
    fn what_is_expected() {
        let expected = |more: &str| cells(&group(more), &places(1)).unwrap()[0].expected;
        assert_eq!(expected(""), Expected::Generator(Generator::Philox));
        assert_eq!(expected("count = 5\nexpected = 3"), Expected::Hits(3));
        assert_eq!(expected("expected = 'count'"), Expected::Count);
        assert_eq!(expected("expected = 'npb'"), Expected::Generator(Generator::Npb));
        let textbook = "generators = ['textbook']\nkernels = ['c-textbook']";
        assert_eq!(expected(textbook), Expected::NearPi);
    }

    #[test]
    fn batches_and_keys_go_to_the_runner() {
        let more = "runner = 'plain-c'\nbatches = ['2^0', 1024]\nkeys = { colour = 'red' }";
        let cells = cells(&group(more), &places(1)).unwrap();
        assert_eq!([cells[0].batch, cells[1].batch], [Some(1), Some(1024)]);
        assert_eq!(cells[0].more, [("colour".to_owned(), "red".to_owned())]);
    }

    #[test]
    fn errors_in_a_suite_name_the_value_and_the_rule() {
        for (more, words) in [
            ("kernels = ['fortan']", "did you mean 'fortran'"),
            ("drivers = ['openmp']", "openmp-c"),
            ("generators = ['phylox']", "did you mean 'philox'"),
            ("kernels = ['rust']\nlevels = ['x86-64-v9']", "x86-64-v9"),
            ("runner = 'plan-c'", "plain-c"),
            ("colour = 'red'", "colour"),
            ("keys = { runs = '9' }", "'runs' belongs to the protocol"),
            ("keys = { 'a b' = '9' }", "'a b' is not a name for a key"),
            (
                r#"keys = { colour = "red\nruns 9" }"#,
                r"'red\nruns 9' is not a value for the key colour",
            ),
            ("keys = { colour = '' }", "not a value for the key colour"),
            ("generators = ['']", "'' is not a name for a generator"),
            (r#"kernels = ["a\u001b[2J"]"#, r"'a\u{1b}[2J' is not a name for a kernel"),
            ("drivers = ['a/b']", "'a/b' is not a name for a driver"),
            ("levels = ['a@b']", "'a@b' is not a name for a level"),
            ("count = 'many'", "'many' is not a count"),
            ("threads = ['some']", "threads"),
            ("expected = 'some'", "a number of hits, count, or a generator"),
            ("expected = 5", "give count"),
            ("count = 0", "'0' is not a count"),
            ("count = -1", "'-1' is not a count: it must be a whole number of 0 or more"),
            ("batches = [4, 0]", "'0' is not a count"),
            ("threads = [0]", "'0' is not a number of ranks or threads"),
            ("ranks = [-1]", "'-1' is not a number of ranks or threads"),
            ("ranks = [65536]\nthreads = [65536]", "at most 1024 threads"),
            ("ranks = [4294967295]\nthreads = [2]", "at least 1 of each"),
            ("threads = [2]\nweak = true\ncount = '2^63'", "at most 2^64 - 1 samples"),
            ("runner = 'plain-c'\ngenerators = ['mine']", "say which hits are expected"),
        ] {
            let error = format!("{:#}", cells(&group(more), &places(1)).unwrap_err());
            assert!(error.contains(words), "{more}: {error}");
        }
    }

    #[test]
    fn weak_counts_grow_with_the_workers() {
        let more = "threads = [2]\nweak = true";
        let cell = &cells(&group(more), &places(2)).unwrap()[0];
        assert_eq!(cell.count(1000), 2000);
        let strong = SuiteCell { weak: false, ..cell.clone() };
        assert_eq!(strong.count(1000), 1000);
    }
}
