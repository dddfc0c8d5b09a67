//! The information that the build passes to the crate and its dependents: compilers, flags,
//! warnings, and the rows of the catalog.

use crate::also::{self, Also};
use crate::compiler::{Compiler, architecture, levels};
use crate::say::{variable, words};
use crate::table::{KERNELS, Language, Row};
use std::fmt::Write as _;

/// The Rust compiler, with the flags that affect its code.
pub(crate) fn rust() -> Compiler {
    let mut compiler = Compiler::find(Language::Rust, vec![variable("RUSTC")])
        .expect("the compiler that built this script can be run");
    let mut flags = format!("-C opt-level={}", variable("OPT_LEVEL"));
    let given = rust_flags();
    if !given.is_empty() {
        write!(flags, " {given}").expect("a string can be written to");
    }
    compiler.flags = levels().iter().map(|(level, _)| (*level, flags.clone())).collect();
    compiler
}

fn rust_flags() -> String {
    variable("CARGO_ENCODED_RUSTFLAGS").replace('\x1f', " ")
}

/// Finds what makes the levels of the languages unequal, and prints it as warnings.
pub(crate) fn warnings() -> Vec<String> {
    let mut warnings = Vec::new();
    let features = variable("CARGO_CFG_TARGET_FEATURE");
    let base = ["fxsr", "sse", "sse2", "x87"];
    let extra: Vec<&str> =
        features.split(',').filter(|f| !f.is_empty() && !base.contains(f)).collect();
    if architecture() == "x86_64" && !extra.is_empty() {
        warnings.push(format!(
            "Rust was told to use {} at every level (target-cpu or target-feature in RUSTFLAGS?): \
             its levels are not those of C and Fortran; build without these flags",
            extra.join(", ")
        ));
    }
    let (opt_level, given) = (variable("OPT_LEVEL"), rust_flags());
    if opt_level != "3" || given.contains("opt-level") {
        warnings.push(format!(
            "Rust was built at opt-level {opt_level} (RUSTFLAGS: '{given}'), C and Fortran at 3: \
             build with --release and without RUSTFLAGS"
        ));
    }
    for (name, language) in [("LIBPI_CFLAGS", "C"), ("LIBPI_FFLAGS", "Fortran")] {
        let unequal = ["-m", "-O", "-f"];
        if words(name).iter().any(|flag| unequal.iter().any(|start| flag.starts_with(start))) {
            warnings.push(format!(
                "{name}={} may change the levels, the optimisation or the arithmetic of {language} \
                 alone: build without it before you compare languages",
                variable(name)
            ));
        }
    }
    for warning in &warnings {
        println!("cargo::warning={warning}");
    }
    if variable("PROFILE") == "debug" {
        warnings
            .push("this is a debug build: do not measure with it; build with --release".to_owned());
    }
    warnings
}

/// The Rust source that rust/build_info.rs includes.
pub(crate) fn build_info(compilers: &[&Compiler], openmp_runtime: Option<&str>) -> String {
    let mut text =
        "/// The compilers and their flags.\npub const COMPILERS: &[Compiler] = &[\n".to_owned();
    for compiler in compilers {
        let Compiler { language, command, flags, .. } = compiler;
        let version = compiler.version();
        writeln!(
            text,
            "    Compiler {{ language: {:?}, kernel: {:?}, name: {:?}, command: &{command:?}, \
             version: {version:?}, flags: &{flags:?} }},",
            language.name(),
            compiler.kernel(),
            compiler.kind(),
        )
        .expect("a string can be written to");
    }
    let openmp_runtime = openmp_runtime.map(|name| format!("lib{name}"));
    text + &format!(
        "];\n\
         /// What makes the levels of the languages unequal in this build.\n\
         pub const WARNINGS: &[&str] = &{:?};\n\
         /// The OpenMP runtime that all OpenMP drivers share; none if no driver uses OpenMP.\n\
         pub const OPENMP_RUNTIME: Option<&str> = {openmp_runtime:?};\n\
         /// The target triple.\n\
         pub const TARGET: &str = {:?};\n\
         /// The cargo profile: release or debug.\n\
         pub const PROFILE: &str = {:?};\n",
        warnings(),
        variable("TARGET"),
        variable("PROFILE"),
    )
}

/// The Rust source that rust/catalog.rs includes: the kernels of the table at the levels of the
/// target, each with its function or the reason why it was left out.
pub(crate) fn catalog_rows(without_fortran: Option<&str>, also: &[Also]) -> String {
    let mut text = "&[\n".to_owned();
    let is_listed = |row: &&Row| row.also().is_none_or(|compiler| also::is_listed(also, compiler));
    for row in KERNELS.iter().filter(is_listed) {
        let missing = match (row.also(), row.language) {
            (Some(compiler), _) => also::missing(also, compiler),
            (None, Language::Fortran) => without_fortran.map(str::to_owned),
            (None, _) => None,
        };
        for level in row.levels(&architecture()) {
            let function = match (&missing, row.language) {
                (Some(reason), _) => format!("Err({reason:?})"),
                (_, Language::Rust) => format!("Ok(crate::{}::at_level::{level})", row.source()),
                _ => format!("Ok(crate::kernels::{})", row.symbol(level)),
            };
            writeln!(
                text,
                "    (Generator::{}, {:?}, Level::{}, {function}),",
                capitalised(row.generator),
                row.name,
                capitalised(level)
            )
            .expect("a string can be written to");
        }
    }
    text + "]\n"
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// Passes to the build scripts of dependents what they need to compile C and Fortran in the same
/// way, as variables `DEP_PI_KERNELS_<KEY>`. The words of a command are separated by the character
/// U+001F (unit separator).
pub(crate) fn tell_dependents(compilers: &[&Compiler], without_fortran: Option<&str>) {
    for compiler in compilers.iter().filter(|compiler| !compiler.flags.is_empty()) {
        let language = compiler.kernel();
        println!("cargo::metadata={language}_compiler={}", compiler.command.join("\x1f"));
        println!("cargo::metadata={language}_flags={}", compiler.flags[0].1);
    }
    if let Some(reason) = without_fortran {
        println!("cargo::metadata=without_fortran={reason}");
    }
}
