//! `pi sample`: answers as text and JSON, and what it refuses.

use crate::run::{json, pi, refuses};
use libpi::known::COUNTS;
use predicates::str::contains;

#[test]
fn sample_answers_the_known_counts() {
    for known in COUNTS.iter().filter(|known| known.count <= 10_000_000) {
        let answer = json(&format!(
            "sample -n {} --seed {} --first {} --generator {}",
            known.count, known.seed, known.first, known.generator
        ));
        assert_eq!(answer["hits"].as_u64(), Some(known.hits), "{known:?}");
        assert_eq!(answer["seed"].as_u64(), Some(known.seed));
        assert_eq!(answer["first"].as_u64(), Some(known.first));
    }
}

#[test]
fn sample_explains_its_answer_in_text() {
    let output = pi().args(["sample", "-n", "1e6", "--threads", "2"]).assert().success();
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    insta::with_settings!({ filters => vec![
        (r"rust(-simd)?@[^/]+", "rust@LEVEL"),
        (r"time .*", "time TIME"),
    ]}, { insta::assert_snapshot!(text); });
}

#[test]
fn sample_in_json_has_these_keys() {
    let answer = json("sample -n 1000 --threads 1 --kernel rust");
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    insta::assert_debug_snapshot!(keys);
}

#[test]
fn no_samples_are_an_answer_without_an_estimate() {
    let answer = json("sample -n 0");
    assert_eq!(answer["hits"], 0);
    for key in ["pi", "standard_error", "confidence_interval", "samples_per_second"] {
        assert!(answer[key].is_null(), "{key}");
    }
    pi().args(["sample", "-n", "0"]).assert().success().stdout(contains("no estimate"));
}

#[test]
fn samples_that_are_all_alike_have_no_standard_error() {
    let answer = json("sample -n 1");
    assert!(answer["standard_error"].is_null() && answer["confidence_interval"].is_array());
    pi().args(["sample", "-n", "1"]).assert().success().stdout(contains("too few for a standard"));
    assert!(json("sample -n 3")["standard_error"].is_number());
}

#[test]
fn any_split_gives_the_same_count() {
    for driver in ["serial", "threads", "rayon", "openmp-c", "openmp-fortran"] {
        for kernel in ["rust", "c", "fortran"] {
            let threads = if driver == "serial" { 1 } else { 3 };
            let answer = json(&format!(
                "sample -n 1e6 --kernel {kernel} --driver {driver} --threads {threads}"
            ));
            assert_eq!(answer["hits"], 785_987, "{kernel} {driver}");
            assert_eq!(answer["driver"], driver);
            assert_eq!(answer["kernel"], kernel);
            assert_eq!(answer["threads"], threads);
        }
    }
}

#[test]
fn auto_is_serial_for_few_samples_and_threads_for_many() {
    assert_eq!(json("sample -n 999999")["driver"], "serial");
    assert_eq!(json("sample -n 1e6 --threads 2")["driver"], "threads");
    assert_eq!(json("sample -n 1e6 --threads 1")["driver"], "serial");
}

#[test]
fn a_textbook_kernel_brings_its_generator() {
    let answer = json("sample -n 1e6 --kernel c-textbook");
    assert_eq!(answer["generator"], "textbook");
    assert_eq!(answer["exact"], false);
    pi().args(["sample", "-n", "1e6", "--kernel", "c-textbook"])
        .assert()
        .success()
        .stdout(contains("statistical"));
}

#[test]
fn more_threads_than_cpus_are_marked() {
    let answer = json("sample -n 1e6 --threads 1024");
    assert_eq!(answer["oversubscribed"], true);
    assert_eq!(answer["hits"], 785_987);
    assert!(answer["warnings"][0].as_str().unwrap().contains("take turns"));
}

#[test]
fn a_long_run_of_npb_warns_that_points_repeat() {
    // The warning comes first, so the test does not wait for the end.
    pi().args(["sample", "-n", "2^44", "--generator", "npb"])
        .timeout(std::time::Duration::from_secs(2))
        .assert()
        .interrupted()
        .stderr(contains("2^43"));
}

#[test]
fn bad_counts_are_refused() {
    refuses("sample -n -1", &["'-1'", "0 or more", "1e6"]);
    refuses("sample -n 1.5", &["'1.5'", "whole number"]);
    refuses("sample -n 1e30", &["'1e30'", "at most 18446744073709551615"]);
    refuses("sample -n many", &["'many'", "2^24"]);
    refuses("sample", &["--samples"]);
    refuses("sample -n 1 --first -1", &["'-1'", "0 or more"]);
    refuses("sample --first 18446744073709551615 -n 2", &["2^64", "at most 1 from there"]);
}

#[test]
fn bad_seeds_are_refused() {
    refuses("sample -n 1 --seed 42 --generator npb", &["42", "odd", "2^46", "43"]);
    refuses("sample -n 1 --seed 70368744177665 --generator npb", &["70368744177665", "2^46"]);
    refuses("sample -n 1 --seed -1", &["'-1'", "0 or more"]);
    refuses("sample -n 1 --seed 18446744073709551616", &["at most"]);
}

#[test]
fn bad_thread_counts_are_refused() {
    refuses("sample -n 1 --threads 0", &["0 threads", "1 to 1024"]);
    refuses("sample -n 1 --threads 100000", &["100000", "1 to 1024"]);
    refuses("sample -n 1 --threads few", &["auto", "1 to 1024"]);
    refuses("sample -n 1 --threads 2 --driver serial", &["2 threads", "serial"]);
    let nonsense = || {
        let mut pi = pi();
        pi.env("LIBPI_NUM_THREADS", "none");
        pi
    };
    let said = contains("LIBPI_NUM_THREADS=none");
    nonsense().args(["sample", "-n", "1e7"]).assert().code(2).stderr(said.clone());
    nonsense().args(["sample", "-n", "1e7", "--threads", "2"]).assert().success();
    nonsense().arg("info").assert().success().stdout(said);
}

#[test]
fn a_level_that_this_cpu_lacks_is_refused_with_what_is_missing() {
    let listing = json("list");
    for level in listing["levels"].as_array().unwrap() {
        let name = level["name"].as_str().unwrap();
        // The CPU lacks a feature of the level, or LIBPI_LEVEL excludes it.
        if let Some(missing) = level["missing"].as_str() {
            let lacks = level["missing_features"].as_array().unwrap();
            assert!(lacks.iter().all(|feature| missing.contains(feature.as_str().unwrap())));
            refuses(&format!("sample -n 1 --kernel c@{name}"), &[missing, "lower level"]);
        } else {
            assert_eq!(json(&format!("sample -n 1000 --kernel c@{name}"))["level"], name);
        }
    }
}

#[test]
fn what_few_samples_say_of_pi_makes_sense() {
    let sample = |first: &str, count: &str| {
        let arguments = ["sample", "-n", count, "--first", first, "--threads", "1"];
        let output = pi().args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let texts: Vec<String> = (0..20).map(|first| sample(&first.to_string(), "1")).collect();
    for text in &texts {
        let start = text.lines().next().unwrap();
        let right = start.starts_with("pi = 0 (of these samples none is a hit")
            || start.starts_with("pi = 4 (of these samples all are hits");
        assert!(right && text.contains("of 1 sample\n"), "{text}");
    }
    assert!(texts.iter().any(|text| text.contains("pi = 0 ")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("pi = 4 ")), "{texts:?}");
}
