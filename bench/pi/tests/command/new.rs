//! `pi new` writes projects that build, are right, and are measured. It overwrites nothing.

use crate::run::{json, pi, refuses};
use predicates::str::contains;
use std::fs;
use std::path::Path;
use std::process::Command;

const LANGUAGES: [&str; 11] =
    ["c", "c++", "fortran", "rust", "zig", "d", "ada", "go", "nim", "pascal", "numba"];

/// Runs `make` in the project, with the pi of the tests.
fn make(folder: &Path, target: &str) {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let output = Command::new("make")
        .arg("-C")
        .arg(folder)
        .arg(target)
        .arg(format!("PI={}", pi.display()))
        .env_remove("MAKEFLAGS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", folder.display());
}

/// Writes projects in this language, builds them and checks their kernels.
fn builds_and_is_right(language: &str) {
    let folder = tempfile::tempdir().unwrap();
    for generator in ["philox", "thirds"] {
        let project = folder.path().join(generator);
        let place = project.to_str().unwrap();
        pi().args(["new", place, "--language", language, "--generator", generator])
            .assert()
            .success();
        make(&project, "check");
    }
}

#[test]
fn a_project_in_the_languages_of_libpi_builds_and_is_right() {
    for language in ["c", "c++", "rust"] {
        builds_and_is_right(language);
    }
    if !libpi::Catalog::here()
        .kernels
        .iter()
        .any(|k| k.name() == "fortran" && k.missing().is_none())
    {
        return;
    }
    builds_and_is_right("fortran");
}

/// `make test-all` runs this. A language whose compiler is missing is skipped.
#[test]
#[ignore = "it needs the compilers of eight further languages"]
fn a_project_in_each_further_language_builds_and_is_right() {
    for language in &LANGUAGES[4..] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let written = json(&format!("new {place} --language {language}"));
        match written["missing"].as_str() {
            Some(missing) => eprintln!("skipped: {missing}"),
            None => builds_and_is_right(language),
        }
    }
}

#[test]
fn every_file_is_complete() {
    for language in LANGUAGES {
        for generator in ["philox", "primes"] {
            let folder = tempfile::tempdir().unwrap();
            let place = folder.path().join("mine");
            let arguments =
                format!("new {} --language {language} --generator {generator}", place.display());
            let written = json(&arguments);
            let files = written["files"].as_array().unwrap();
            assert!(files.len() >= 4, "{written}");
            for file in files {
                let text = fs::read_to_string(file.as_str().unwrap()).unwrap();
                let marks: Vec<&str> = text.split('@').skip(1).step_by(2).collect();
                let is_left = |mark: &&&str| {
                    mark.len() > 2 && mark.chars().all(|letter| letter.is_ascii_uppercase())
                };
                assert_eq!(marks.iter().find(is_left), None, "{file}: {text}");
            }
            let suite = fs::read_to_string(place.join("suite.toml")).unwrap();
            let load = format!("[[load]]\nname = \"mine\"\ngenerator = \"{generator}\"\n");
            assert!(suite.contains(&load), "{suite}");
            let readme = fs::read_to_string(place.join("README.md")).unwrap();
            assert!(readme.lines().count() <= 10, "{readme}");
        }
    }
}

#[test]
fn a_kernel_has_a_name_that_libpi_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    for (last, name) in [("fast", "fast"), ("rust", "mine"), ("auto", "mine"), ("a b", "mine")] {
        let place = folder.path().join(last);
        pi().args(["new", "--language", "c"]).arg(&place).assert().success();
        let suite = fs::read_to_string(place.join("suite.toml")).unwrap();
        assert!(suite.contains(&format!("[[load]]\nname = \"{name}\"\n")), "{last}: {suite}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    fs::write(folder.path().join("README.md"), "mine").unwrap();
    refuses(&format!("new {place} --language c"), &["README.md exists", "choose another folder"]);
    let names: Vec<_> =
        folder.path().read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["README.md"]);
    assert_eq!(fs::read(folder.path().join("README.md")).unwrap(), b"mine");
    // A link that leads nowhere is a file that exists too.
    fs::remove_file(folder.path().join("README.md")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("kernel.c")).unwrap();
    refuses(&format!("new {place} --language c"), &["kernel.c exists"]);
    assert!(!folder.path().join("Makefile").exists());
}

#[test]
fn what_cannot_be_written_is_refused() {
    refuses("new /tmp/x --language c --generator npb", &["no loop of npb", "philox"]);
    refuses("new /tmp/x --language c --generator ../x", &["'../x'", "is not a name"]);
    pi().args(["new", "/dev/null/x", "--language", "c"])
        .assert()
        .code(1)
        .stderr(contains("could not make the folder /dev/null/x"));
    refuses("new /dev/null --language c", &["/dev/null exists, and is not a folder"]);
    refuses("new /tmp/x --language cobol", &["cobol", "fortran"]);
}

#[test]
fn the_command_that_is_shown_is_one_for_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    for (name, word) in [("mine", "mine"), ("of mine", "'of mine'"), ("$x", "'$x'")] {
        pi().args(["new", "--language", "c", name])
            .current_dir(&folder)
            .assert()
            .success()
            .stdout(contains(format!("make -C {word}\n")));
    }
}

/// The page shows a function, and the commands that build and check it.
#[test]
fn the_function_of_the_page_is_built_and_checked_as_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../YOUR_KERNEL.md");
    let page = fs::read_to_string(page).unwrap();
    let block = |begin: &str| -> String {
        let (_, rest) = page.split_once(begin).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sevenths.c"), block("```c\n")).unwrap();
    let (_, after) = page.split_once("cc -O3").unwrap();
    let commands = format!("cc -O3{}", after.split_once("```").unwrap().0);
    assert!(commands.contains("pi check-kernel ./libsevenths.so:count_sevenths"), "{commands}");
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-e", "-c", &commands])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", pi.parent().unwrap().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("keeps the rules of kernels"), "{said}");
}
