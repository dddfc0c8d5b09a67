//! `pi verify`.

use crate::run::{json, pi};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

#[test]
fn verify_names_each_cell_and_its_verdict() {
    pi().args(["verify", "*/rust", "--threads", "2"])
        .assert()
        .success()
        .stdout(
            contains("philox/rust@").and(contains("/rayon/1x2")).and(contains("all counts right")),
        )
        .stdout(contains("WRONG").not());
}

#[test]
fn verify_puts_languages_side_by_side() {
    let report = json("verify xoshiro/*/openmp-c --threads 2");
    assert_eq!(report["ok"], true);
    let cells: Vec<&str> =
        report["cells"].as_array().unwrap().iter().map(|c| c["cell"].as_str().unwrap()).collect();
    let plain: Vec<&&str> = cells.iter().filter(|cell| !cell.contains("-simd@")).collect();
    for (cell, language) in plain[..3].iter().zip(["rust", "c", "fortran"]) {
        assert!(cell.starts_with(&format!("xoshiro/{language}@")), "{cell}");
        assert!(cell.ends_with("/openmp-c/1x2"), "{cell}");
    }
}

/// Kernels that cannot run for the same reason share a line.
#[test]
fn verify_tells_each_reason_once() {
    let verify = |more: &[&str]| {
        let arguments = ["verify", "philox/*/serial"];
        let lowest = libpi::Level::ALL[0].name();
        let output = pi().args(arguments).args(more).env("LIBPI_LEVEL", lowest).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let text = verify(&[]);
    let report: Value = serde_json::from_str(&verify(&["--json"])).unwrap();
    for missing in report["missing"].as_array().unwrap() {
        let reason = format!(": {}", missing["reason"].as_str().unwrap());
        let lines: Vec<&str> = text.lines().filter(|line| line.ends_with(&reason)).collect();
        let [line] = lines[..] else { panic!("{lines:?}") };
        assert!(line.starts_with("not run: "), "{line}");
        assert!(line.contains(missing["name"].as_str().unwrap()), "{line}");
    }
}

#[test]
fn verify_takes_the_names_of_cells() {
    let cell = format!("philox/c@{}/threads/1x3", libpi::Level::ALL[0]);
    let report = json(&format!("verify {cell} {cell} npb/c/serial/1x1"));
    let cells: Vec<&str> =
        report["cells"].as_array().unwrap().iter().map(|c| c["cell"].as_str().unwrap()).collect();
    assert_eq!(cells[0], cell);
    assert!(cells[1..].iter().all(|cell| cell.starts_with("npb/c@")), "{cells:?}");
}

#[test]
fn verify_exits_1_when_a_cell_is_wrong() {
    let pi_broken = || {
        let folder = assert_cmd::cargo::cargo_bin("pi").parent().unwrap().join("examples");
        Command::new(folder.join("pi-broken"))
    };
    pi_broken()
        .args(["verify", "*/*/serial"])
        .assert()
        .code(1)
        .stdout(contains("WRONG").and(contains("instead of")))
        .stdout(predicates::str::is_match(r"(?m)^philox/rust@\S+ +13177331 +ok").unwrap())
        .stderr(contains("1 of 2 cells are wrong: philox/broken@"));
    let output = pi_broken().args(["verify", "--json"]).assert().code(1);
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(report["ok"], false);
}
