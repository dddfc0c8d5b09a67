//! `pi audit`.

use crate::run::{json, pi, refuses};
use predicates::prelude::*;
use predicates::str::contains;

/// Whether the system lets pi trace its own children; a container may refuse it.
fn can_trace(report: &serde_json::Value) -> bool {
    let refused = report["missing"].to_string().contains("cannot start or trace");
    if refused {
        eprintln!("this system refuses to trace processes: nothing is audited");
    }
    !refused
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_kernel_has_the_multiplications_that_its_definition_asks_for() {
    let report = json("audit philox/c@x86-64 philox/rust@x86-64");
    if !can_trace(&report) {
        return;
    }
    let kernels = report["kernels"].as_array().unwrap();
    assert_eq!(kernels.len(), 2, "{report}");
    for kernel in kernels {
        assert_eq!(kernel["generator"], "philox");
        // Ten rounds of two products make four words, which are two samples of two squares each. SSE2
        // multiplies two words at once: at least (20 + 4) / 2 / 2 multiplications a sample, less those
        // of the first rounds that all lanes share.
        let multiplies = kernel["per_sample"]["multiplies"].as_f64().unwrap();
        assert!((5.0..=24.0).contains(&multiplies), "{kernel}");
        let all = kernel["per_sample"]["instructions"].as_f64().unwrap();
        assert!(all > multiplies, "{kernel}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_hot_loop_is_shown_with_its_source() {
    if !can_trace(&json("audit philox/c@x86-64")) {
        return;
    }
    pi().args(["audit", "--asm", "philox/c@x86-64"])
        .assert()
        .success()
        .stdout(contains("philox/c@x86-64: the hot loop").and(contains("philox.c:")))
        .stdout(contains("pmuludq"));
}

#[test]
fn kernels_that_cannot_run_here_have_a_reason() {
    let output = pi()
        .env("LIBPI_LEVEL", libpi::Level::Base.name())
        .args(["audit", "*/fortran@x86-64-v4", "textbook/c-textbook", "--json"])
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    if cfg!(target_arch = "x86_64") {
        assert!(report.contains("philox/fortran@x86-64-v4"), "{report}");
        assert!(report.contains("use a lower level"), "{report}");
    }
}

#[test]
fn an_unknown_kernel_gives_those_that_are_known() {
    refuses("audit philox/cobol", &["no kernel matches 'philox/cobol'", "philox/rust", "npb/c"]);
    refuses("audit nothing", &["no kernel matches 'nothing'"]);
    refuses("audit a/b/c/d/e", &["has 5 parts"]);
    refuses("audit --asm philox", &["--asm shows one kernel", "philox/c@"]);
    refuses("audit --asm --json philox/c", &["--json"]);
}
