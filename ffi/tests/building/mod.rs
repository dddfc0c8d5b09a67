//! Builds libpi.so and the programs that use it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The folder with libpi.so and libpi.a: cargo builds no library of this kind for tests unasked.
pub fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let messages = run(Command::new(env!("CARGO")).args([
            "build",
            "--package",
            "libpi-ffi",
            "--message-format",
            "json",
        ]));
        let start = messages.find("libpi.so\"").expect("cargo names the shared library");
        let path = &messages[..start];
        let path = &path[path.rfind('"').expect("a quoted path") + 1..];
        PathBuf::from(path)
    })
}

/// What a command prints; a failure is the test's.
pub fn run(command: &mut Command) -> String {
    let output = outcome(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command prints, and how it ends.
pub fn outcome(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The folder of this package.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The end of a compiler's command: links `program` in `folder` to the shared library.
pub fn link(compiler: &mut Command, folder: &Path, program: &str) -> Command {
    let library = built().join("libpi.so");
    // The name that the SONAME asks for is made by the installation; here by a link.
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

/// Compiles a C program with these flags and links it to the shared library.
pub fn c_program(folder: &Path, source: &str, flags: &[&str]) -> Command {
    let source = here().join(source);
    let name = source.file_stem().unwrap().to_str().unwrap();
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(here())
        .arg(&source);
    link(&mut compiler, folder, name)
}
