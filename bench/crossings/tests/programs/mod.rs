//! The two programs, and functions that send them requests.
#![allow(dead_code, reason = "not every test uses all of it")]

use assert_cmd::Command;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The program that contains the callees.
pub const INSIDE: &str = env!("CARGO_BIN_EXE_pi-crossings");
/// The program linked to shared libraries.
pub const SHARED: &str = env!("CARGO_BIN_EXE_pi-crossings-shared");

/// The names of the languages in cells.
pub const LANGUAGES: [&str; 3] = ["rust", "c", "fortran"];

/// All pairs of caller and callee.
pub fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    LANGUAGES.into_iter().flat_map(|caller| LANGUAGES.map(|callee| (caller, callee)))
}

/// Builds libpi.so beside the programs. Cargo does not build it for tests by itself.
pub fn libpi() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
        // The target folder of the programs, which need not be cargo's default here.
        let target = Path::new(SHARED).ancestors().nth(2).unwrap();
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "libpi-ffi", "--profile", profile]);
        cargo.arg("--target-dir").arg(target);
        assert!(cargo.status().unwrap().success(), "{cargo:?}");
        Path::new(SHARED).with_file_name("libpi.so")
    })
}

/// The program that has this driver.
pub fn program(driver: &str) -> &'static str {
    match driver {
        "shared" | "checked" => {
            libpi();
            SHARED
        }
        _ => INSIDE,
    }
}

/// The command of a program with a request on its stdin. `request` separates lines by commas.
pub fn ask(program: &str, request: &str) -> Command {
    let mut command = Command::new(program);
    command.write_stdin(request.replace(", ", "\n"));
    command
}

/// The answers of all runs of a request.
pub fn answers(command: &mut Command) -> Vec<u64> {
    let output = command.assert().success();
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(text.starts_with("version pi-crossings "), "{text}");
    let runs = text.lines().filter_map(|line| line.strip_prefix("run "));
    runs.map(|run| run.split_once(' ').unwrap().1.parse().unwrap()).collect()
}
