//! `pi audit`.

use crate::libraries::{Libraries, PHILOX};
use crate::run::{pi, refuses};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;

/// What `pi audit --json` prints, whether or not it could audit a kernel.
fn audited(arguments: &str) -> Value {
    let output = pi().arg("audit").args(arguments.split(' ')).arg("--json").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether the system lets pi trace its own children; a container may refuse it.
fn can_trace(report: &Value) -> bool {
    let refused = report["missing"].to_string().contains("cannot start or trace");
    if refused {
        eprintln!("this system refuses to trace processes: nothing is audited");
    }
    !refused
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_kernel_has_the_multiplications_that_its_definition_asks_for() {
    let report = audited("philox/c@x86-64 philox/rust@x86-64");
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
    if !can_trace(&audited("philox/c@x86-64")) {
        return;
    }
    pi().args(["audit", "--asm", "philox/c@x86-64"])
        .assert()
        .success()
        .stdout(contains("philox/c@x86-64: the hot loop").and(contains("philox.c:")))
        .stdout(contains("pmuludq"));
    // Without a level it is the best one that can run here.
    pi().args(["audit", "--asm", "philox/c"])
        .env("LIBPI_LEVEL", "x86-64")
        .assert()
        .success()
        .stdout(contains("philox/c@x86-64: the hot loop"));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn levels_have_tables_that_fit_into_a_terminal() {
    let report = audited("philox/c@x86-64 philox/fortran@x86-64 textbook/c-textbook");
    if !can_trace(&report) {
        return;
    }
    let output = pi()
        .args(["audit", "philox/c@x86-64", "philox/rust-simd", "textbook"])
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("philox at x86-64: instructions for one sample"), "{text}");
    assert!(text.contains("\n  fortran-textbook  scalar  "), "{text}");
    let tables =
        text.lines().take_while(|line| !line.contains("audited") && !line.contains("unequal"));
    tables.for_each(|line| assert!(line.len() <= 80, "{line}"));
}

/// A kernel that returns at once, and one that crashes.
const ODD: &str = "
uint64_t no_loop(uint64_t seed, uint64_t first, uint64_t count) { return seed + first + count; }
uint64_t crash(uint64_t seed, uint64_t first, uint64_t count) { __builtin_trap(); }
";

#[cfg(target_arch = "x86_64")]
#[test]
fn a_kernel_without_a_loop_and_one_that_crashes_give_a_message_and_no_numbers() {
    if !can_trace(&audited("philox/c@x86-64")) {
        return;
    }
    let libraries = Libraries::new();
    libraries.add("libodd.so", ODD, &[]);
    for (symbol, words) in
        [("no_loop", "it has no loop over samples"), ("crash", "the kernel crashed")]
    {
        let load = format!("odds/odd --load odds/odd=libodd.so:{symbol}");
        let message = contains(format!("odds/odd: {words}"));
        let asm = libraries.pi(&format!("audit --asm {load}")).assert().code(1);
        asm.stdout(is_empty()).stderr(message.clone());
        let table = libraries.pi(&format!("audit {load}")).assert().code(1);
        table.stdout(message.and(contains("instructions for").not()));
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_loaded_kernel_is_audited_beside_ours() {
    if !can_trace(&audited("philox/c@x86-64")) {
        return;
    }
    let libraries = Libraries::new();
    libraries.add("libmine.so", PHILOX, &[]);
    let load = "philox/mine philox/c@x86-64 --load mine=libmine.so:count_hits";
    let audit = libraries.pi(&format!("audit {load}")).assert().success();
    audit.stdout(contains("\n  mine  ").and(contains("\n  c  ")));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn kernels_that_cannot_run_here_share_a_reason() {
    let audit = |patterns: &str| {
        let lowest = libpi::Level::Base.name();
        let arguments = patterns.split(' ');
        pi().env("LIBPI_LEVEL", lowest).arg("audit").args(arguments).output().unwrap()
    };
    let two = "philox/c@x86-64-v4 philox/fortran@x86-64-v4";
    let some = audit(&format!("{two} textbook/c-textbook"));
    let text = String::from_utf8_lossy(&some.stdout);
    let line = text.lines().find(|line| line.starts_with("not audited: philox/c@x86-64-v4"));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains(", philox/fortran@x86-64-v4: "), "{line}");
    assert!(line.ends_with("use a lower level"), "{line}");

    let none = audit(two);
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    let message = String::from_utf8_lossy(&none.stderr);
    assert!(message.starts_with("error: philox/c@x86-64-v4: "), "{message}");
    assert!(message.ends_with("use a lower level\n"), "{message}");
}

#[test]
fn an_unknown_kernel_gives_those_that_are_known() {
    refuses("audit philox/cobol", &["no kernel matches 'philox/cobol'", "philox/rust", "npb/c"]);
    refuses("audit nothing", &["no kernel matches 'nothing'"]);
    let level = libpi::Level::Base.name();
    refuses("audit philox/c@v5", &["no kernel matches 'philox/c@v5'", "and the levels", level]);
    refuses("audit a/b/c/d/e", &["has 5 parts"]);
    refuses("audit --asm philox", &["--asm shows one kernel: name one of", "philox/c,"]);
    refuses("audit --asm --json philox/c", &["--json"]);
}
