//! The compilers that `LIBPI_ALSO` names. Each compiles the plain kernels of its language again, so
//! that a comparison can tell a difference of languages from one of compilers. They compile no
//! driver, because all drivers must share one OpenMP runtime.

use crate::compiler::{Compiler, kernel_name, kind_in, words_of};
use crate::say::{fail, variable};
use crate::table::{ALSO, Language};
use crate::{c, fortran};
use std::path::{Path, PathBuf};

const VARIABLE: &str = "LIBPI_ALSO";

/// A compiler that the variable names.
pub(crate) struct Also {
    /// Its name in [`ALSO`].
    name: &'static str,
    language: Language,
    /// The compiler with its objects, or the reason why there are none.
    built: Result<(Compiler, Vec<PathBuf>), String>,
}

impl Also {
    pub(crate) fn compiler(&self) -> Option<&Compiler> {
        self.built.as_ref().ok().map(|(compiler, _)| compiler)
    }

    pub(crate) fn objects(&self) -> Option<&[PathBuf]> {
        self.built.as_ref().ok().map(|(_, objects)| objects.as_slice())
    }

    /// The kernels that are missing and the reason, if they are.
    pub(crate) fn missing(&self) -> Option<(String, &str)> {
        let reason = self.built.as_ref().err()?;
        Some((kernel_name(self.language, Some(self.name)), reason))
    }
}

/// Compiles the kernels with each compiler. `c` is the usual C compiler, which links.
pub(crate) fn compile(c: &Compiler, out: &Path) -> Vec<Also> {
    let mut all: Vec<Also> = Vec::new();
    let text = variable(VARIABLE);
    for command in text.split(',').map(words_of).filter(|command| !command.is_empty()) {
        let also = compile_one(&text, command, c, out);
        if all.iter().any(|other| other.name == also.name) {
            fail(&format!("{VARIABLE}={text}: it must name each of {} once at most", names()));
        }
        all.push(also);
    }
    all
}

fn compile_one(text: &str, command: Vec<String>, c: &Compiler, out: &Path) -> Also {
    if let Some(flag) = command.iter().find(|word| word.starts_with('-')) {
        fail(&format!("{VARIABLE}={text}: it must not contain flags such as {flag}"));
    }
    let called = command.join(" ");
    let found = find(command);
    // What the compiler says counts more than the command.
    let said = found.as_ref().map(Compiler::kind);
    let kind = said.as_deref().and_then(kind_in).or_else(|| kind_in(&called));
    let known = ALSO.into_iter().find(|(name, _)| Some(*name) == kind);
    let Some((name, language)) = known else {
        fail(&format!("{VARIABLE}={text}: '{called}' is none of {}", names()));
    };
    let built = match found {
        None => Err(format!(
            "the compiler {called} of {VARIABLE} cannot be run: install it or change {VARIABLE}, \
             then build again"
        )),
        Some(compiler) => {
            let compiler = Compiler { language, also: Some(name), ..compiler };
            kernels(compiler, c, out)
        }
    };
    Also { name, language, built }
}

/// The compiler of a command. Up to version 19 the command of flang was flang-new, as in
/// `flang-new-19`.
fn find(command: Vec<String>) -> Option<Compiler> {
    let mut older = command.clone();
    if let Some(program) = older.last_mut().filter(|program| !program.contains("flang-new")) {
        *program = program.replace("flang", "flang-new");
    }
    // The language is set when the compiler is known.
    let find = |command| Compiler::find(Language::C, command);
    find(command).or_else(|| find(older))
}

fn kernels(
    mut compiler: Compiler,
    c: &Compiler,
    out: &Path,
) -> Result<(Compiler, Vec<PathBuf>), String> {
    let objects = match compiler.language {
        Language::Fortran => {
            fortran::feature()?;
            fortran::check(&compiler, out)?;
            fortran::compile(&mut compiler, out)?
        }
        _ => {
            c::check(&compiler, out)?;
            c::compile(&mut compiler, out)?
        }
    };
    if !c::links_alone(c, &objects, out) {
        return Err(format!("the kernels by {} need its runtime library", compiler.name()));
    }
    Ok((compiler, objects))
}

/// Whether the catalog lists the kernels of a compiler: those that the variable names, and always
/// those of clang and flang, so that a user learns of them.
pub(crate) fn is_listed(all: &[Also], name: &str) -> bool {
    ["clang", "flang"].contains(&name) || all.iter().any(|also| also.name == name)
}

/// Why the kernels of a compiler were left out; none if they were built.
pub(crate) fn missing(all: &[Also], name: &str) -> Option<String> {
    match all.iter().find(|also| also.name == name) {
        Some(also) => also.built.as_ref().err().cloned(),
        None => {
            Some(format!("{VARIABLE} names no {name}: build with, for example, {VARIABLE}={name}"))
        }
    }
}

fn names() -> String {
    ALSO.map(|(name, _)| name).join(", ")
}
