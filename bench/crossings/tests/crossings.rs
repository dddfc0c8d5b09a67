//! Tests the two programs from outside: right answers, wrong callees, invalid requests.

#[path = "../rust/callee.rs"]
mod callee;
mod programs;

use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use programs::{INSIDE, LANGUAGES, SHARED, answers, ask, libpi, pairs, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The answer of a million calls from seed 42 and number 0 on. A program that shares no code with
/// these computed it.
const MILLION: u64 = 3_458_375_431_478_179_306;

/// The answer of the last of `count` calls, each of which gets the answer of the previous one.
fn answer(seed: u64, first: u64, count: u64) -> u64 {
    (0..count).fold(seed, |answer, i| callee::libpi_callee_rust(answer, first.wrapping_add(i), 1))
}

#[test]
fn the_calls_have_the_known_answer() {
    assert_eq!(answer(42, 0, 1_000_000), MILLION);
}

#[test]
fn the_suite_expects_the_right_answer() {
    let suite = include_str!("../../suites/ffi.toml");
    let groups = suite.split("[[cells]]").filter(|group| {
        group.contains("generators = [\"crossing\"]") && !group.contains("expected = \"count\"")
    });
    let mut checked = 0;
    for group in groups {
        let value = |key: &str| {
            let mut lines = group.lines();
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")).expect(group)
        };
        let calls = match value("count") {
            "\"2^23\"" => 1 << 23,
            "\"2^14\"" => 1 << 14,
            count => panic!("count = {count}"),
        };
        // The floor of Python answers the number of its last call.
        let hits = match value("kernels") {
            "[\"python-python\"]" => calls - 1,
            _ => answer(42, 0, calls),
        };
        let expected: u64 = value("expected").replace('_', "").parse().unwrap();
        assert_eq!(expected, hits, "{group}");
        checked += 1;
    }
    assert_eq!(checked, 14);
}

#[test]
fn every_call_is_made_in_every_direction_and_manner() {
    for (caller, callee) in pairs() {
        for driver in ["floor", "direct", "pointer", "shared"] {
            if driver == "floor" && caller != callee {
                continue;
            }
            for (seed, first, count) in
                [(42, 0, 1_000_000), (7, 12_345, 6_789), (u64::MAX, u64::MAX - 98, 99), (3, 9, 0)]
            {
                let request = format!(
                    "generator crossing, kernel {caller}-{callee}, driver {driver}, \
                     seed {seed}, first {first}, count {count}, warmup 1, runs 2"
                );
                let hits = answer(seed, first, count);
                assert_eq!(answers(&mut ask(program(driver), &request)), [hits; 2], "{request}");
            }
        }
    }
}

#[test]
fn every_batch_is_counted_in_every_direction_and_manner() {
    for (caller, callee) in pairs() {
        for driver in ["pointer", "checked"] {
            for batch in [7, 1 << 10, 1 << 20, u64::MAX] {
                for (first, count, hits) in [(0, 1_000_000, 785_987), (999_999, 1_000_001, 785_622)]
                {
                    let request = format!(
                        "generator batch, kernel {caller}-{callee}, driver {driver}, \
                         first {first}, count {count}, batch {batch}"
                    );
                    assert_eq!(answers(&mut ask(program(driver), &request)), [hits], "{request}");
                }
            }
        }
    }
}

/// Checked loops call for 0 samples, and count the calls that find no hits.
#[test]
fn checked_calls_count_themselves() {
    for (caller, callee) in pairs() {
        let request =
            format!("generator crossing, kernel {caller}-{callee}, driver checked, count 1000");
        assert_eq!(answers(&mut ask(program("checked"), &request)), [1000], "{request}");
    }
}

#[test]
fn an_answer_says_who_compiled_caller_and_callee() {
    let request =
        "generator crossing\nkernel rust-c\ndriver direct\ncount 3\ncolour red\n\nignored";
    ask(INSIDE, request).assert().success().stdout(
        contains("info caller rustc ")
            .and(contains("info callee "))
            .and(contains("-O3"))
            .and(contains("info mask ")),
    );
}

/// Compiles C source to a shared library, which a test loads before all others.
fn library(folder: &Path, source: &str) -> PathBuf {
    let file = folder.join("mutant.c");
    fs::write(&file, format!("#include <stdint.h>\n{source}\n")).unwrap();
    let library = file.with_extension("so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1"]).arg(&file).arg("-o").arg(&library);
    assert!(compiler.status().unwrap().success(), "{compiler:?}");
    library
}

#[test]
fn a_wrong_callee_is_caught() {
    for body in [
        "return (3 * seed ^ first) - 2 * count;", // counts twice
        "return (3 * seed ^ first) - count + (first == 777777);", // errs once in a million
        "return seed;",                           // does nothing
        "return (3 * first ^ seed) - count;",     // swaps its arguments
        "return (3 * seed ^ count) - first;",
        "return (3 * (uint32_t)seed ^ first) - count;", // keeps half of an argument
        "return (uint32_t)((3 * seed ^ first) - count);", // returns half
    ] {
        let folder = tempfile::tempdir().unwrap();
        let definition = |language: &&str| {
            format!(
                "uint64_t libpi_callee_{language}(uint64_t seed, uint64_t first, uint64_t count) \
                 {{ (void)seed, (void)first, (void)count; {body} }}\n"
            )
        };
        let mutant = library(folder.path(), &LANGUAGES.iter().map(definition).collect::<String>());
        for (caller, callee) in pairs() {
            let request = format!(
                "generator crossing, kernel {caller}-{callee}, driver shared, count 1000000"
            );
            let mut command = ask(program("shared"), &request);
            assert_ne!(answers(command.env("LD_PRELOAD", &mutant)), [MILLION], "{body} {request}");
        }
    }
}

#[test]
fn a_checked_call_that_answers_nothing_is_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let idle = library(folder.path(), "int32_t libpi_hits_with(void) { return 0; }");
    for caller in LANGUAGES {
        let request = format!("generator crossing, kernel {caller}-c, driver checked, count 1000");
        let mut command = ask(program("checked"), &request);
        assert_eq!(answers(command.env("LD_PRELOAD", &idle)), [0], "{request}");
    }
}

#[test]
fn a_call_that_fails_is_an_error_and_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let failing = library(
        folder.path(),
        "int32_t libpi_hits_with(void) { return 14; }\n\
         const char *libpi_last_error(void) { return \"made to fail\"; }",
    );
    for caller in LANGUAGES {
        for generator in ["crossing", "batch"] {
            let request = format!(
                "generator {generator}, kernel {caller}-c, driver checked, count 9, batch 2"
            );
            ask(program("checked"), &request)
                .env("LD_PRELOAD", &failing)
                .assert()
                .code(1)
                .stdout(is_empty())
                .stderr("error: made to fail\n");
        }
    }
}

#[test]
fn invalid_requests_are_refused() {
    let good = "generator batch, kernel rust-c, driver pointer, count 9, batch 2";
    assert_eq!(answers(&mut ask(INSIDE, good)).len(), 1);
    for (change, words) in [
        ("generator batch", "does not give the generator"),
        ("generator batch, generator philox", "unknown generator 'philox'"),
        ("kernel rust-c", "does not give the kernel"),
        ("kernel rust-c, kernel rust", "CALLER-CALLEE"),
        ("kernel rust-c, kernel rust-zig", "unknown language 'zig'"),
        ("driver pointer", "does not give the driver"),
        ("driver pointer, driver shared", "pi-crossings-shared has"),
        ("driver pointer, driver direct", "unknown driver 'direct'"),
        ("count 9", "does not give the count"),
        ("count 9, count 1e6", "count 1e6: it must be"),
        ("count 9, count 9223372036854775808", "less than 2^63"),
        ("count 9, count 9, first 18446744073709551608", "2^64"),
        ("batch 2", "does not give the batch"),
        ("batch 2, batch 0", "at least 1"),
        ("batch 2, batch 2, threads 2", "threads 2"),
        ("batch 2, batch 2, runs -1", "runs -1"),
        ("batch 2, batch 2, batch 3", "a second time"),
        ("batch 2, batch", "a key needs a value"),
    ] {
        // `change` names the line to remove from the good request and then the lines to add.
        let (old, new) = change.split_once(", ").unwrap_or((change, ""));
        let kept: Vec<&str> = good.split(", ").filter(|line| *line != old).chain([new]).collect();
        let request = kept.join(", ");
        ask(INSIDE, &request)
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(starts_with("error: ").and(contains(words)));
    }
    for (kernel, driver, words) in
        [("rust-c", "floor", "rust-c has no floor"), ("rust-c", "checked", "pi-crossings-shared")]
    {
        let request = format!("generator crossing, kernel {kernel}, driver {driver}, count 9");
        ask(INSIDE, &request).assert().code(2).stderr(contains(words));
    }
    let request = "generator crossing, kernel c-c, driver direct, count 9";
    ask(program("shared"), request).assert().code(2).stderr(contains("pi-crossings has"));
    ask(INSIDE, good).arg("--help").assert().code(2).stderr(contains("no arguments"));
}

#[test]
fn a_program_tells_its_version_if_it_has_all_its_parts() {
    libpi();
    let version = concat!("pi-crossings ", env!("CARGO_PKG_VERSION"), "\n");
    for program in [INSIDE, SHARED] {
        ask(program, "").args(["--version", "fortran", "libpi.so"]).assert().stdout(version);
    }
    ask(INSIDE, "").args(["--version", "cobol"]).assert().code(2).stderr(contains("'cobol'"));

    let folder = tempfile::tempdir().unwrap();
    let moved = folder.path().join("pi-crossings");
    fs::copy(INSIDE, &moved).unwrap();
    let moved = moved.to_str().unwrap();
    ask(moved, "").arg("--version").assert().stdout(version);
    ask(moved, "")
        .args(["--version", "libpi.so"])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains("libpi.so: build it"));
}

/// A library that a runner loads may print to stdout. Its output must not get into the answer.
#[test]
fn output_of_libraries_is_not_in_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (folder.path().join("chatty.c"), folder.path().join("chatty.so"));
    let constructor = "__attribute__((constructor)) static void begin(void) { puts(\"chatter\"); }";
    fs::write(&source, format!("#include <stdio.h>\n{constructor}\n")).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC"]).arg(&source).arg("-o").arg(&library);
    assert!(compiler.status().unwrap().success());
    for (program, driver) in [(program("direct"), "direct"), (program("shared"), "shared")] {
        let request = format!("generator crossing, kernel c-c, driver {driver}, count 1000");
        let mut asked = ask(program, &request);
        asked.env("LD_PRELOAD", &library);
        asked.assert().success().stdout(starts_with("version")).stderr(contains("chatter"));
    }
}
