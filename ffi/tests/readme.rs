//! Follows the page ffi/README.md with an installation.

mod building;
mod installing;
mod page;

use building::{here, run};
use installing::{check_versions, install, is_empty};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first lines that examples/estimate_pi prints in every language.
const ESTIMATE: &str = "785987 hits of 1000000 samples\npi = 3.143948, standard error 0.001641\n";

/// Returns a folder that stays between runs of the tests, so that they reuse its virtual
/// environment. Removes the project of the last run.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let _ = fs::remove_dir_all(folder.join("consumer"));
    folder
}

/// Runs what the page says below a heading, and checks how often the estimate is printed.
fn page_estimates(heading: &str, folder: &Path, times: usize) {
    let prefix = tempfile::tempdir().unwrap();
    install(prefix.path());
    let said = page::follow(heading, prefix.path(), folder);
    assert_eq!(said.matches(ESTIMATE).count(), times, "{said}");
}

#[test]
fn page_from_c() {
    page_estimates("From C", tempfile::tempdir().unwrap().path(), 2);
}

#[test]
fn page_from_fortran() {
    page_estimates("From Fortran", tempfile::tempdir().unwrap().path(), 2);
}

#[test]
fn page_statically() {
    let folder = tempfile::tempdir().unwrap();
    page_estimates("Statically", folder.path(), 4);
    let last = run(Command::new("readelf").arg("-d").arg(folder.path().join("estimate_pi")));
    assert!(last.contains("There is no dynamic section"), "{last}");
}

#[test]
#[ignore = "needs cmake: see make test-all"]
fn page_with_cmake() {
    page_estimates("With CMake", tempfile::tempdir().unwrap().path(), 3);
}

#[test]
#[ignore = "needs fpm from PyPI: see make test-all"]
fn page_with_fpm() {
    page_estimates("With fpm", &kept("fpm"), 1);
}

#[test]
#[ignore = "needs cffi from PyPI: see make test-all"]
fn page_from_python() {
    let (prefix, folder) = (tempfile::tempdir().unwrap(), kept("cffi"));
    install(prefix.path());
    let said = page::follow("From Python", prefix.path(), &folder);
    let kernel = "100000 of 200000 readings are below 0.5\nreading 123456 is not a number\n";
    assert_eq!(said, format!("{ESTIMATE}{kernel}"));
    let said = run(Command::new(folder.join("venv/bin/python"))
        .arg(here().join("tests/consumer/kernels_cffi.py"))
        .arg(prefix.path().join("include/libpi.h"))
        .env("LD_LIBRARY_PATH", prefix.path().join("lib")));
    assert_eq!(said, "all as the header says\n");
}

#[test]
#[ignore = "needs numpy from PyPI: see make test-all"]
fn page_from_python_through_fortran() {
    page_estimates("From Python through Fortran", &kept("f2py"), 1);
}

#[test]
fn page_which_abi() {
    let prefix = tempfile::tempdir().unwrap();
    install(prefix.path());
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(page::follow("Which ABI", prefix.path(), folder.path()), "ABI 1, as compiled for\n");

    // The same program, compiled for an older ABI.
    let header = prefix.path().join("include/libpi.h");
    let older = fs::read_to_string(&header).unwrap().replace("ABI_VERSION 1\n", "ABI_VERSION 0\n");
    fs::write(header, older).unwrap();
    let commands = page::texts("Which ABI", "sh").concat();
    let commands = format!("{}{commands} 2>&1 || true", page::texts("Installing", "sh")[1]);
    let commands = commands.replace("./abi_version\n", "./abi_version");
    assert_eq!(
        page::type_in(&commands, prefix.path(), folder.path()),
        "libpi.so has ABI 1, this program was compiled for 0: compile it with the libpi.h of that \
         library\n"
    );
}

/// Types the commands as people do, which makes a release build.
#[test]
#[ignore = "makes a release build: see make test-all"]
fn page_installing() {
    let prefix = tempfile::tempdir().unwrap();
    let root = here().join("..");
    page::type_in(&page::texts("Installing", "sh").concat(), prefix.path(), &root);
    check_versions(prefix.path());
    page::type_in("make uninstall PREFIX=/some/place", prefix.path(), &root);
    assert!(is_empty(prefix.path()));
}

#[test]
#[ignore = "makes a release build: see make test-all"]
fn page_what_a_call_costs() {
    let commands = page::texts("What a call costs", "sh").concat();
    let said = page::type_in(&commands, Path::new("/nowhere"), &here().join(".."));
    assert_eq!(said.matches("libpi_hits").count(), 3, "{said}");
}

#[test]
fn page_excerpts_are_of_the_examples() {
    assert!(!page::texts("Examples", "fortran").is_empty());
    let excerpts = page::excerpts();
    for language in ["c", "cpp", "fortran", "python"] {
        assert!(excerpts.iter().any(|excerpt| excerpt.0 == language), "{language}");
    }
    for (_, excerpt) in excerpts {
        let is_of = |file: &Path| {
            page::flat(&fs::read_to_string(file).unwrap()).contains(&page::flat(&excerpt))
        };
        let mut examples = fs::read_dir(here().join("examples")).unwrap();
        assert!(examples.any(|file| is_of(&file.unwrap().path())), "{excerpt}");
    }
}

/// What the page's commands below a heading print.
fn followed(heading: &str) -> String {
    let (prefix, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    install(prefix.path());
    page::follow(heading, prefix.path(), folder.path())
}

#[test]
fn page_kernels_that_can_fail() {
    let fine = "1000000 of 2000000 readings are below 0.5\n";
    assert_eq!(
        followed("Kernels that can fail"),
        format!("{fine}a reading is not a number\n{fine}reading 1234567 is not a number\n")
    );
}

#[test]
fn page_long_calls() {
    // How exact the estimate is depends on the speed.
    let said = followed("Long calls");
    assert!(
        said.starts_with("the caller's progress function stopped the count: pi = 3.1"),
        "{said}"
    );
}

/// There is nothing to type below this heading.
#[test]
fn page_from_any_other_language() {
    assert!(page::texts("From any other language", "sh").is_empty());
}

#[test]
fn page_has_a_test_for_every_heading() {
    let tests = include_str!("readme.rs");
    for heading in page::headings() {
        let calls = [format!("(\"{heading}\", "), format!("(\"{heading}\")")];
        assert!(calls.iter().any(|call| tests.contains(call)), "{heading}");
    }
}
