//! A compiler: which command it is, what it compiles, and a record of the flags it got.

use crate::say::{fail, variable};
use crate::table::{KERNELS, Language, Row};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Flags for all compilers alike: speed from one optimisation level, exactness from no contraction
/// of products and sums.
pub(crate) const COMMON_FLAGS: [&str; 4] = ["-O3", "-fPIC", "-g", "-ffp-contract=off"];

/// An instruction-set level: its name in symbols, and the flags that choose it.
pub(crate) type Level = (&'static str, &'static [&'static str]);

/// The levels of the target, lowest first.
pub(crate) fn levels() -> &'static [Level] {
    match variable("CARGO_CFG_TARGET_ARCH").as_str() {
        "x86_64" => &[
            ("base", &["-march=x86-64"]),
            ("v3", &["-march=x86-64-v3"]),
            ("v4", &["-march=x86-64-v4", "-mprefer-vector-width=512"]),
        ],
        _ => &[("base", &[])],
    }
}

/// A compiler as it is used.
pub(crate) struct Compiler {
    pub(crate) language: &'static str,
    /// The program and what comes before it, such as `ccache gcc`.
    pub(crate) command: Vec<String>,
    pub(crate) version: String,
    /// The flags for each level.
    pub(crate) flags: Vec<(&'static str, String)>,
}

impl Compiler {
    /// The compiler, if it can be run at all.
    pub(crate) fn find(language: &'static str, command: Vec<String>) -> Option<Self> {
        let mut compiler = Self { language, command, version: String::new(), flags: Vec::new() };
        compiler.version = compiler.first_line(&["--version"])?;
        Some(compiler)
    }

    /// Whether its OpenMP runtime is LLVM's.
    pub(crate) fn is_llvm(&self) -> bool {
        ["clang", "flang"].iter().any(|name| self.version.contains(name))
    }

    /// How it is called, for people.
    pub(crate) fn name(&self) -> String {
        self.command.join(" ")
    }

    /// The command, to be given arguments.
    pub(crate) fn run(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        command
    }

    /// Compiles one source to an object. It is run by hand, not through the crate cc: that adds
    /// flags of its own and those of CFLAGS, which would not be recorded and would lift or lower the
    /// level of one language only.
    pub(crate) fn compile(
        &self,
        source: &Path,
        arguments: &[String],
        object: &Path,
    ) -> Result<(), String> {
        let folder = object.parent().expect("an object lies in a folder");
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let mut command = self.run();
        command.args(arguments).arg("-c").arg(source).arg("-o").arg(object);
        let output = command.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let said = said.lines().collect::<Vec<_>>().join(" ");
            return Err(format!("{} could not compile {}: {said}", self.name(), source.display()));
        }
        for line in said.lines() {
            println!("cargo::warning={line}");
        }
        Ok(())
    }

    /// Links a language's runtime library, from where its compiler keeps it: gcc and gfortran tell
    /// for a file, clang and flang tell where they are installed, and the libraries are beside.
    pub(crate) fn link_runtime(&self, library: &str) {
        let file = self.first_line(&[&format!("-print-file-name=lib{library}.so")]);
        let beside = file.as_deref().and_then(|file| Path::new(file).parent().map(Path::to_owned));
        let installed = self.output(&["--version"]).and_then(|text| {
            let folder = text.lines().find_map(|line| line.strip_prefix("InstalledDir: "))?;
            Some(Path::new(folder).join("../lib"))
        });
        for folder in installed.into_iter().chain(beside).filter(|folder| folder.is_absolute()) {
            println!("cargo::rustc-link-search=native={}", folder.display());
        }
        println!("cargo::rustc-link-lib={library}");
    }

    /// The first line that it prints, if it runs well.
    pub(crate) fn first_line(&self, arguments: &[&str]) -> Option<String> {
        let text = self.output(arguments)?;
        Some(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn output(&self, arguments: &[&str]) -> Option<String> {
        let output = self.run().args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The words of a compiler's variable: the compiler, and before it what wraps it, such as ccache.
/// None if the variable is not set. Flags end the build, since they would not be recorded.
pub(crate) fn command_in(name: &str, flags: &str) -> Option<Vec<String>> {
    let text = variable(name);
    let words = words_of(&text);
    if words.iter().any(|word| word.starts_with('-')) {
        fail(&format!("{name}={text}: it names a compiler, without flags; put flags into {flags}"));
    }
    (!words.is_empty()).then_some(words)
}

/// The words of a command. The path of a file is one word, whatever blanks it holds.
fn words_of(text: &str) -> Vec<String> {
    if Path::new(text).is_file() {
        return vec![text.to_owned()];
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// Where a kernel's object goes: a folder for each name and level, since two objects of one module
/// would link without a word and run the wrong level.
pub(crate) fn object(out: &Path, row: &Row, level: &str) -> PathBuf {
    out.join(format!("{}-{level}", row.name)).join(row.generator).with_extension("o")
}

/// The kernels of a language, each with the levels that the target has.
pub(crate) fn kernels(language: Language) -> impl Iterator<Item = (&'static Row, Level)> {
    let rows = KERNELS.iter().filter(move |row| row.language == language);
    rows.flat_map(|row| {
        levels()
            .iter()
            .filter(|(name, _)| row.levels.contains(name))
            .map(move |&level| (row, level))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_may_be_wrapped_and_its_path_may_hold_blanks() {
        assert_eq!(words_of(""), [""; 0]);
        assert_eq!(words_of("  gfortran "), ["gfortran"]);
        assert_eq!(words_of("ccache gfortran-12"), ["ccache", "gfortran-12"]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my compiler");
        fs::write(&path, "").unwrap();
        let path = path.display().to_string();
        assert_eq!(words_of(&path), std::slice::from_ref(&path));
        // No file of that name: words.
        assert_eq!(words_of(&format!("{path}s")).len(), 2);
    }

    #[test]
    fn a_wrapped_compiler_is_run_with_its_wrapper() {
        let compiler = Compiler::find("C", vec!["env".to_owned(), "echo".to_owned()]).unwrap();
        assert_eq!(compiler.first_line(&["a", "b"]), Some("a b".to_owned()));
        assert!(Compiler::find("C", vec!["no-such-compiler".to_owned()]).is_none());
    }
}
