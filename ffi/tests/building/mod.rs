//! Builds libpi.so and the programs that use it.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Returns the folder with libpi.so and libpi.a, built on the first call: for tests, cargo does not
/// build libraries of this kind by itself.
pub fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| folder_in(messages()))
}

/// Returns what cargo says about the build of [`built`], in JSON.
pub fn messages() -> &'static str {
    static MESSAGES: OnceLock<String> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        run(Command::new(env!("CARGO")).args([
            "build",
            "--package",
            "libpi-ffi",
            "--message-format",
            "json",
        ]))
    })
}

/// Flags that compile C and Fortran with AddressSanitizer and UndefinedBehaviorSanitizer.
pub const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// Returns the folder with a special build. Its C kernels and C driver are compiled with the
/// sanitizers, so the programs that use it must be too. Its functions panic while
/// LIBPI_FORCED_PANIC is set.
pub fn checked() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        folder_in(&run(Command::new(env!("CARGO"))
            .args(["rustc", "--package", "libpi-ffi", "--lib"])
            .arg("--target-dir")
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("checked"))
            .args(["--message-format", "json", "--", "--cfg", "libpi_forced_panic"])
            .env("LIBPI_CFLAGS", SANITIZERS.join(" "))))
    })
}

/// Returns the folder of the shared library that cargo's messages name.
fn folder_in(messages: &str) -> PathBuf {
    let start = messages.find("libpi.so\"").expect("cargo names the shared library");
    let path = &messages[..start];
    let path = &path[path.rfind('"').expect("a quoted path") + 1..];
    PathBuf::from(path)
}

/// Returns what a command prints. If the command fails, the test fails.
pub fn run(command: &mut Command) -> String {
    let output = outcome(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Returns what a command prints and its exit status.
pub fn outcome(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Returns the folder of this package.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Completes and runs a compiler's command, which links `program` in `folder` to libpi.so. Returns
/// the command that runs the program.
pub fn link(compiler: &mut Command, folder: &Path, program: &str) -> Command {
    link_to(built(), compiler, folder, program)
}

/// Does the same as [`link`] with the libpi.so of another build.
pub fn link_to(built: &Path, compiler: &mut Command, folder: &Path, program: &str) -> Command {
    let library = built.join("libpi.so");
    // The program looks for the name in the SONAME. An installation has it; here it is a link.
    let soname = folder.join("libpi.so.1");
    if !soname.exists() {
        std::os::unix::fs::symlink(&library, soname).unwrap();
    }
    let program = folder.join(program);
    run(compiler
        .arg("-o")
        .arg(&program)
        .arg(&library)
        .arg("-lm")
        .arg(format!("-Wl,-rpath,{}", folder.display())));
    let mut program = Command::new(program);
    program.env_remove("LIBPI_NUM_THREADS");
    program
}

/// The C compiler, with warnings as errors.
pub const CC: &[&str] =
    &["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"];

/// The C++ compiler, with warnings as errors.
pub const CXX: &[&str] =
    &["c++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"];

/// Compiles a program in C or C++ and links it to the libpi.so of a build.
pub fn c_program(folder: &Path, source: &str, compiler: &[&str], built: &Path) -> Command {
    let source = here().join(source);
    let name = source.file_stem().unwrap().to_str().unwrap();
    let mut command = Command::new(compiler[0]);
    command.args(&compiler[1..]).arg("-I").arg(here()).arg(&source);
    link_to(built, &mut command, folder, name)
}
