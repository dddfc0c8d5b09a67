//! Runs tools/build.sh and tools/install.sh.
#![allow(dead_code, reason = "no test file uses all of it")]

use crate::building::{built, here, messages, run};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The variables that the scripts read.
const VARIABLES: [&str; 10] = [
    "CARGO",
    "CARGO_TARGET_DIR",
    "CC",
    "FC",
    "MPI",
    "MPICC",
    "PREFIX",
    "DESTDIR",
    "LIBDIR",
    "PROFILE",
];

/// Returns a command that gets none of the variables of the scripts from the tests.
pub fn clean(program: &str) -> Command {
    let mut command = Command::new(program);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.current_dir(here().join(".."));
    command
}

/// Returns `tools/install.sh STEP` for an installation of the stage in `target`.
pub fn script(step: &str, target: &Path, prefix: &Path) -> Command {
    let mut command = clean("sh");
    command.args(["tools/install.sh", step]);
    command.env("CARGO", "no-cargo").env("CARGO_TARGET_DIR", target).env("PREFIX", prefix);
    command
}

/// Installs the libraries that the tests use, with a command and a manual that only look like them.
pub fn install(prefix: &Path) {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let target = BUILT.get_or_init(|| build("usual", &[]));
    run(&mut script("install", target, prefix));
}

/// Builds a stage with these variables, in a target folder of this name, and returns the folder.
pub fn build(name: &str, variables: &[(&str, &str)]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stages").join(name);
    let cargo = target.join("cargo");
    write_cargo(&cargo);
    let mut command = clean("sh");
    command.arg("tools/build.sh").env("CARGO", cargo).env("CARGO_TARGET_DIR", &target);
    run(command.envs(variables.iter().copied()));
    target
}

/// Writes a stand-in for cargo. It says what cargo said about the build of the libraries, and that
/// `pi` and `pi-docs` were built: small scripts in its folder, beside the libraries.
pub fn write_cargo(cargo: &Path) {
    let folder = cargo.parent().expect("the path of a file");
    fs::create_dir_all(folder).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    write_program(&folder.join("pi"), &format!("echo 'pi {version}'"));
    write_program(&folder.join("pi-docs"), "cd \"$1\" && touch pi.1 pi.bash _pi pi.fish");
    for library in ["libpi.so", "libpi.a"] {
        let link = folder.join(library);
        let _ = fs::remove_file(&link);
        symlink(built().join(library), link).unwrap();
    }
    let programs = ["pi", "pi-docs"].map(|name| {
        let path = folder.join(name).display().to_string();
        let path = path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!(
            "{{\"reason\":\"compiler-artifact\",\"target\":{{\"kind\":[\"bin\"],\
             \"crate_types\":[\"bin\"],\"name\":\"{name}\",\"src_path\":\"/\"}},\
             \"executable\":\"{path}\",\"fresh\":true}}\n"
        )
    });
    fs::write(folder.join("messages"), messages().to_owned() + &programs.concat()).unwrap();
    write_program(cargo, "echo \"$@\" >\"${0%/*}/arguments\"\ncat \"${0%/*}/messages\"");
}

/// Writes a script that can be run.
pub fn write_program(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// Writes a small stage by hand, of these files and links, into a target folder.
pub fn write_stage(target: &Path, files: &[(&str, &str)], mpi: &str) {
    let stage = target.join("install/release");
    let _ = fs::remove_dir_all(&stage);
    for (path, text) in files {
        let path = stage.join("tree").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match text.strip_prefix("-> ") {
            Some(to) => symlink(to, path).unwrap(),
            None => fs::write(path, text).unwrap(),
        }
    }
    let chosen = "CC=\nFC=\nMPICC=\nMPI=\nCFLAGS=\nFFLAGS=\nRUSTFLAGS=\n";
    for (name, text) in [
        ("chosen", chosen),
        ("folder", "/nowhere\n"),
        ("values", &format!("version 0.1.0\nmpi {mpi}\n")),
    ] {
        fs::write(stage.join(name), text).unwrap();
    }
}

/// Everything below a folder: files with their texts, links with their targets, folders.
pub fn listing(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).into_iter().flatten() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            let text = if kind.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_dir() {
                folders.push(path.clone());
                "a folder".to_owned()
            } else {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            };
            found.insert(path.strip_prefix(folder).unwrap().to_owned(), text);
        }
    }
    found
}

/// Returns the words that pkg-config prints for an installation.
pub fn pkg_config(prefix: &Path, arguments: &[&str], package: &str) -> Vec<String> {
    let said = run(Command::new("pkg-config")
        .args(arguments)
        .arg(package)
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
    said.split_whitespace().map(str::to_owned).collect()
}

/// Checks that all installed and all committed files have the version of the package.
pub fn check_versions(prefix: &Path) {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(pkg_config(prefix, &["--modversion"], "libpi"), [version]);
    assert_eq!(pkg_config(prefix, &["--modversion"], "libpi-fortran"), [version]);
    let library = fs::canonicalize(prefix.join("lib/libpi.so")).unwrap();
    assert!(library.ends_with(format!("libpi.so.{version}")), "{library:?}");
    let root = here().join("..");
    for (file, text) in [
        (prefix.join("include/libpi.h"), format!("LIBPI_VERSION \"{version}\"")),
        (
            prefix.join("include/libpi/libpi_types.f90"),
            format!("LIBPI_MODULE_VERSION = \"{version}\""),
        ),
        (
            prefix.join("lib/cmake/libpi/libpiConfigVersion.cmake"),
            format!("PACKAGE_VERSION \"{version}\""),
        ),
        (root.join("Cargo.toml"), format!("\nversion = \"{version}\"\n")),
        (root.join("fpm.toml"), format!("\nversion = \"{version}\"\n")),
        (root.join("CITATION.cff"), format!("\nversion: {version}\n")),
    ] {
        assert!(fs::read_to_string(&file).unwrap().contains(&text), "{file:?}: {text}");
    }
    let said = run(Command::new(prefix.join("bin/pi")).arg("--version"));
    assert_eq!(said, format!("pi {version}\n"));
}

/// Whether there is nothing in a folder.
pub fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}
