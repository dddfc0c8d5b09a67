//! Tests tools/build.sh with a stand-in for cargo: where it takes the programs from, and values that
//! a shell would take apart.

mod building;
mod installing;

use building::{here, outcome, run};
use installing::{clean, listing, write_cargo, write_program};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A folder name that a shell, make or JSON would take apart.
const HOSTILE: &str = " two words'`touch hit`\"$(touch hit)$HOME&a|b;c\\n#*größe ";

/// Writes a stand-in for a compiler that runs the real one.
fn write_compiler(path: &Path, real: &str) {
    write_program(path, &format!("exec {real} \"$@\""));
}

/// The command that builds with the stand-ins in a folder: as `make build`, but for the check of
/// this machine's packages.
fn build(folder: &Path) -> Command {
    let mut build = clean("sh");
    build.arg("tools/build.sh").env("CARGO", folder.join("cargo"));
    build.env("CARGO_TARGET_DIR", folder.join("target")).env("FC", folder.join("gfortran"));
    build
}

#[test]
fn paths_of_tools_and_folders_may_contain_any_character() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(HOSTILE);
    write_cargo(&folder.join("cargo"));
    write_compiler(&folder.join("gfortran"), "gfortran");
    run(&mut build(&folder));
    let stage = folder.join("target/install/release");
    let built = fs::read_to_string(stage.join("folder")).unwrap();
    assert_eq!(built.strip_suffix('\n').map(Path::new), Some(folder.as_path()));
    let tree = listing(&stage.join("tree"));
    for file in ["bin/pi", "lib/libpi.a", "lib/libpi_fortran.a", "share/man/man1/pi.1"] {
        assert!(tree.contains_key(Path::new(file)), "{file}: {:?}", tree.keys());
    }
    // What `make` is told reaches the script as it was typed.
    let prefix = folder.join("prefix");
    let mut make = clean("make");
    make.args(["-s", "install"]).arg(format!("PREFIX={}", prefix.display()));
    for (name, file) in [("CARGO", "cargo"), ("FC", "gfortran"), ("CARGO_TARGET_DIR", "target")] {
        make.arg(format!("{name}={}", folder.join(file).display()));
    }
    run(&mut make);
    assert!(prefix.join("bin/pi").exists());
    assert!(!here().join("../hit").exists(), "a value was run");

    // A library of C for the wrapper `env`, and a value that is no program.
    run(build(&folder).env("FC", "env gfortran"));
    for value in ["-dash", "`touch hit`", "exit", "no such compiler", "*"] {
        let output = outcome(build(&folder).env("FC", value));
        let said = String::from_utf8_lossy(&output.stderr);
        let expected = format!("no Fortran compiler {value}");
        assert!(!output.status.success() || said.contains(&expected), "{value}: {said}");
        let output = outcome(build(&folder).env("CARGO", value));
        assert!(!output.status.success(), "{value}");
    }
    assert!(!here().join("../hit").exists(), "a value was run");
}

#[test]
fn a_folder_that_cargo_cannot_name_on_one_line_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("two\nlines");
    write_cargo(&folder.join("cargo"));
    write_compiler(&folder.join("gfortran"), "gfortran");
    let output = outcome(&mut build(&folder));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("cargo built no program pi"), "{said}");
}

/// Colours, a target and a target folder in the environment of cargo change nothing.
#[test]
fn the_environment_of_cargo_does_not_matter() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    write_cargo(&folder.join("cargo"));
    write_compiler(&folder.join("gfortran"), "gfortran");
    run(build(folder)
        .env("CARGO_TERM_COLOR", "always")
        .env("CARGO_BUILD_TARGET", "another")
        .env("CARGO_BUILD_TARGET_DIR", "elsewhere"));
    let pc = folder.join("target/install/release/tree/lib/pkgconfig/libpi.pc");
    let pc = fs::read_to_string(pc).unwrap();
    let libraries = pc.lines().find_map(|line| line.strip_prefix("Libs.private: ")).unwrap();
    assert!(libraries.split(' ').all(|library| library.starts_with("-l")), "{libraries:?}");
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap();
    assert!(arguments.starts_with("build --profile release"), "{arguments}");
    assert_eq!(arguments.lines().count(), 1, "cargo runs once");
}
