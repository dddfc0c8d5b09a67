//! The table of runners, `bench/runners.toml`: the programs that can be measured, and how to start them.

use crate::clone::{self, CLONE, clone_folder, in_clone};
use crate::loaded::Loaded;
use crate::process::{LONGEST_ASKING, Program, first_line_of, is_installed};
use crate::shown::readable;
use crate::suite::names;
use anyhow::{Context, anyhow, bail};
use libpi::Level;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The built-in table. Its commands are in the folder of the executable.
const BUILT_IN: &str = include_str!("../../runners.toml");

/// The name of the runner that is pi itself.
pub const PI: &str = "pi";

/// The word in a command that stands for the pi that is running.
const OWN: &str = "{pi}";

/// What stands in a command for the best level of this CPU.
const LEVEL: &str = "{level}";

/// A row of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    pub name: String,
    /// The language of its kernels. Without it, the names of the kernels begin with the language.
    language: Option<String>,
    command: Vec<String>,
    /// The command that prints its version. If it fails, the runner is skipped. `{kernel}` and `{driver}`
    /// in it stand for those of a cell, and then only the cells are skipped for which it fails.
    version: Option<Vec<String>>,
    /// How to build the runner, which pi prints if the program is missing.
    build: Option<String>,
    /// The instruction-set level for which it is compiled.
    level: Option<String>,
    /// Files that the program loads, relative to the folder of the table.
    #[serde(default)]
    loads: Vec<String>,
    /// Commands that must be installed.
    #[serde(default)]
    needs: Vec<String>,
    /// The generator of its kernel, or `generator/kernel`, if `pi audit` can read its machine code.
    audit: Option<String>,
    /// Whether it counts exactly what the generator gives, or only near pi.
    #[serde(default = "exact")]
    pub exact: bool,
    /// Whether it counts with all ranks when mpiexec starts it.
    #[serde(default)]
    ranks: bool,
    /// The folder to which paths in commands are relative.
    #[serde(skip)]
    folder: PathBuf,
    /// The program, as it was when the table was read.
    #[serde(skip)]
    program: Option<Program>,
    /// The arguments that make it load a kernel.
    #[serde(skip)]
    loading: Vec<OsString>,
    /// The files that its arguments name and that it loads, as they were when the table was read.
    #[serde(skip)]
    files: Vec<Program>,
}

fn exact() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    runner: Vec<Runner>,
}

/// All runners by name.
#[derive(Debug)]
pub struct RunnerTable(BTreeMap<String, Runner>);

impl RunnerTable {
    /// The built-in table and the table of a file, if one is given. A row of the file replaces a built-in
    /// row with the same name.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut table = Self(BTreeMap::new());
        let own = Program::own().ok().and_then(|own| own.path().parent());
        let beside = own.unwrap_or(Path::new("."));
        table.add(BUILT_IN, beside).context("bench/runners.toml")?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| anyhow!("could not read {}: {error}", path.display()))?;
            let path = std::path::absolute(path).unwrap_or(path.to_owned());
            let folder = path.parent().unwrap_or(Path::new("/"));
            table.add(&text, folder).with_context(|| path.display().to_string())?;
        }
        Ok(table)
    }

    fn add(&mut self, text: &str, folder: &Path) -> anyhow::Result<()> {
        let file: File = toml::from_str(text)?;
        for mut runner in file.runner {
            names::check("runner", &runner.name)?;
            runner.check_audit()?;
            let versions = runner.version.iter().flatten();
            if runner.command.is_empty()
                || runner.command.iter().chain(versions).any(String::is_empty)
            {
                bail!(
                    "runner '{}' has an empty command, or an empty word in a command",
                    runner.name
                );
            }
            folder.clone_into(&mut runner.folder);
            runner.hold_files();
            self.0.insert(runner.name.clone(), runner);
        }
        Ok(())
    }

    /// The runners whose machine code `pi audit` can read, with the generator and the name of the kernel of
    /// each.
    pub fn audited(&self) -> impl Iterator<Item = (&str, &str, &Runner)> {
        self.0.values().filter_map(|runner| {
            let (generator, kernel) = runner.audited()?;
            Some((generator, kernel, runner))
        })
    }

    pub fn get(&self, name: &str) -> anyhow::Result<&Runner> {
        self.0.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            anyhow!(
                "unknown runner '{name}'; the runners are {}; give a table that has it with --runners",
                names.join(", ")
            )
        })
    }
}

impl Runner {
    /// The generator and the name of its kernel, if `pi audit` can read its machine code.
    fn audited(&self) -> Option<(&str, &str)> {
        let audit = self.audit.as_deref()?;
        Some(audit.split_once('/').unwrap_or((audit, &self.name)))
    }

    fn check_audit(&self) -> anyhow::Result<()> {
        let Some((generator, kernel)) = self.audited() else { return Ok(()) };
        names::check("generator", generator)?;
        names::check_kernel(kernel)
    }

    /// The language of a kernel.
    pub fn language(&self, kernel: &str) -> String {
        if let Some(language) = &self.language {
            return language.clone();
        }
        let word = kernel.split(['-', '@']).next().unwrap_or_default();
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    }

    /// This runner, if it is pi, for a loaded kernel: it loads the same file.
    pub fn with_kernel(&self, loaded: &Loaded) -> Self {
        let mut runner = self.clone();
        runner.loading = loaded.arguments();
        runner.language = Some(loaded.language.clone());
        let file = loaded.function.as_ref().ok().and_then(|one| Program::at(&one.file).ok());
        runner.files.extend(file);
        runner
    }

    /// The command for the cells with this kernel and driver, with the path of its program.
    pub fn command(&self, kernel: &str, driver: &str) -> Vec<OsString> {
        let words = self.resolve(&for_cell(&self.command, kernel, driver));
        words.into_iter().chain(self.loading.iter().cloned()).collect()
    }

    /// The command that starts the very program that was there when the session began.
    ///
    /// # Errors
    /// If the program or one of its files was replaced, changed or removed since.
    pub fn command_to_start(&self, kernel: &str, driver: &str) -> Result<Vec<OsString>, String> {
        let mut words = self.command(kernel, driver);
        if let Some(program) = &self.program {
            words[0] = program.to_start()?.into();
        }
        self.files.iter().try_for_each(Program::ensure_unchanged)?;
        Ok(words)
    }

    /// Opens the program and its files, so that changes are noticed. A program that is found through PATH
    /// is an interpreter or an installed program, and is not watched.
    fn hold_files(&mut self) {
        if self.command[0] == OWN {
            self.program = Program::own().ok().cloned();
            return;
        }
        let file = |path: &Path| Program::at(path).ok();
        let words = self.resolve(&self.command);
        self.program = file(Path::new(&words[0])).filter(|_| self.command[0].contains('/'));
        let loaded = self.loads.iter().map(|name| self.folder.join(name));
        let files = words[1..].iter().map(PathBuf::from).chain(loaded);
        self.files = files.filter_map(|path| file(&path)).collect();
    }

    /// A command with the path of its program: the running pi, or a program relative to the table.
    fn resolve(&self, command: &[String]) -> Vec<OsString> {
        let mut words: Vec<OsString> = command.iter().map(|word| in_place(word)).collect();
        let program = if command[0] == OWN {
            Program::own().map_or(PI.into(), |own| own.path().to_owned())
        } else if command[0].contains('/') {
            self.folder.join(&words[0])
        } else {
            return words;
        };
        words[0] = program.into();
        words
    }

    /// The version command for the cells with this kernel and driver, if the runner has one.
    pub fn version_command(&self, kernel: &str, driver: &str) -> Option<Vec<OsString>> {
        Some(self.resolve(&for_cell(self.version.as_ref()?, kernel, driver)))
    }

    /// The version that this command prints, or the reason why the runner cannot run here.
    pub fn available(
        &self,
        version_command: Option<&[OsString]>,
        interrupted: &AtomicBool,
    ) -> Result<String, String> {
        if self.command[0] == OWN {
            Program::own().map_err(|why| why.to_string())?;
        }
        if self.command[0].contains(CLONE) && clone_folder().is_none() {
            return Err(clone::MISSING.to_owned());
        }
        if let Some(reason) = self.level.as_deref().and_then(without_level) {
            return Err(reason);
        }
        let program = &self.resolve(&self.command)[0];
        let needs = self.needs.iter().map(OsStr::new).chain([program.as_os_str()]);
        if let Some(name) = needs.into_iter().find(|name| !is_installed(name)) {
            let is_program = name == program;
            let name = readable(name);
            return Err(match &self.build {
                Some(build) if is_program => format!("{name} is not built: {build}"),
                _ => format!("{name} is not installed"),
            });
        }
        match version_command {
            Some(command) => first_line_of(command, LONGEST_ASKING, interrupted),
            None => Ok(String::new()),
        }
    }

    /// Why it cannot count on several ranks, if it cannot. `has_mpi` says whether this pi can.
    pub fn without_ranks(&self, has_mpi: bool) -> Option<String> {
        if self.name == PI {
            let reason = "this pi was built without MPI: build it with --features mpi";
            return (!has_mpi).then(|| reason.to_owned());
        }
        (!self.ranks).then(|| format!("runner {} does not count on several ranks", self.name))
    }
}

/// A command with the names of a cell in place of `{kernel}` and `{driver}`.
fn for_cell(command: &[String], kernel: &str, driver: &str) -> Vec<String> {
    let word = |word: &String| word.replace("{kernel}", kernel).replace("{driver}", driver);
    command.iter().map(word).collect()
}

/// A word of a command, with the best level in place of `{level}` and, if there is a clone, its folder in
/// place of `{clone}`.
fn in_place(word: &str) -> OsString {
    let word = word.replace(LEVEL, Level::best().name());
    in_clone(&word).map_or_else(|| word.into(), Into::into)
}

/// Why a program that is compiled for this level cannot run here, if it cannot.
fn without_level(name: &str) -> Option<String> {
    match Level::ALL.iter().find(|level| level.name() == name) {
        Some(level) => level.missing(),
        None => Some(format!("this machine has no level {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> anyhow::Result<RunnerTable> {
        let mut table = RunnerTable(BTreeMap::new());
        table.add(text, Path::new("/somewhere"))?;
        Ok(table)
    }

    #[test]
    fn the_table_of_this_build_can_be_read() {
        let table = RunnerTable::read(None).unwrap();
        assert!(Path::new(&table.get(PI).unwrap().command("k", "d")[0]).is_absolute());
        assert!(table.get("nobody").unwrap_err().to_string().contains("--runners"));
    }

    #[test]
    fn the_language_is_said_or_begins_the_kernels_name() {
        let table = table(
            "[[runner]]\nname = 'a'\ncommand = ['a']\n[[runner]]\nname = 'b'\ncommand = ['b']\nlanguage = 'Zig'",
        )
        .unwrap();
        let language = |runner, kernel| table.get(runner).unwrap().language(kernel);
        assert_eq!(language("a", "c@x86-64"), "C");
        assert_eq!(language("a", "fortran-textbook@x86-64"), "Fortran");
        assert_eq!(language("a", "rust"), "Rust");
        assert_eq!(language("b", "rust"), "Zig");
    }

    /// What the runner `a` says of its cells with the kernel `k` and the driver `d`.
    fn available(table: &RunnerTable) -> Result<String, String> {
        let runner = table.get("a").unwrap();
        let command = runner.version_command("k", "d");
        runner.available(command.as_deref(), &AtomicBool::new(false))
    }

    #[test]
    fn what_is_missing_is_named_with_what_brings_it() {
        for (row, words) in [
            ("command = ['bin/x']\nbuild = 'make x'", "/somewhere/bin/x is not built: make x"),
            ("command = ['sh']\nneeds = ['no-such-compiler']", "no-such-compiler is not installed"),
            ("command = ['sh']\nlevel = 'z80'", "this machine has no level z80"),
            ("command = ['no-such-command']", "no-such-command is not installed"),
            ("command = ['sh']\nversion = ['sh', '-c', 'echo bad >&2; exit 1']", "failed: bad"),
        ] {
            let table = table(&format!("[[runner]]\nname = 'a'\n{row}")).unwrap();
            let reason = available(&table).unwrap_err();
            assert!(reason.contains(words), "{reason}");
        }
        let table =
            table("[[runner]]\nname = 'a'\ncommand = ['sh']\nversion = ['echo', '1.0']").unwrap();
        assert_eq!(available(&table).unwrap(), "1.0");
    }

    #[test]
    fn a_runner_may_be_asked_for_the_version_of_each_kernel_and_driver() {
        let table = table(
            "[[runner]]\nname = 'a'\ncommand = ['sh']\nversion = ['echo', 'has', '{kernel}-{driver}']",
        );
        assert_eq!(available(&table.unwrap()).unwrap(), "has k-d");
    }

    #[test]
    fn programs_in_the_clone_are_found_there_and_get_the_names_of_the_cell() {
        let table = table(
            "[[runner]]\nname = 'a'\ncommand = ['{clone}/no-such-program', '{clone}/a/b', '{kernel}-{driver}']\nbuild = 'x'",
        )
        .unwrap();
        let clone = clone_folder().unwrap();
        let words = table.get("a").unwrap().command("k", "d");
        assert_eq!(words[..2], [clone.join("no-such-program"), clone.join("a/b")]);
        assert_eq!(words[2], "k-d");
        let reason = available(&table).unwrap_err();
        assert!(reason.ends_with("/no-such-program is not built: x"), "{reason}");
    }

    #[test]
    fn programs_for_the_level_of_this_cpu_are_found_in_its_folder() {
        let row =
            "[[runner]]\nname = 'a'\ncommand = ['bin/{level}/a', '{level}']\nbuild = 'make a'";
        let table = table(row).unwrap();
        let level = Level::best().name();
        let program = format!("/somewhere/bin/{level}/a");
        let words = table.get("a").unwrap().command("k", "d");
        assert_eq!(words, [program.clone(), level.to_owned()].map(OsString::from));
        assert_eq!(available(&table).unwrap_err(), format!("{program} is not built: make a"));
    }

    #[test]
    fn bad_tables_are_refused() {
        for text in [
            "[[runner]]\nname = 'a'",
            "[[runner]]\nname = 'a'\ncommand = []",
            "[[runner]]\nname = 'a'\ncommand = ['']",
            "[[runner]]\nname = 'a'\ncommand = ['a']\ncolour = 'red'",
            "[[runners]]\nname = 'a'",
            "[[runner]]\nname = 'a b'\ncommand = ['a']",
            "[[runner]]\nname = ''\ncommand = ['a']",
            "[[runner]]\nname = 'a'\ncommand = ['a']\naudit = 'philox/a b'",
        ] {
            assert!(table(text).is_err(), "{text}");
        }
    }
}
