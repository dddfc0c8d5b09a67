//! Compiles C: each kernel once for each level, and the OpenMP driver at the base level.

use crate::compiler::{COMMON_FLAGS, Compiler, command_in, kernels, levels, object};
use crate::say::{fail, strings, words};
use crate::table::Language;
use crate::target;
use std::fs;
use std::path::{Path, PathBuf};

/// The C compiler. The build fails without one, because there would be nothing to compare.
pub(crate) fn find(out: &Path) -> Compiler {
    // The crate cc knows the usual names of compilers and cross compilers.
    let usual = || vec![cc::Build::new().get_compiler().path().display().to_string()];
    let command = command_in(&target::tool_variables("CC"), "LIBPI_CFLAGS").unwrap_or_else(usual);
    let name = command.join(" ");
    let variable = target::recommended_variable("CC");
    let compiler = Compiler::find(Language::C, command).unwrap_or_else(|| {
        fail(&format!(
            "the C compiler {name} cannot be run: install one (Debian: apt-get install gcc) or set \
             {variable}"
        ))
    });
    check(&compiler, out)
        .unwrap_or_else(|error| fail(&format!("{error}: set {variable} to a C compiler for it")));
    compiler
}

/// Checks that the compiler compiles C for the target.
pub(crate) fn check(compiler: &Compiler, out: &Path) -> Result<(), String> {
    target::check(compiler, "typedef int libpi_probe;\n", "c", &words("LIBPI_CFLAGS"), out)
}

/// Compiles the kernels and records the flags of each level.
///
/// # Errors
/// The compiler's message about a source that it cannot compile.
pub(crate) fn compile(compiler: &mut Compiler, out: &Path) -> Result<Vec<PathBuf>, String> {
    compiler.flags =
        levels().iter().map(|&(level, march)| (level, flags(march, &[]).join(" "))).collect();
    let objects = kernels(compiler).map(|(row, (level, march))| {
        let source = Path::new("c").join(row.source()).with_extension("c");
        let arguments = flags(march, &[format!("-DLIBPI_SYMBOL={}", row.symbol(level))]);
        let object = object(out, row, level);
        compiler.compile(&source, &arguments, &object)?;
        Ok(object)
    });
    objects.collect()
}

/// Whether the C compiler can link objects without any runtime library.
pub(crate) fn links_alone(compiler: &Compiler, objects: &[PathBuf], out: &Path) -> bool {
    let mut command = compiler.run();
    command.args(words("LIBPI_CFLAGS")).args(["-shared", "-Wl,-z,defs", "-o"]);
    command.arg(out.join("also_probe.so")).args(objects);
    command.output().is_ok_and(|output| output.status.success())
}

fn flags(march: &[&str], more: &[String]) -> Vec<String> {
    let own = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic"];
    [strings(&COMMON_FLAGS), strings(&own), words("LIBPI_CFLAGS"), strings(march), more.to_vec()]
        .concat()
}

/// Compiles the OpenMP driver and links the runtime.
///
/// # Errors
/// If the compiler cannot link the runtime.
pub(crate) fn openmp(compiler: &Compiler, runtime: &str, out: &Path) -> Result<PathBuf, String> {
    target::check_runtimes(compiler)?;
    let probe = out.join("openmp_probe");
    let source = probe.with_extension("c");
    fs::write(&source, "int main(void) { return 0; }\n").map_err(|error| error.to_string())?;
    let option = if runtime == "omp" && !compiler.is_llvm() { "-lomp" } else { "-fopenmp" };
    // The flags may choose the machine, as clang's --target does.
    let mut command = compiler.run();
    command.args(words("LIBPI_CFLAGS")).arg(&source).arg("-o").arg(&probe).arg(option);
    let linked = command.output();
    if !linked.is_ok_and(|output| output.status.success()) {
        return Err(format!(
            "{} cannot link the OpenMP runtime lib{runtime}: install it (Debian: apt-get install \
             {}) and build again",
            compiler.name(),
            if runtime == "omp" { "libomp-dev" } else { "gcc" },
        ));
    }
    let object = out.join("c-base/openmp.o");
    let arguments = flags(levels()[0].1, &["-fopenmp".to_owned()]);
    compiler.compile(Path::new("c/openmp.c"), &arguments, &object)?;
    compiler.link_runtime(runtime);
    Ok(object)
}

/// Generates the bindings of c/kernels.h and of the kernels that C and Fortran define. The crate
/// uses them, and a test compares them with the committed ones.
#[cfg(feature = "bindgen")]
pub(crate) fn write_bindings(out: &Path) {
    use crate::table::{KERNELS, LEVELS};
    let header = out.join("declarations.h");
    let foreign = KERNELS.iter().filter(|row| row.language != Language::Rust);
    // The same declarations for every target: vectors by hand are at levels of x86-64 and AArch64.
    let symbols = foreign.flat_map(|row| {
        let targets = ["x86_64", "aarch64"].map(|architecture| row.levels(architecture));
        let levels = LEVELS.iter().filter(move |level| targets.iter().any(|t| t.contains(level)));
        levels.map(|level| row.symbol(level))
    });
    let declarations: String =
        symbols.map(|symbol| format!("libpi_kernel_function {symbol};\n")).collect();
    let text = format!("#include \"kernels.h\"\n{declarations}");
    fs::write(&header, text)
        .unwrap_or_else(|error| fail(&format!("could not write {}: {error}", header.display())));
    let bindings = bindgen::Builder::default()
        .header(header.display().to_string())
        .clang_arg("-Ic")
        .allowlist_item("libpi_.*")
        .use_core()
        .disable_header_comment()
        .merge_extern_blocks(true)
        .raw_line(
            "// Made by `make bindings` from c/kernels.h and the table of kernels: do not edit.",
        )
        .formatter(bindgen::Formatter::Prettyplease)
        .generate()
        .unwrap_or_else(|error| fail(&format!("bindgen could not read c/kernels.h: {error}")));
    let file = out.join("kernels.rs");
    bindings
        .write_to_file(&file)
        .unwrap_or_else(|error| fail(&format!("could not write {}: {error}", file.display())));
}
