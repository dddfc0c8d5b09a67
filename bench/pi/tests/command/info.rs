//! `pi info`: the environment of a measurement, and the differences between two.

use crate::fakes::Place;
use crate::made_up::Session;
use crate::run::pi;
use predicates::str::contains;
use serde_json::{Value, json};
use std::fs;

#[test]
fn info_names_every_source_and_the_one_that_decided() {
    let output = pi()
        .env("SLURM_CPUS_PER_TASK", "1")
        .env("OMP_NUM_THREADS", "7,2")
        .args(["info", "--json"])
        .assert()
        .success();
    let info: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let cpus = &info["cpus"];
    assert_eq!((&cpus["usable"], &cpus["threads"]), (&1.into(), &7.into()));
    assert_eq!(cpus["threads_by"], "OMP_NUM_THREADS");
    let names: Vec<&str> =
        cpus["sources"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    insta::assert_debug_snapshot!(names);
    assert!(info["warnings"].to_string().contains("take turns"));
}

#[test]
fn info_is_the_environment() {
    let output = pi().args(["info", "--json"]).env("OMP_SCHEDULE", "static").output().unwrap();
    let info: Value = serde_json::from_slice(&output.stdout).unwrap();
    for pointer in [
        "/machine/cpu",
        "/machine/architecture",
        "/machine/operating_system",
        "/build/target",
        "/build/profile",
        "/sources/binary_sha256",
        "/cpus/mask_at_start",
    ] {
        assert!(
            info.pointer(pointer).is_some_and(|v| v.as_str().is_some_and(|t| !t.is_empty())),
            "{pointer}"
        );
    }
    for pointer in ["/machine/memory_bytes", "/system/load/2", "/cpus/usable"] {
        assert!(info.pointer(pointer).is_some_and(Value::is_number), "{pointer}");
    }
    assert_eq!(info["system"]["variables"]["OMP_SCHEDULE"], "static");
    assert_eq!(info["sources"]["binary_sha256"].as_str().unwrap().len(), 64);
    let warnings = info["warnings"].to_string();
    assert!(info["build"]["profile"] != "debug" || warnings.contains("build with --release"));
}

#[test]
fn info_tells_what_differs_between_two_results() {
    let place = Place::new();
    let file = |name: &str, environment: &str| {
        let path = place.path(name);
        let header = r#"{"record":"header","schema":1,"suite":"s","environment":"#;
        fs::write(&path, format!("{header}{environment}}}\n")).unwrap();
        path
    };
    let a = file("a", r#"{"machine":{"cpu":"A1","caches":[1,2]},"same":true}"#);
    let b = file("b", r#"{"machine":{"cpu":"B2","caches":[1]},"same":true}"#);
    let diff = |a: &std::path::Path, b: &std::path::Path| {
        let mut command = pi();
        command.args(["info", "--diff"]).arg(a).arg(b);
        command
    };
    diff(&a, &b)
        .assert()
        .success()
        .stdout("machine.caches[1]\n  A  2\n  B  -\nmachine.cpu\n  A  A1\n  B  B2\n");
    diff(&a, &a).assert().success().stdout(contains("the same"));
    let output = diff(&a, &b).arg("--json").output().unwrap();
    let differences: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(differences[1]["what"], "machine.cpu");
    assert_eq!(differences[0]["b"], Value::Null);
    diff(&a, &place.path("none")).assert().code(2).stderr(contains("none"));
    fs::write(place.path("cut"), fs::read_to_string(&b).unwrap() + "{\"rec").unwrap();
    diff(&a, &place.path("cut")).assert().code(1).stderr(contains("line 2: the line is cut off"));
}

#[test]
fn the_commands_of_two_results_differ_in_one_line_and_last() {
    let folder = tempfile::tempdir().unwrap();
    let session = |seed| Session::new("default", "ladder", seed);
    let one = session(1).write(folder.path(), "a.jsonl");
    let other = session(2)
        .command(&["pi", "bench", "default", "--filter", "philox/*"])
        .environment("/version", json!("0.2.0"));
    let other = other.write(folder.path(), "b.jsonl");
    pi().args(["info", "--diff"]).args([one, other]).assert().success().stdout(
        "version\n  A  0.1.0\n  B  0.2.0\n\
         command\n  A  pi bench default\n  B  pi bench default --filter 'philox/*'\n",
    );
}
