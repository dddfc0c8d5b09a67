//! Records which revision of the sources is built, and whether they were changed since.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for sources in ["src", "suites", "runners.toml", "../build.rs", "../rust", "../c", "../fortran"]
    {
        println!("cargo::rerun-if-changed={sources}");
    }
    // It grows with every commit and checkout. A file that is not there would mean: run always.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    if let Some(log) = log.filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    let revision = git(&["rev-parse", "HEAD"]).unwrap_or_default();
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).unwrap_or_default();
    println!("cargo::rustc-env=PI_BUILT_REVISION={revision}");
    println!("cargo::rustc-env=PI_BUILT_DIRTY={}", !changed.is_empty());
}

/// What git says, if there is one and this is a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
