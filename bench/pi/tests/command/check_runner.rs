//! `pi check-runner` accepts good runners, and says what is wrong with bad ones.

use crate::fakes::{self, Place, hear_signals};
use crate::run::pi;
use libpi::cpus::CpuMask;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A script that runs the real runner and spoils its answer. It keeps the exit code.
fn spoilt(by: &str) -> String {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    format!("answer=$({} runner) || exit $?\necho \"$answer\" | {by}", pi.display())
}

/// The rules that a script breaks, each with the kind of error and its message.
fn broken(script: &str) -> Vec<(String, String, String)> {
    broken_of(script, &[])
}

/// The same, with further arguments of the command.
fn broken_of(script: &str, arguments: &[&str]) -> Vec<(String, String, String)> {
    let place = Place::new();
    let path = place.script("runner", script);
    let output = pi()
        .args(["check-runner", "--json", "--timeout", "20s"])
        .args(arguments)
        .arg(&path)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let broken: Vec<_> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["ok"] == false)
        .map(|rule| {
            (text(&rule["rule"]), text(&rule["error"]["kind"]), text(&rule["error"]["message"]))
        })
        .collect();
    assert_eq!(output.status.code(), Some(i32::from(!broken.is_empty())));
    assert_eq!(report["ok"], broken.is_empty());
    broken
}

/// Checks that a script breaks this rule in this way. It may break other rules too.
fn breaks(script: &str, rule: &str, kind: &str, words: &str) {
    let broken = broken(script);
    assert!(
        broken.iter().any(|(r, k, m)| r.contains(rule) && k == kind && m.contains(words)),
        "{script}: {broken:#?}"
    );
}

/// Checks that a script breaks this rule, and other rules only in the same way.
fn breaks_only(script: &str, rule: &str, kind: &str, words: &str) {
    let broken = broken(script);
    assert!(broken.iter().any(|(r, ..)| r.contains(rule)), "{script}: {broken:#?}");
    assert!(broken.iter().all(|(_, k, m)| k == kind && m.contains(words)), "{script}: {broken:#?}");
}

/// Tries only the rules with these words. Checks that a script breaks all of them in this way.
fn breaks_rule(script: &str, arguments: &[&str], rule: &str, kind: &str, words: &str) {
    let broken = broken_of(script, &[arguments, &["--rule", rule]].concat());
    assert!(
        !broken.is_empty()
            && broken.iter().all(|(r, k, m)| r.contains(rule) && k == kind && m.contains(words)),
        "{script}: {broken:#?}"
    );
}

/// A script that puts these commands before and after the real runner.
fn between(before: &str, after: &str) -> String {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    format!("{before} | {} runner | {after}", pi.display())
}

/// A script that does this to a request for seven threads only.
fn if_seven_threads(before: &str, after: &str) -> String {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    format!(
        "request=$(cat)\ncase $request in *'threads 7'*) echo \"$request\" | ({}) ;;\n\
         *) echo \"$request\" | {} runner ;; esac",
        between(before, after),
        pi.display()
    )
}

#[test]
fn the_runner_of_this_command_is_good() {
    assert_eq!(broken(&spoilt("cat")), []);
    for arguments in [
        &["--generator", "npb", "--kernel", "c"][..],
        &["--generator", "xoshiro", "--driver", "rayon"],
        &["--generator", "textbook", "--statistical"],
    ] {
        let pi_itself = assert_cmd::cargo::cargo_bin("pi");
        pi().arg("check-runner")
            .args(arguments)
            .arg(pi_itself)
            .arg("runner")
            .assert()
            .success()
            .stdout(contains("keeps the protocol"));
    }
}

#[test]
fn wrong_hits() {
    breaks(
        &spoilt("sed 's/^\\(run [^ ]*\\) .*/\\1 7/'"),
        "three runs",
        "wrong-hits",
        "7 hits instead of 785987",
    );
    // This runner is right from the first sample on, and wrong from any other.
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let ignores_first = format!("grep -v ^first | {} runner", pi.display());
    breaks(&ignores_first, "from 999999", "wrong-hits", "instead of 785622");
}

#[test]
fn answers_that_are_not_complete() {
    breaks(&spoilt("grep -v ^version"), "three runs", "protocol", "before the version");
    breaks(
        &spoilt("grep -v ^run"),
        "three runs",
        "protocol",
        "3 runs were requested, the answer has 0",
    );
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let lenient = format!("{} runner || true", pi.display());
    breaks(&lenient, "refuses a count", "protocol", "exit code 0");
    let always_three =
        spoilt("cat; case $answer in *run*run*run*) ;; *) echo run 1e-9 785987; esac");
    breaks_only(&always_three, "one run", "protocol", "1 run was requested, the answer has 2");
}

#[test]
fn noise_on_stdout() {
    breaks(&spoilt("sed '1s/^/Hello, I start\\n/'"), "three runs", "noise", "'Hello, I start'");
    breaks("exec yes", "three runs", "noise", "bytes or more");
    breaks("printf 'version \\377\\n'", "three runs", "noise", "UTF-8");
}

const THREADS: &[&str] = &["--driver", "threads"];
const TEXTBOOK: &[&str] = &["--statistical", "--generator", "textbook", "--driver", "threads"];

/// A runner that counts right on one thread may lose samples on several.
#[test]
fn each_thread_counts_its_own_part() {
    let loses = if_seven_threads("sed 's/^count 13$/count 7/'", "cat");
    let rule = "13 samples from 8589934586, seed 42 with several threads";
    breaks_rule(
        &loses,
        THREADS,
        rule,
        "wrong-hits",
        "with 7 threads: run 1 counted 3 hits instead of 8",
    );
}

/// A runner that has no more than two threads is asked for two.
#[test]
fn a_runner_with_few_threads_is_asked_for_as_many() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let few = format!(
        "request=$(cat)\ncase $request in\n*'threads 7'* | *'threads 3'*) echo too many >&2; exit 2 ;;\n\
         *'threads 2'*) request=$(echo \"$request\" | sed 's/^count 141$/count 140/') ;;\nesac\n\
         echo \"$request\" | {} runner",
        pi.display()
    );
    let rule = "141 samples from 8589934521, seed 42 with several threads";
    breaks_rule(&few, THREADS, rule, "wrong-hits", "with 2 threads: run 1 counted 100 hits");
}

#[test]
fn statistical_workers_draw_numbers_of_their_own() {
    let says = fakes::says("1e-9", "55418");
    let rule = "draws other numbers for each seed";
    breaks_rule(&says, TEXTBOOK, rule, "wrong-hits", "55418 hits with each of 12 seeds");
    let alike = "awk '/^run/ { $3 *= 7 } { print }'";
    let alike = if_seven_threads("sed 's/^count .*/count 10080/'", alike);
    let rule = "draws other numbers for each thread";
    breaks_rule(&alike, TEXTBOOK, rule, "wrong-hits", "12 counts are multiples of 7");
    let loses = if_seven_threads("sed 's/^count .*/count 7/'", "cat");
    let rule = "draws all of 13 samples";
    breaks_rule(&loses, TEXTBOOK, rule, "wrong-hits", "hits among 12 times 13 samples");
    let differs = if_seven_threads("cat", "awk '/^run/ { $3 += NR } { print }'");
    let rule = "repeats what one thread repeats";
    breaks_rule(&differs, TEXTBOOK, rule, "wrong-hits", "hits in every run, but several count");
}

#[test]
fn times_cover_the_work_of_all_threads() {
    let shows = between("cat", "sed 's/^run [^ ]*/run 0.000001/'");
    breaks_rule(&shows, THREADS, "times that cover the work", "protocol", "1.00 µs by its clock");
    breaks_rule(
        &shows,
        TEXTBOOK,
        "the work with several threads",
        "protocol",
        "1.00 µs by its clock",
    );
}

/// That rule asks for two threads on one CPU.
#[test]
fn a_runner_may_refuse_more_threads_than_it_has_cpus() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let few = format!(
        "request=$(cat)\nthreads=$(echo \"$request\" | sed -n 's/^threads //p')\n\
         if [ \"$threads\" -gt \"$(nproc)\" ]; then echo too many >&2; exit 2; fi\n\
         echo \"$request\" | {} runner",
        pi.display()
    );
    let rule = ["--driver", "threads", "--rule", "times that cover the work"];
    assert_eq!(broken_of(&few, &rule), []);
}

#[test]
fn two_threads_have_two_cpus() {
    let cpus: Vec<usize> = CpuMask::of_this_thread().cpus().collect();
    if let [cpu, _, ..] = cpus[..] {
        let shares = spoilt(&format!("sed 's/^info worker_cpus .*/info worker_cpus {cpu} {cpu}/'"));
        let rule = "a CPU of its own";
        breaks_rule(&shares, THREADS, rule, "placement", "2 workers had to share CPU");
    }
}

#[test]
fn what_is_measured_was_optimised() {
    let tells = |flags: &str| spoilt(&format!("sed '1a info built_with cc {flags}'"));
    breaks_rule(&tells("-shared"), &[], "was optimised", "protocol", "build it with -O3");
    assert_eq!(broken_of(&tells("-O3 -shared"), &["--rule", "was optimised"]), []);
}

#[test]
fn one_rule_can_be_tried() {
    let place = Place::new();
    let refuses = place.script("refuses", "echo never >&2; exit 3");
    let with = |words: &str| {
        let mut command = pi();
        command.args(["check-runner", "--rule", words]).arg(&refuses);
        command
    };
    with("count below 0").assert().success().stdout(contains("keeps these rules"));
    let refused = "refused works with 7 threads, or refuses them\n";
    with("works with 7 threads").assert().success().stdout(contains(refused));
    with("no such rule").assert().code(2).stderr(contains("refuses a count below 0"));
}

/// The number of ranks is part of every request.
#[test]
fn a_runner_may_have_ranks() {
    let three = spoilt("sed 's/^info ranks 1/info ranks 3/; /^info worker_cpus/d'");
    let starts = format!("sed 's/^ranks 3$/ranks 1/' | ({three})");
    assert_eq!(broken_of(&starts, &["--ranks", "3", "--rule", "counts"]), []);
    let few = "case $request in *'count 1\n'*) echo too few >&2; exit 2 ;; esac";
    let refuses = format!("request=$(cat; echo)\n{few}\necho \"$request\" | {starts}");
    assert_eq!(broken_of(&refuses, &["--ranks", "3", "--rule", "counts"]), []);
    breaks_rule(&starts, &[], "counts 1 of 1", "protocol", "for 1 rank, but it counted with 3");
}

#[test]
fn unknown_keys_must_be_ignored() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let strict = format!(
        "request=$(cat)\ncase $request in *colour*) echo 'colour is unknown' >&2; exit 2;; esac\n\
         echo \"$request\" | {} runner",
        pi.display()
    );
    breaks_only(&strict, "ignores keys", "crash", "exit code 2: colour is unknown");
}

#[test]
fn a_request_may_just_end() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let waits = format!(
        "request=$(cat; echo .)\ncase $request in *'\n\n'.) ;; *) echo 'no empty line' >&2; exit 1;; esac\n\
         echo \"$request\" | sed '$d' | {} runner",
        pi.display()
    );
    breaks_only(&waits, "without an empty line", "crash", "no empty line");
}

#[test]
fn crashes() {
    breaks("echo it is late >&2; exit 3", "three runs", "crash", "exit code 3: it is late");
    breaks("exit 3", "three runs", "crash", "nothing on stderr");
    breaks("printf '\\033[2Jred\\n' >&2; exit 3", "three runs", "crash", "3: \\u{1b}[2Jred");
    let place = Place::new();
    let always = place.script("always", "echo it is broken >&2; exit 3");
    // With one CPU the rule about CPUs asks for one thread, which it must have.
    let number = if CpuMask::of_this_thread().count() > 1 { 17 } else { 18 };
    let said = format!("breaks {number} of 29 rules, all for the same reason\n");
    pi().arg("check-runner").arg(always).assert().code(1).stderr(contains(said));
    breaks("kill -SEGV $$", "three runs", "crash", "killed by signal 11");
}

#[test]
fn times_that_cannot_be() {
    let time = |seconds: &str| spoilt(&format!("sed 's/^run [^ ]*/run {seconds}/'"));
    breaks(&time("0"), "three runs", "protocol", "0 is not a time");
    breaks(&time("-1"), "three runs", "protocol", "-1 is not a time");
    breaks(&time("1e-320"), "three runs", "protocol", "a time is from 1e-9 seconds");
    breaks(&time("1000000"), "three runs", "protocol", "the whole process took");
}

#[test]
fn what_cannot_be_done_must_be_refused_with_a_message() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    let silent = format!("{} runner 2>/dev/null", pi.display());
    // The driver `serial` has one thread only.
    breaks_rule(&silent, &[], "refuses", "protocol", "without a message");
    assert_eq!(broken_of(&silent, &["--rule", "refuses"]).len(), 11);
}

/// Otherwise it would be measured as a cell with seven workers.
#[test]
fn a_runner_takes_no_threads_and_ranks_that_it_does_not_have() {
    let pi = assert_cmd::cargo::cargo_bin("pi");
    for key in ["threads", "ranks"] {
        let deaf = format!("answer=$(grep -v '^{key}' | {} runner) || exit $?", pi.display());
        let rule = format!("7 {key}");
        let says_so = format!("{deaf}; echo \"$answer\"");
        breaks_rule(&says_so, &[], &rule, "protocol", "7 ");
        let silent = format!("{deaf}; echo \"$answer\" | grep -v '^info {key}'");
        breaks_rule(&silent, &[], &rule, "protocol", &format!("no line `info {key} 7`"));
    }
    // This runner prints a value that is not a list of CPUs.
    let unclear = spoilt("sed 's/^info worker_cpus .*/info worker_cpus all/'");
    breaks(
        &unclear,
        "three runs",
        "protocol",
        "worker_cpus all: it must be a list of CPUs such as 0-3,8",
    );
    let many = spoilt("sed 's/^info worker_cpus .*/info worker_cpus 0 1/'");
    breaks(&many, "three runs", "protocol", "of 2 workers, not of 1 worker");
}

#[test]
fn a_hanging_runner_is_killed_and_not_tried_again() {
    let place = Place::new();
    let path = place.script("runner", "sleep 1000");
    pi().args(["check-runner", "--timeout", "200ms"])
        .arg(path)
        .assert()
        .code(1)
        .stdout(contains("FAILED  answers").and(contains("0.2 s and was killed")))
        .stderr(contains("breaks 1 of 29 rules; not tried: 28"));
}

#[test]
fn an_interruption_ends_the_runner() {
    let place = Place::new();
    place.script("runner", "echo $$ > begun\nmv begun pid\nexec sleep 1000");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    command.args(["check-runner", "--timeout", "1000s", "./runner"]).current_dir(place.path(""));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    hear_signals(&mut command);
    let mut child = command.spawn().unwrap();
    while !place.path("pid").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert!(stderr.contains("interrupted: tried 0 of 29 rules"), "{stderr}");
    let runner = fs::read_to_string(place.path("pid")).unwrap();
    assert!(!Path::new("/proc").join(runner.trim()).exists(), "the runner is gone");
}

#[test]
fn a_runner_that_is_not_there() {
    pi().args(["check-runner", "./no-such-runner"])
        .assert()
        .code(1)
        .stdout(contains("could not start ./no-such-runner"));
    pi().args(["check-runner"]).assert().code(2);
    pi().args(["check-runner", ""]).assert().code(2).stderr(contains("names no program"));
    pi().args(["check-runner", "--generator", "phylox", "true"])
        .assert()
        .code(2)
        .stderr(contains("did you mean 'philox'"));
    pi().args(["check-runner", "--generator", "textbook", "true"])
        .assert()
        .code(2)
        .stderr(contains("--statistical"));
}

/// The answer of a program to a request.
fn answer_of(program: &Path, request: &str) -> std::process::Output {
    use std::io::Write;
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The plain programs in C and Fortran tell that they were compiled without optimisation.
#[test]
fn the_plain_runners_tell_that_they_are_slow() {
    let runners = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runners");
    let place = Place::new();
    for (compiler, source) in [("cc", "plain_philox.c"), ("gfortran", "plain_philox.f90")] {
        let program = place.path(compiler);
        let flags = ["-w", "-O0", "-o"];
        let mut command = Command::new(compiler);
        command.args(flags).arg(&program).arg(runners.join(source));
        assert!(command.status().unwrap().success(), "{command:?}");
        pi().args(["check-runner", "--rule", "was optimised"])
            .arg(program)
            .assert()
            .code(1)
            .stdout(contains("did not optimise"));
    }
}

/// The plain programs are short, compile without warnings, and are good runners.
#[test]
fn the_plain_runners_keep_the_protocol() {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = tempfile::tempdir().unwrap();
    let compiled = |source: &str, compiler: &str, flags: &[&str]| -> PathBuf {
        let source = bench.join(source);
        let lines = fs::read_to_string(&source).unwrap().lines().count();
        assert!(lines <= 120, "{lines} lines in {source:?}");
        let program = folder.path().join(compiler);
        let mut command = Command::new(compiler);
        command.args(flags);
        let output = command.arg(&source).arg("-o").arg(&program).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        program
    };
    let strict = ["-O3", "-Wall", "-Wextra", "-Werror"];
    let c = [&["-std=c11", "-Wpedantic"], &strict[..]].concat();
    let fortran = [&["-std=f2018", "-fwrapv"], &strict[..]].concat();
    let rust = ["--edition=2024", "-O", "-Dwarnings"];
    let library = folder.path().join("libpi_protocol.rlib");
    let protocol = Command::new("rustc")
        .args(rust)
        .args(["--crate-type=rlib", "--crate-name=pi_protocol", "-o"])
        .arg(&library)
        .arg(bench.join("protocol/src/lib.rs"))
        .output()
        .unwrap();
    assert!(protocol.status.success(), "{}", String::from_utf8_lossy(&protocol.stderr));
    let protocol = format!("--extern=pi_protocol={}", library.display());
    for program in [
        compiled("runners/plain_philox.c", "cc", &c),
        compiled("runners/plain_philox.f90", "gfortran", &fortran),
        compiled("protocol/examples/plain.rs", "rustc", &[&rust[..], &[&protocol]].concat()),
    ] {
        pi().arg("check-runner").arg(&program).assert().success();
        for (request, hits) in [
            ("kernel auto\ndriver auto\nfirst 18446744073709551615\ncount 1", 0),
            ("first 18446744073709551613\ncount 3", 1),
            ("first 00018446744073709551612\ncount 4\nthreads 1\nranks 1", 1),
        ] {
            let answer = answer_of(&program, request);
            let said = String::from_utf8_lossy(&answer.stdout).into_owned();
            assert!(said.trim_end().ends_with(&format!(" {hits}")), "{request}: {said}");
        }
        for (request, words) in [
            ("count 2\nfirst 18446744073709551615", "2^64"),
            ("count 18446744073709551616", "2^64"),
            ("count 99999999999999999999999", "2^64"),
            ("count", "a key needs a value"),
            ("count -1", "whole number"),
            ("count 1\nthreads 7", "threads 7"),
            ("count 1\nranks 2", "ranks 2"),
            ("count 1\ngenerator npb", "only philox"),
            ("count 1\nkernel rust", "kernel rust"),
            ("count 1\ndriver rayon", "driver rayon"),
        ] {
            let answer = answer_of(&program, request);
            let said = String::from_utf8_lossy(&answer.stderr).into_owned();
            assert_eq!(answer.status.code(), Some(2), "{request}: {said}");
            assert!(said.contains(words), "{request}: {said}");
        }
    }
}
