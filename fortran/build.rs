//! Compiles Fortran: each kernel once for each level, and the OpenMP driver at the base level.

use crate::compiler::{COMMON_FLAGS, Compiler, command_in, kernels, levels, object};
use crate::say::{feature_off, strings, words};
use crate::table::Language;
use crate::target;
use std::env;
use std::path::{Path, PathBuf};

/// The Fortran compiler. In a cross build, the usual one is that of the C compiler's machine.
///
/// # Errors
/// If the cargo feature is off, or the compiler cannot be run or compiles for another machine.
pub(crate) fn find(c: &Compiler, out: &Path) -> Result<Compiler, String> {
    feature()?;
    let usual = || match target::is_cross() {
        true => target::cross_name(c, "gfortran"),
        false => "gfortran".to_owned(),
    };
    let command = command_in(&target::tool_variables("FC"), "LIBPI_FFLAGS");
    let command = command.unwrap_or_else(|| vec![usual()]);
    let name = command.join(" ");
    let variable = target::recommended_variable("FC");
    let compiler = Compiler::find(Language::Fortran, command).ok_or_else(|| {
        format!(
            "the Fortran compiler {name} cannot be run: install one (Debian: apt-get install {}) \
             or set {variable}, then build again",
            debian_package(c)
        )
    })?;
    check(&compiler, out)
        .and_then(|()| target::check_runtimes(&compiler))
        .map_err(|error| format!("{error}: set {variable} to a Fortran compiler for it"))?;
    Ok(compiler)
}

/// Checks that the cargo feature is on.
pub(crate) fn feature() -> Result<(), String> {
    env::var_os("CARGO_FEATURE_FORTRAN").map(drop).ok_or_else(|| feature_off("fortran"))
}

/// Checks that the compiler compiles Fortran for the target.
pub(crate) fn check(compiler: &Compiler, out: &Path) -> Result<(), String> {
    target::check(compiler, "end\n", "f90", &words("LIBPI_FFLAGS"), out)
}

/// Debian's package of gfortran for the target.
fn debian_package(c: &Compiler) -> String {
    match target::is_cross() {
        true => {
            let name = target::cross_name(c, "gfortran");
            format!("gfortran-{}", name.trim_end_matches("-gfortran").replace('_', "-"))
        }
        false => "gfortran".to_owned(),
    }
}

/// Compiles the kernels and records the flags of each level.
///
/// # Errors
/// The compiler's message about a source that it cannot compile.
pub(crate) fn compile(compiler: &mut Compiler, out: &Path) -> Result<Vec<PathBuf>, String> {
    compiler.flags =
        levels().iter().map(|&(level, march)| (level, flags(compiler, march).join(" "))).collect();
    let mut objects = Vec::new();
    for (row, (level, march)) in kernels(compiler) {
        let number = level.trim_start_matches('v').replace("base", "1");
        // Flang's names of procedures and constants are global and begin with the module's name. So
        // each object has a module of its own.
        let symbol = row.symbol(level);
        let defines = [
            format!("-DLIBPI_LEVEL={number}"),
            format!("-DLIBPI_MODULE=in_{symbol}"),
            format!("-DLIBPI_SYMBOL=\"{symbol}\""),
        ];
        let source = Path::new("fortran").join(row.source()).with_extension("F90");
        let arguments = [flags(compiler, march), defines.to_vec()].concat();
        objects.push(compile_one(compiler, &source, arguments, object(out, row, level))?);
    }
    Ok(objects)
}

/// Links the language's runtime, which the textbook kernel needs.
pub(crate) fn link_runtime(compiler: &Compiler) {
    let runtime: &[&str] =
        if compiler.is_llvm() { &["FortranRuntime", "FortranDecimal"] } else { &["gfortran"] };
    for library in runtime {
        compiler.link_runtime(library);
    }
}

fn flags(compiler: &Compiler, march: &[&str]) -> Vec<String> {
    let own: &[&str] = if compiler.is_llvm() {
        // Flang's integers wrap and its procedures are recursive without a flag.
        &["-cpp", "-std=f2018"]
    } else {
        // -fwrapv, because Fortran has no unsigned integers and the kernels need wrapping sums.
        // -frecursive, because large local arrays would otherwise be static, shared by all threads.
        &["-cpp", "-std=f2018", "-fwrapv", "-frecursive", "-Wall", "-Wextra"]
    };
    // Flang has no option for the preferred width of vectors.
    let fits = |flag: &&&str| !compiler.is_llvm() || flag.starts_with("-march");
    let march: Vec<&str> = march.iter().filter(fits).copied().collect();
    [strings(&COMMON_FLAGS), strings(own), words("LIBPI_FFLAGS"), strings(&march)].concat()
}

/// Compiles the OpenMP driver. The build of the C driver links the runtime.
///
/// # Errors
/// The compiler's message if it cannot compile the source.
pub(crate) fn openmp(compiler: &Compiler, out: &Path) -> Result<PathBuf, String> {
    let arguments = [flags(compiler, levels()[0].1), strings(&["-fopenmp"])].concat();
    let object = out.join("fortran-base/openmp.o");
    compile_one(compiler, Path::new("fortran/openmp.F90"), arguments, object)
}

/// Compiles one source file. Its module files go into the folder of the object.
fn compile_one(
    compiler: &Compiler,
    source: &Path,
    mut arguments: Vec<String>,
    object: PathBuf,
) -> Result<PathBuf, String> {
    let folder = object.parent().expect("an object lies in a folder");
    arguments.extend(["-J".to_owned(), folder.display().to_string()]);
    compiler.compile(source, &arguments, &object)?;
    Ok(object)
}
