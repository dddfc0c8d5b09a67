//! The package of the core, as crates.io would get it, builds by itself: with a Fortran compiler,
//! without one, and as a documentation host builds it.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo, with a target folder that stays between the steps.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).env("CARGO_TERM_COLOR", "never").env_remove("LIBPI_REQUIRE");
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("package"));
    cargo
}

/// Runs a command, which must succeed, and returns what it says.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// A folder with links to the tools that a build needs, and no Fortran compiler.
fn tools_without_fortran(folder: &Path) -> PathBuf {
    let tools = folder.join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["cc", "gcc", "ar", "as", "ld", "sh"] {
        let paths = env::var_os("PATH").unwrap();
        let found = env::split_paths(&paths).map(|path| path.join(tool)).find(|path| path.exists());
        if let Some(found) = found {
            symlink(found, tools.join(tool)).unwrap();
        }
    }
    tools
}

#[test]
#[ignore = "builds the core three times: see make test-all"]
fn the_package_builds_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    said(cargo(Path::new(env!("CARGO_MANIFEST_DIR"))).args([
        "package",
        "--package",
        "libpi",
        "--offline",
        "--no-verify",
        "--allow-dirty",
    ]));
    let name = concat!("libpi-", env!("CARGO_PKG_VERSION"));
    let archive = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package/package").join(name);
    said(
        Command::new("tar")
            .arg("-xzf")
            .arg(format!("{}.crate", archive.display()))
            .current_dir(&folder),
    );
    let package = folder.path().join(name);
    assert!(package.join("SAMPLER.md").exists() && !package.join("bench").exists());

    let toolchain = Path::new(env!("CARGO")).parent().unwrap().to_owned();
    let path = env::join_paths([toolchain, tools_without_fortran(folder.path())]).unwrap();
    let without_fortran = |arguments: &[&str]| {
        let mut cargo = cargo(&package);
        cargo.args(arguments).args(["--offline"]).env("PATH", &path).env_remove("FC");
        // Documentation hosts set it.
        said(cargo.env("DOCS_RS", "1"))
    };
    said(cargo(&package).args(["clean", "--package", "libpi"]));
    let built = without_fortran(&["build"]);
    let reason = "built without fortran: the Fortran compiler gfortran cannot be run";
    assert!(built.contains(reason), "{built}");

    // Cargo notices that there is a Fortran compiler now.
    let built = said(cargo(&package).args(["build", "--offline"]));
    assert!(built.contains("Compiling libpi") && !built.contains("built without"), "{built}");

    let documented = without_fortran(&["doc", "--no-deps"]);
    assert!(documented.contains("Generated"), "{documented}");
}
