//! A compiler: its command, what it compiles, and a record of its flags.

use crate::say::{fail, variable};
use crate::table::{ALSO, KERNELS, Language, Row};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags of all compilers. All use the same optimisation level, and none may fuse a product and
/// a sum, which would change results.
pub(crate) const COMMON_FLAGS: [&str; 4] = ["-O3", "-fPIC", "-g", "-ffp-contract=off"];

/// An instruction-set level: its name in symbols and the flags that select it.
pub(crate) type Level = (&'static str, &'static [&'static str]);

/// The architecture of the target.
pub(crate) fn architecture() -> String {
    variable("CARGO_CFG_TARGET_ARCH")
}

/// The levels of the target, lowest first.
pub(crate) fn levels() -> &'static [Level] {
    match architecture().as_str() {
        "x86_64" => &[
            ("base", &["-march=x86-64"]),
            ("v3", &["-march=x86-64-v3"]),
            ("v4", &["-march=x86-64-v4", "-mprefer-vector-width=512"]),
        ],
        _ => &[("base", &[])],
    }
}

/// A compiler, with what the build records about it.
pub(crate) struct Compiler {
    pub(crate) language: Language,
    /// Its name in [`table::ALSO`](crate::table::ALSO) if `LIBPI_ALSO` names it; none for the usual
    /// compiler of the language.
    pub(crate) also: Option<&'static str>,
    /// The words of the command: the compiler, after any wrapper, as in `ccache gcc`.
    pub(crate) command: Vec<String>,
    /// All that it prints when it is asked for its version.
    pub(crate) said: String,
    /// The flags for each level.
    pub(crate) flags: Vec<(&'static str, String)>,
}

impl Compiler {
    /// The compiler, if the command can be run.
    pub(crate) fn find(language: Language, command: Vec<String>) -> Option<Self> {
        let (said, flags) = (String::new(), Vec::new());
        let mut compiler = Self { language, also: None, command, said, flags };
        compiler.said = compiler.output(&["--version"])?;
        Some(compiler)
    }

    /// Its name and version, in one line.
    pub(crate) fn version(&self) -> &str {
        self.said.lines().next().unwrap_or_default().trim()
    }

    /// The name of the plain kernels that it compiles: `c`, or `c-clang` for the clang of `LIBPI_ALSO`.
    pub(crate) fn kernel(&self) -> String {
        kernel_name(self.language, self.also)
    }

    /// Which compiler it is: `gcc`, even if the command is `cc`.
    pub(crate) fn kind(&self) -> String {
        let program = self.command.last().map(Path::new).and_then(Path::file_name);
        let program = program.unwrap_or_default().to_string_lossy().into_owned();
        let named = kind_in(self.version()).or_else(|| kind_in(&program));
        let is_gnu = || self.said.contains("Free Software Foundation").then_some("gcc");
        named.or_else(is_gnu).map_or(program, str::to_owned)
    }

    /// Whether this is clang or flang, whose OpenMP runtime is LLVM's.
    pub(crate) fn is_llvm(&self) -> bool {
        ["clang", "flang"].iter().any(|name| self.version().contains(name))
    }

    /// The command as text, for messages.
    pub(crate) fn name(&self) -> String {
        self.command.join(" ")
    }

    /// The command, without arguments yet.
    pub(crate) fn run(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        command
    }

    /// Compiles one source to an object. This does not use the crate cc, which adds flags of its
    /// own and of CFLAGS. Those flags would not be recorded, and could change the level of one
    /// language only.
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

    /// Links a runtime library from the folder where the compiler keeps it. gcc and gfortran print
    /// the path of a library. clang and flang print the folder in which they are installed, and
    /// their libraries are in the folder `lib` beside it.
    pub(crate) fn link_runtime(&self, library: &str) {
        let file = self.first_line(&[&format!("-print-file-name=lib{library}.so")]);
        let beside = file.as_deref().and_then(|file| Path::new(file).parent().map(Path::to_owned));
        let installed = self.said.lines().find_map(|line| line.strip_prefix("InstalledDir: "));
        let installed = installed.map(|folder| Path::new(folder).join("../lib"));
        for folder in installed.into_iter().chain(beside).filter(|folder| folder.is_absolute()) {
            println!("cargo::rustc-link-search=native={}", folder.display());
        }
        println!("cargo::rustc-link-lib={library}");
    }

    /// The machine that the compiler compiles for, as it names it: `aarch64-linux-gnu`.
    pub(crate) fn machine(&self) -> Option<String> {
        self.first_line(&["-dumpmachine"]).filter(|machine| !machine.is_empty())
    }

    /// The first line that the command prints, if it succeeds.
    pub(crate) fn first_line(&self, arguments: &[&str]) -> Option<String> {
        let text = self.output(arguments)?;
        Some(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn output(&self, arguments: &[&str]) -> Option<String> {
        let output = self.run().args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The name of the plain kernels in a language by its usual compiler, or by one of [`ALSO`].
pub(crate) fn kernel_name(language: Language, also: Option<&str>) -> String {
    let language = language.name().to_lowercase();
    match also {
        Some(compiler) => format!("{language}-{compiler}"),
        None => language,
    }
}

/// The words of the first of these variables that is set: the compiler, after any wrapper such as
/// ccache. Returns none if no variable is set. A flag ends the build, because it would not be
/// recorded.
pub(crate) fn command_in(names: &[String], flags: &str) -> Option<Vec<String>> {
    names.iter().find_map(|name| {
        let text = variable(name);
        let words = words_of(&text);
        if words.iter().any(|word| word.starts_with('-')) {
            fail(&format!("{name}={text}: it must not contain flags; put them into {flags}"));
        }
        (!words.is_empty()).then_some(words)
    })
}

/// The words of a command. The path of an existing file is one word, even if it contains blanks.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    if Path::new(text).is_file() {
        return vec![text.to_owned()];
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// The compiler of [`ALSO`] that the first line of `--version` or a command names.
pub(crate) fn kind_in(text: &str) -> Option<&'static str> {
    if text.contains("GNU Fortran") {
        return Some("gfortran");
    }
    ALSO.iter().map(|(compiler, _)| *compiler).find(|compiler| text.contains(compiler))
}

/// The path of a kernel's object. Each kernel name and level has its own folder, because the file
/// is named after the source only.
pub(crate) fn object(out: &Path, row: &Row, level: &str) -> PathBuf {
    out.join(format!("{}-{level}", row.name)).join(row.source()).with_extension("o")
}

/// The kernels that a compiler compiles, once for each level that the target has.
pub(crate) fn kernels(compiler: &Compiler) -> impl Iterator<Item = (&'static Row, Level)> + use<> {
    let by = (compiler.language, compiler.also);
    let rows = KERNELS.iter().filter(move |row| (row.language, row.also()) == by);
    rows.flat_map(|row| {
        let architecture = architecture();
        levels()
            .iter()
            .filter(move |(name, _)| row.levels(&architecture).contains(name))
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
        // There is no file of this name, so the text is split at blanks.
        assert_eq!(words_of(&format!("{path}s")).len(), 2);
    }

    #[test]
    fn a_wrapped_compiler_is_run_with_its_wrapper() {
        let compiler =
            Compiler::find(Language::C, vec!["env".to_owned(), "echo".to_owned()]).unwrap();
        assert_eq!(compiler.first_line(&["a", "b"]), Some("a b".to_owned()));
        assert!(Compiler::find(Language::C, vec!["no-such-compiler".to_owned()]).is_none());
    }
}
