//! Help texts, and errors in command lines.

use crate::run::{pi, refuses};
use predicates::prelude::*;
use predicates::str::contains;

#[test]
fn every_subcommand_has_examples_and_json_as_the_readme_says() {
    // These are for programs, and `report` writes a file.
    let for_programs = ["runner", "overhead-runner", "call-kernel"];
    let all = pi_command::command();
    for command in all.get_subcommands().filter(|c| !for_programs.contains(&c.get_name())) {
        let name = command.get_name();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:\n  "), "{name}: {help}");
        // A terminal with 80 columns shows examples unchanged. Prose is wrapped.
        for line in help.lines().filter(|line| line.starts_with("  ")) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
        let json = command.get_arguments().any(|argument| argument.get_id() == "json");
        assert_eq!(json, name != "report", "{name}");
    }
    pi().arg("-h").assert().success().stdout(contains("--diff"));
}

#[test]
fn help_teaches_with_examples() {
    for subcommand in ["sample", "verify", "bench", "check-runner"] {
        pi().args([subcommand, "--help"]).assert().success().stdout(contains("Examples:"));
    }
    pi().arg("--help").assert().success().stdout(contains("Exit codes: 0 done"));
}

#[test]
fn unknown_names_are_answered_with_the_valid_ones() {
    refuses("sample -n 1 --kernel fortan", &["'fortan'", "did you mean 'fortran'", "rust, c"]);
    refuses("sample -n 1 --driver openmp", &["'openmp'", "openmp-c", "serial, threads, rayon"]);
    refuses("sample -n 1 --generator phylox", &["'phylox'", "did you mean 'philox'", "xoshiro"]);
    refuses("sample -n 1 --kernel rust@x86-64-v9", &["level 'x86-64-v9'", "x86-64-v3"]);
    refuses("sample -n 1 --generator npb --kernel c-textbook", &["'c-textbook'", "fortran"]);
    refuses("verify nothing", &["'nothing'", "pi list"]);
    refuses("verify philox nothing", &["'nothing'", "pi list"]);
    refuses("verify a/b/c/1x1/e", &["at most four"]);
    refuses("verify philox/c/rayon/2", &["'2'", "1xTHREADS"]);
    refuses("verify philox/c/rayon/1x0", &["0 threads", "1 to 1024"]);
    refuses("verify philox/c/serial/1x2", &["no cell matches", "pi list"]);
    refuses("verify [", &["'['"]);
}

#[test]
fn a_name_that_is_far_from_all_suggests_none() {
    for name in ["", "x"] {
        pi().args(["sample", "-n", "1", "--kernel", name])
            .assert()
            .code(2)
            .stderr(contains("unknown kernel").and(contains("did you mean").not()));
    }
}

#[test]
fn what_was_typed_is_not_obeyed_by_a_terminal() {
    for words in [
        &["\u{1b}[2J"][..],
        &["sample", "-n", "\u{202e}\u{1b}]0;x\u{7}"],
        &["sample", "-n", "1", "--generator", "\u{202e}philox"],
        &["list", "\u{9b}31m"],
        &["compare", "\u{1b}[2J"],
        &["bench", "--filter", "\u{1b}[2J["],
    ] {
        let output = pi().args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("error: "), "{said:?}");
        assert!(!said.replace('\n', "").contains(pi_harness::shown::is_hidden), "{said:?}");
    }
}
