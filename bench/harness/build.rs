//! Records which revision of the sources is built, and whether they were changed since.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for sources in [
        "src",
        "../suites",
        "../runners.toml",
        "../../build.rs",
        "../../rust",
        "../../c",
        "../../fortran",
    ] {
        println!("cargo::rerun-if-changed={sources}");
    }
    // Sources that were unpacked inside of another repository are not of its revision.
    let is_ours = git(&["rev-parse", "--show-cdup"]).is_some_and(|up| up == "../../");
    let ask = |arguments: &[&str]| git(arguments).filter(|_| is_ours);
    // It grows with every commit and checkout. A file that is not there would mean: run always.
    let log = ask(&["rev-parse", "--git-path", "logs/HEAD"]);
    if let Some(log) = log.filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    let revision = ask(&["rev-parse", "HEAD"]).unwrap_or_default();
    let changed = ask(&["status", "--porcelain", "--untracked-files=no"]).unwrap_or_default();
    println!("cargo::rustc-env=PI_BUILT_REVISION={revision}");
    println!("cargo::rustc-env=PI_BUILT_DIRTY={}", !changed.is_empty());
}

/// What git says, if there is one and this is a repository: the one around these sources, whatever a
/// hook that builds has set, and with nothing of it run or changed.
fn git(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
        command.env_remove(variable);
    }
    command.args(["--no-optional-locks", "-c", "core.fsmonitor=false"]).args(arguments);
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
