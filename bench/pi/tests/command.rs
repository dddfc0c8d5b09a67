//! The command from outside: answers, errors, exit codes.

use assert_cmd::Command;
use libpi::known::COUNTS;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

fn pi() -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    for variable in ["LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"] {
        command.env_remove(variable);
    }
    command
}

fn json(arguments: &str) -> Value {
    let output = pi().args(arguments.split(' ')).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// Nothing on stdout, these words on stderr, exit code 2.
fn refuses(arguments: &str, words: &[&str]) {
    let mut assert = pi().args(arguments.split(' ')).assert().code(2).stdout(is_empty());
    for word in words {
        assert = assert.stderr(contains(*word));
    }
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn every_subcommand_has_examples_and_json_as_the_readme_says() {
    // The runner is for programs, and a report is a file.
    for command in pi_command::command().get_subcommands().filter(|c| c.get_name() != "runner") {
        let name = command.get_name();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:\n  "), "{name}: {help}");
        // A terminal of 80 columns shows them as they are; prose is wrapped.
        for line in help.lines().filter(|line| line.starts_with("  ")) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
        let json = command.get_arguments().any(|argument| argument.get_id() == "json");
        assert_eq!(json, name != "report", "{name}");
    }
    pi().arg("-h").assert().success().stdout(contains("--diff"));
}

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
        (r"rust@[^/]+", "rust@LEVEL"),
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
    // Not run to its end: the warning comes first.
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
fn a_level_that_this_cpu_lacks_is_refused_with_what_is_missing() {
    let listing = json("list");
    for level in listing["levels"].as_array().unwrap() {
        let name = level["name"].as_str().unwrap();
        // The CPU lacks something of it, or LIBPI_LEVEL caps the level.
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
fn list_tells_compilers_and_flags() {
    let listing = json("list");
    let compilers = listing["build"]["compilers"].as_array().unwrap();
    let languages: Vec<&str> = compilers.iter().map(|c| c["language"].as_str().unwrap()).collect();
    assert_eq!(languages, ["Rust", "C", "Fortran"]);
    for compiler in compilers {
        assert!(!compiler["version"].as_str().unwrap().is_empty());
        assert_eq!(
            compiler["flags"].as_array().unwrap().len(),
            listing["levels"].as_array().unwrap().len()
        );
    }
    let kernels = listing["kernels"].as_array().unwrap();
    let of = |generator: &str| kernels.iter().filter(|k| k["generator"] == generator).count();
    let levels = listing["levels"].as_array().unwrap().len();
    assert_eq!(
        [of("philox"), of("npb"), of("xoshiro"), of("textbook")],
        [3 * levels, 3 * levels, 3 * levels, 3]
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let path = assert_cmd::cargo::cargo_bin("pi");
    let script =
        format!("set -o pipefail; {} list | head -1; echo ${{PIPESTATUS[0]}}", path.display());
    Command::new("bash")
        .args(["-c", &script])
        .assert()
        .success()
        .stdout(contains("Generators\n0\n"))
        .stderr(is_empty());
}

#[test]
fn a_full_disk_is_a_failure_that_is_told() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("pi"));
    let output = command.args(["sample", "-n", "1000"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not write the output"));

    // Nobody is left to tell, which is no reason to panic.
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("pi"));
    let status = command.args(["sample", "-n", "1", "--kernel", "no"]).stderr(full).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

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
    let base = &cells[..3];
    for (cell, language) in base.iter().zip(["rust", "c", "fortran"]) {
        assert!(cell.starts_with(&format!("xoshiro/{language}@")), "{cell}");
        assert!(cell.ends_with("/openmp-c/1x2"), "{cell}");
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
fn help_teaches_with_examples() {
    for subcommand in ["sample", "verify", "bench", "check-runner"] {
        pi().args([subcommand, "--help"]).assert().success().stdout(contains("Examples:"));
    }
    pi().arg("--help").assert().success().stdout(contains("Exit codes: 0 done"));
}

/// A file that takes nothing: what is lost is an error, whatever was asked for.
#[test]
fn answers_that_cannot_be_written_are_errors() {
    let verify = format!("verify philox/c@{}/serial", libpi::Level::ALL[0]);
    for arguments in [
        "--help",
        "-h",
        "--version",
        "sample --help",
        "list",
        "list --json",
        "info",
        "info --json",
        "sample -n 0",
        "sample -n 0 --json",
        &verify,
        &format!("{verify} --json"),
    ] {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("pi"));
        command.args(arguments.split(' '));
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments}: {said}");
        assert!(said.contains("error: could not write the output: No space left"), "{said}");
        // A reader that has gone has seen enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {said}");
        assert!(!said.contains("error"), "{said}");
    }
}

#[test]
fn the_source_of_ranks_is_checked_where_it_is_not_needed() {
    for arguments in ["list", "sample -n 1", "compare nofile"] {
        let refused = |name: &str, value: &OsStr, words: [&str; 2]| {
            let assert = pi().args(arguments.split(' ')).env(name, value).assert();
            let assert = assert.code(2).stdout(is_empty());
            assert.stderr(contains(words[0]).and(contains(words[1])));
        };
        let valid = "auto, none, openmpi, pmi, slurm";
        refused("LIBPI_RANKS_FROM", OsStr::new("nobody"), ["LIBPI_RANKS_FROM=nobody", valid]);
        refused("LIBPI_RANKS_FROM", OsStr::from_bytes(b"\xff"), ["LIBPI_RANKS_FROM=", valid]);
        refused("LIBPI_JOIN_TIMEOUT", OsStr::new("0s"), ["LIBPI_JOIN_TIMEOUT=0s", "such as 90s"]);
        refused("LIBPI_JOIN_TIMEOUT", OsStr::new("-1"), ["LIBPI_JOIN_TIMEOUT=-1", "such as 90s"]);
    }
    refuses("sample -n 1 --ranks-from nobody", &["--ranks-from", "openmpi, pmi, slurm"]);
    refuses("sample -n 1 --ranks-from slurm", &["SLURM_PROCID", "--ranks-from none"]);
    refuses("sample -n 1 --join-timeout 0s", &["--join-timeout", "such as 90s"]);
}

#[test]
fn variables_of_a_launcher_that_make_no_sense_leave_it_alone() {
    let answered = pi()
        .args(["sample", "-n", "1e6"])
        .env("OMPI_COMM_WORLD_RANK", "4")
        .env("OMPI_COMM_WORLD_SIZE", "4")
        .assert()
        .success();
    answered.stdout(contains("785987")).stderr(contains("OMPI_COMM_WORLD_RANK=4"));
}

/// A shell or container that a launcher once started has all of the launcher's variables.
#[test]
fn a_launcher_that_is_gone_is_named_by_its_variable() {
    let stale = || {
        let mut pi = pi();
        pi.env("OMPI_COMM_WORLD_RANK", "3").env("OMPI_COMM_WORLD_SIZE", "4");
        pi.env("PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:1").env("PMIX_SERVER_TMPDIR", "/no/such");
        pi.args(["sample", "-n", "1e6"]);
        pi
    };
    let refused = stale().assert().code(2).stdout(is_empty());
    let words = contains("OMPI_COMM_WORLD_SIZE=4").and(contains("PMIX_SERVER_TMPDIR=/no/such"));
    refused.stderr(words.and(contains("--ranks-from none")));
    stale().args(["--ranks-from", "none"]).assert().success().stdout(contains("785987"));
    stale().env("LIBPI_RANKS_FROM", "none").assert().success().stdout(contains("785987"));
}

/// Whether it is built with MPI or not.
#[test]
fn nothing_is_written_into_a_file_that_is_not_the_launchers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("precious");
    std::fs::write(&file, "precious").unwrap();
    let script = "exec \"$0\" sample -n 1e6 7<>precious";
    let mut command = Command::new("sh");
    command.current_dir(folder.path()).args(["-c", script]);
    command.arg(assert_cmd::cargo::cargo_bin("pi"));
    command.envs([("PMI_RANK", "0"), ("PMI_SIZE", "2"), ("PMI_FD", "7")]);
    command.assert().code(2).stderr(contains("PMI_SIZE=2").and(contains("--ranks-from none")));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
}

/// What launchers leave in the environment of a rank.
#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_several_ranks_are_refused() {
    for [rank, size] in [["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"], ["PMI_RANK", "PMI_SIZE"]]
    {
        let started_as = |number: &str, of: &str| {
            let mut pi = pi();
            pi.env(rank, number).env(size, of).args(["sample", "-n", "1e6"]);
            pi
        };
        started_as("0", "4")
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains("started 4 ranks of pi").and(contains("without MPI")));
        started_as("3", "4").args(["--ranks-from", "none"]).assert().success();
        // The launcher has ended it by then, unless the first rank is another program.
        let second = started_as("1", "4").assert().code(2).stdout(is_empty());
        second.stderr(contains("rank 1: ").and(contains("without MPI")));
        started_as("0", "1").assert().success();
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

#[test]
fn a_name_that_is_far_from_all_suggests_none() {
    for name in ["", "x"] {
        pi().args(["sample", "-n", "1", "--kernel", name])
            .assert()
            .code(2)
            .stderr(contains("unknown kernel").and(contains("did you mean").not()));
    }
}
