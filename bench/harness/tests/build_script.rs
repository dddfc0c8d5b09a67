//! The build script records the revision of these sources only, and of no repository around them.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs a command, which must succeed, and returns what it prints.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let user = ["-c", "user.name=a test", "-c", "user.email=test@example.org"];
    let mut git = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    run(git.current_dir(folder).args(user).args(arguments)).trim().to_owned()
}

#[test]
fn sources_inside_another_repository_have_no_revision() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs");
    run(Command::new("rustc").args(["--edition", "2024", "-o"]).arg(&script).arg(&source));
    // The root of the sources is a folder of another repository, at first.
    let around = folder.path().join("around");
    let root = around.join("libpi");
    let package = root.join("bench/harness");
    fs::create_dir_all(&package).unwrap();
    fs::copy(&source, package.join("build.rs")).unwrap();
    let revision = || {
        let said = run(Command::new(&script).current_dir(&package));
        let mut lines = said.lines();
        let line = lines.find_map(|line| line.strip_prefix("cargo::rustc-env=PI_BUILT_REVISION="));
        line.unwrap().to_owned()
    };
    git(&around, &["init", "--quiet"]);
    git(&around, &["add", "."]);
    git(&around, &["commit", "--quiet", "-m", "all"]);
    assert_eq!(revision(), "");

    // Another repository has the same root, but not the sources.
    git(&root, &["init", "--quiet"]);
    git(&root, &["commit", "--quiet", "--allow-empty", "-m", "nothing"]);
    assert_eq!(revision(), "");
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "the sources"]);
    assert_eq!(revision(), git(&root, &["rev-parse", "HEAD"]));
}
