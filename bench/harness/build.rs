//! Records the git revision of the sources, and whether the sources differ from it.

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
    // If the sources were unpacked inside another repository, its revision is not theirs.
    let is_ours = git(&["rev-parse", "--show-cdup"]).is_some_and(|up| up == "../../")
        && git(&["ls-files", "--error-unmatch", "build.rs"]).is_some();
    let ask = |arguments: &[&str]| git(arguments).filter(|_| is_ours);
    // This log grows with every commit and checkout. If it does not exist, cargo must not watch it,
    // because it would then run this script at every build.
    let log = ask(&["rev-parse", "--git-path", "logs/HEAD"]);
    if let Some(log) = log.filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    let revision = ask(&["rev-parse", "HEAD"]).unwrap_or_default();
    let changed = ask(&["status", "--porcelain", "--untracked-files=no"]).unwrap_or_default();
    println!("cargo::rustc-env=PI_BUILT_REVISION={revision}");
    println!("cargo::rustc-env=PI_BUILT_DIRTY={}", !changed.is_empty());
}

/// The output of git in the repository of these sources, if there is one. The variables that a git hook
/// sets are removed, and git neither starts a monitor nor writes anything.
fn git(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
        command.env_remove(variable);
    }
    command.args(["--no-optional-locks", "-c", "core.fsmonitor=false"]).args(arguments);
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
