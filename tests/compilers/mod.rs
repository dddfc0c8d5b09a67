//! The sources that build.rs compiled, its commands, and the objects that it made.
#![allow(dead_code, reason = "not every test uses all of it")]

use libpi::build_info::{COMPILERS, Compiler};
use libpi::{Catalog, Generator, Level};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package's root.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[path = "../../rust/table.rs"]
mod table;

/// A source file of C or Fortran at a level.
pub struct Unit {
    pub compiler: &'static Compiler,
    /// The name of the source file without folder and extension.
    pub stem: String,
    /// The level as symbols name it: `base`, `v3`, `v4`.
    pub level: &'static str,
    /// The one global symbol that it defines.
    pub symbol: String,
    /// The folder of its object.
    objects: String,
}

/// The compilers of C and Fortran whose kernels were built.
pub fn compilers() -> impl Iterator<Item = &'static Compiler> {
    COMPILERS.iter().filter(|compiler| {
        let is_built = Catalog::here().kernel(Generator::Philox, compiler.kernel).is_ok();
        compiler.language != "Rust" && is_built
    })
}

/// Whether it is a second compiler of its language. It compiles the plain kernels only.
fn is_second(compiler: &Compiler) -> bool {
    compiler.kernel != folder(compiler)
}

/// The folder with a language's sources.
pub fn folder(compiler: &Compiler) -> String {
    compiler.language.to_lowercase()
}

/// Everything that was compiled: the kernels of the table at all levels, and the OpenMP drivers.
pub fn units() -> Vec<Unit> {
    let mut units = Vec::new();
    for compiler in compilers() {
        let is_its = |row: &&table::Row| {
            let also = is_second(compiler).then_some(compiler.name);
            (row.language.name(), row.also()) == (compiler.language, also)
        };
        for row in table::KERNELS.iter().filter(is_its) {
            units.extend(row.levels(std::env::consts::ARCH).iter().map(|&level| Unit {
                compiler,
                stem: row.source(),
                level,
                symbol: row.symbol(level),
                objects: format!("{}-{level}", row.name),
            }));
        }
        let language = folder(compiler);
        if !is_second(compiler) && Catalog::here().driver(&format!("openmp-{language}")).is_ok() {
            units.push(Unit {
                compiler,
                stem: "openmp".to_owned(),
                level: compiler.flags[0].0,
                symbol: format!("libpi_openmp_{language}"),
                objects: format!("{language}-base"),
            });
        }
    }
    units
}

impl Unit {
    /// The Fortran module that it defines.
    pub fn module(&self) -> String {
        format!("in_{}", self.symbol)
    }

    pub fn is_exact(&self) -> bool {
        !["openmp", "textbook"].contains(&&*self.stem)
    }

    /// Whether its level may be used here.
    pub fn runs_here(&self) -> bool {
        let mut levels = self.compiler.flags.iter().zip(Level::ALL);
        levels.any(|((name, _), level)| *name == self.level && level.missing().is_none())
    }

    pub fn source(&self) -> PathBuf {
        let extension = if self.compiler.language == "C" { "c" } else { "F90" };
        Path::new(ROOT).join(folder(self.compiler)).join(&self.stem).with_extension(extension)
    }

    /// The object file that is linked.
    pub fn object(&self) -> PathBuf {
        Path::new(env!("OUT_DIR")).join(&self.objects).join(&self.stem).with_extension("o")
    }

    /// The flags of its level.
    pub fn flags(&self) -> &'static str {
        let mut flags = self.compiler.flags.iter();
        flags.find(|(level, _)| *level == self.level).expect("the level is recorded").1
    }

    /// The compiler's command with the flags and definitions that the build uses for this unit.
    /// Module files go to the folder `modules`.
    pub fn command(&self, modules: &Path) -> Command {
        let mut command = Command::new(self.compiler.command[0]);
        command.args(&self.compiler.command[1..]).args(self.flags().split_whitespace());
        if self.stem == "openmp" {
            command.arg("-fopenmp");
        }
        let Self { level, symbol, .. } = self;
        if self.compiler.language == "C" {
            if self.stem != "openmp" {
                command.arg(format!("-DLIBPI_SYMBOL={symbol}"));
            }
        } else {
            let number = level.trim_start_matches('v').replace("base", "1");
            command.arg(format!("-DLIBPI_LEVEL={number}"));
            command.arg(format!("-DLIBPI_MODULE={}", self.module()));
            command.arg(format!("-DLIBPI_SYMBOL=\"{symbol}\""));
            command.arg("-J").arg(modules);
        }
        command
    }
}

/// The output of a command, which must succeed.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
