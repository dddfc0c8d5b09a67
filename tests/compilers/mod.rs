//! What build.rs compiled, with which commands, and the objects it made.
#![allow(dead_code, reason = "not every test needs all of it")]

use libpi::build_info::{COMPILERS, Compiler};
use libpi::{Catalog, Generator, Level};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package's root.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A source file of C or Fortran at a level.
pub struct Unit {
    pub compiler: &'static Compiler,
    /// Its name without folder and extension: what it is about.
    pub stem: String,
    /// The level as symbols have it: `base`, `v3`, `v4`.
    pub level: &'static str,
}

/// C, and Fortran if it was built.
pub fn compilers() -> impl Iterator<Item = &'static Compiler> {
    COMPILERS.iter().filter(|compiler| {
        let is_built = Catalog::here().kernel(Generator::Philox, &folder(compiler)).is_ok();
        compiler.language != "Rust" && is_built
    })
}

/// The folder with a language's sources, and its kernels' name.
pub fn folder(compiler: &Compiler) -> String {
    compiler.language.to_lowercase()
}

/// Everything that was compiled.
pub fn units() -> Vec<Unit> {
    let mut units = Vec::new();
    for compiler in compilers() {
        for stem in stems(compiler) {
            // Only kernels are compiled for each level.
            let levels = if is_kernel(&stem) { compiler.flags } else { &compiler.flags[..1] };
            let levels = levels.iter().map(|(level, _)| *level);
            units.extend(levels.map(|level| Unit { compiler, stem: stem.clone(), level }));
        }
    }
    units
}

/// The names of a language's source files, without OpenMP if that was not built.
fn stems(compiler: &Compiler) -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder(compiler))).expect("the sources");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let sources = paths.filter(|path| path.extension().is_some_and(|e| e == extension(compiler)));
    let stems = sources.map(|path| path.file_stem().unwrap_or_default().display().to_string());
    let has_openmp = Catalog::here().driver(&format!("openmp-{}", folder(compiler))).is_ok();
    let mut stems: Vec<String> = stems.filter(|stem| has_openmp || stem != "openmp").collect();
    stems.sort();
    stems
}

fn is_kernel(stem: &str) -> bool {
    !["openmp", "textbook"].contains(&stem)
}

fn extension(compiler: &Compiler) -> &'static str {
    if compiler.language == "C" { "c" } else { "F90" }
}

impl Unit {
    pub fn is_kernel(&self) -> bool {
        is_kernel(&self.stem)
    }

    /// Whether this CPU has the level.
    pub fn runs_here(&self) -> bool {
        let mut levels = self.compiler.flags.iter().zip(Level::ALL);
        levels.any(|((name, _), level)| *name == self.level && level.missing_features().is_empty())
    }

    pub fn source(&self) -> PathBuf {
        let folder = Path::new(ROOT).join(folder(self.compiler));
        folder.join(&self.stem).with_extension(extension(self.compiler))
    }

    /// The object that is linked.
    pub fn object(&self) -> PathBuf {
        let folder = format!("{}-{}", folder(self.compiler), self.level);
        Path::new(env!("OUT_DIR")).join(folder).join(&self.stem).with_extension("o")
    }

    /// The flags of its level.
    pub fn flags(&self) -> &'static str {
        let mut flags = self.compiler.flags.iter();
        flags.find(|(level, _)| *level == self.level).expect("the level is recorded").1
    }

    /// The one symbol that it defines for others.
    pub fn symbol(&self) -> String {
        let language = folder(self.compiler);
        match self.stem.as_str() {
            "openmp" => format!("libpi_openmp_{language}"),
            stem => format!("libpi_k_{stem}_{language}_{}", self.level),
        }
    }

    /// The compiler with the flags and definitions that build.rs gives for this unit; module files
    /// go to `modules`.
    pub fn command(&self, modules: &Path) -> Command {
        let mut command = Command::new(self.compiler.command);
        command.args(self.flags().split_whitespace());
        if self.stem == "openmp" {
            command.arg("-fopenmp");
        }
        let (stem, level) = (&self.stem, self.level);
        if self.compiler.language == "C" {
            command.arg(format!("-DLIBPI_LEVEL={level}"));
        } else {
            let number = level.trim_start_matches('v').replace("base", "1");
            command.arg(format!("-DLIBPI_LEVEL={number}"));
            command.arg(format!("-DLIBPI_MODULE=libpi_{stem}_{level}"));
            command.arg(format!("-DLIBPI_SYMBOL=\"{}\"", self.symbol()));
            command.arg("-J").arg(modules);
        }
        command
    }
}

/// What a command prints; it must end well.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
