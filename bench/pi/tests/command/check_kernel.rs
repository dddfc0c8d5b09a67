//! `pi check-kernel` accepts good kernels, and says by which call a bad one breaks a rule.

use crate::run::{pi, refuses};
use predicates::str::contains;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// The libraries of the tests, each compiled when a test first needs it.
struct Libraries(TempDir);

static LIBRARIES: LazyLock<Libraries> = LazyLock::new(|| Libraries(tempfile::tempdir().unwrap()));
static BAD: LazyLock<PathBuf> = LazyLock::new(|| {
    LIBRARIES.made(
        "bad",
        "cc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -pthread",
        "bad.c",
        "-lm",
    )
});

impl Libraries {
    /// Compiles a source in the folder of the tests.
    fn made(&self, name: &str, compiler: &str, source: &str, more: &str) -> PathBuf {
        let library = self.0.path().join(format!("{name}.so"));
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/check_kernel").join(source);
        let mut words = compiler.split_whitespace();
        let output = Command::new(words.next().unwrap())
            .args(words)
            .arg(source)
            .arg("-o")
            .arg(&library)
            .args(more.split_whitespace())
            .output()
            .unwrap();
        assert!(output.status.success(), "{compiler}: {}", String::from_utf8_lossy(&output.stderr));
        library
    }
}

/// What `pi check-kernel --json` says of a kernel.
fn report(library: &Path, symbol: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = pi()
        .args(["check-kernel", "--json"])
        .args(arguments)
        .arg(format!("{}:{symbol}", library.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout);
    (output.status.code(), report.unwrap_or_else(|why| panic!("{symbol}: {why}: {said}")))
}

/// The rules of this outcome, each with its message.
fn rules_that_are(outcome: &str, report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rules = report["rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| rule["outcome"] == outcome)
        .map(|rule| (text(&rule["rule"]), text(&rule["message"])))
        .collect()
}

/// Checks that the kernel breaks a rule with these words, with this message among others.
fn breaks(library: &Path, symbol: &str, arguments: &[&str], rule: &str, words: &str) {
    let (code, report) = report(library, symbol, arguments);
    let broken = rules_that_are("broken", &report);
    assert!(
        broken.iter().any(|(r, message)| r.contains(rule) && message.contains(words)),
        "{symbol}: {rule}: {words}: {report:#}"
    );
    assert_eq!((code, &report["ok"]), (Some(1), &Value::Bool(false)), "{symbol}");
}

/// Checks that the kernel breaks this rule alone, with this message.
fn breaks_only(symbol: &str, rule: &str, words: &str) {
    breaks(&BAD, symbol, &[], rule, words);
    let (_, report) = report(&BAD, symbol, &[]);
    assert_eq!(rules_that_are("broken", &report).len(), 1, "{symbol}: {report:#}");
}

#[test]
fn a_good_kernel_keeps_every_rule() {
    let (code, report) = report(&BAD, "good", &["--strict"]);
    assert_eq!((code, rules_that_are("kept", &report).len()), (Some(0), 26), "{report:#}");
}

#[test]
fn wrong_counts_are_shown_by_the_smallest_call() {
    breaks_only("one_for_nothing", "0 for a count of 0", "one_for_nothing(42, 0, 0) returned 1");
    let odd = "odd_starts(42, 1, 2) returned 1, but odd_starts(42, 1, 1) + odd_starts(42, 2, 1) returned 1 + 1";
    for rule in ["odd starts", "adds up"] {
        breaks(&BAD, "odd_starts", &["--rule", rule], rule, odd);
    }
    breaks(
        &BAD,
        "long_ranges",
        &["--rule", "adds up"],
        "adds up",
        "(42, 0, 1001) returned 801, but",
    );
    breaks(
        &BAD,
        "first_of_32_bits",
        &["--rule", "2^32 and"],
        "2^32 and",
        "first_of_32_bits(42, 4294967295, 2) returned 1",
    );
    breaks_only("count_of_32_bits", "more than 2^32 samples", "4294967796) returned 400, but");
    for (symbol, words) in [
        ("from_2_to_32", "from_2_to_32(42, 0, 4294967296) returned 3435973837, but"),
        ("from_2_to_33", "from_2_to_33(42, 0, 8589934592) returned 6871947674, but"),
        ("signed_count", "signed_count(42, 0, 9223372036854776308) returned 0, but"),
    ] {
        breaks_only(symbol, "more than 2^32 samples", words);
    }
    let rule = "once at most";
    breaks(&BAD, "counts_twice", &["--rule", rule], rule, "counts_twice(42, 1, 1) returned 2");
    breaks_only("depends_on_thread", "threads at once", "must not depend on the thread");
    let rule = "around 2^63";
    let words = "signed_end(42, 9223372036854775806, 2) returned 0";
    breaks(&BAD, "signed_end", &["--rule", rule], rule, words);
    breaks_only("end_wraps", "up to 2^64", "end_wraps(42, 18446744073709551614, 2) returned 0");
}

#[test]
fn answers_depend_on_the_arguments_alone() {
    breaks(&BAD, "counts_its_calls", &["--rule", "twice"], "twice", "for the same call again");
    let rule = "another order";
    breaks(&BAD, "remembers", &["--rule", rule], rule, "in another process");
    let rule = "threads at once";
    breaks_only("races", rule, "while 3 other threads called it");
}

#[test]
fn every_call_must_return() {
    let rule = "returns from every call";
    for (symbol, words) in [
        ("crashes", "crashes(42, 3, 0) was ended by signal 11 (SIGSEGV)"),
        ("aborts", "aborts(42, 4294967296, 0) was ended by signal 6 (SIGABRT)"),
        ("divides_by_0", "divides_by_0(42, 0, 7) was ended by signal 8 (SIGFPE)"),
        ("leaves_with_0", "leaves_with_0(42, 0, 101) ended the process with exit code 0"),
        ("leaves_with_3", "leaves_with_3(42, 1, 0) ended the process with exit code 3"),
        (
            "ends_its_thread",
            "ends_its_thread(42, 0, 101) threw an exception, panicked or ended its",
        ),
        ("forks", "forks(42, 0, 7) returned in a fork of the process too"),
        (
            "deep_stack",
            "one of the calls at once, on threads with 2 MiB of stack (deep_stack(42, 0, 1",
        ),
    ] {
        breaks_only(symbol, rule, words);
    }
    // Where it lands depends on the stack, and it does not come back unharmed.
    let (code, jumped) = report(&BAD, "jumps", &[]);
    assert_ne!(code, Some(0), "{jumped:#}");
    let arguments = ["--timeout", "2s", "--rule", "up to 2^64"];
    let (code, said) = report(&BAD, "never_ends", &arguments);
    let unknown = rules_that_are("unknown", &said);
    assert_eq!((code, unknown.len()), (Some(1), 1), "{said:#}");
    assert!(unknown[0].1.contains("did not return within 2.00 s"), "{unknown:?}");
    let (code, report) = report(&BAD, "always_waits", &["--timeout", "1s"]);
    // A busy machine tries fewer rules before the time for all is over.
    let not_tried = report["not_tried"].as_u64().unwrap();
    assert!(code == Some(1) && not_tried > 0, "{report:#}");
}

/// A call takes so long that there is no time for all rules. None is broken.
#[test]
#[ignore = "it waits until the time is over"]
fn a_slow_kernel_is_no_wrong_one() {
    let (code, said) = report(&BAD, "is_slow", &[]);
    assert!(code == Some(1) && said["not_tried"].as_u64().unwrap() > 0, "{said:#}");
    assert_eq!(rules_that_are("broken", &said), [], "{said:#}");
}

#[test]
fn exceptions_panics_and_stops_are_seen_in_every_language() {
    let rule = "returns from every call";
    let throws = LIBRARIES.made("throws", "c++ -O2 -shared -fPIC", "throws.cpp", "");
    breaks(&throws, "throws", &[], rule, "throws(42, 5, 2) threw an exception");
    let rustc = std::env::var("RUSTC").unwrap_or("rustc".to_owned());
    let rustc = format!("{rustc} --edition=2024 --crate-type=cdylib -Cprefer-dynamic=no");
    let panics = LIBRARIES.made("panics", &rustc, "panics.rs", "");
    // To print the frames of each panic takes long, so few are made.
    let (code, said) = report(&panics, "panics", &["--rule", "random splits"]);
    let unknown = rules_that_are("unknown", &said);
    assert_eq!((code, unknown.len()), (Some(1), 1), "{said:#}");
    assert!(unknown[0].1.contains("was ended by signal 6 (SIGABRT)"), "{unknown:?}");
    let words = "unwinds(42, 0, 50) threw an exception, panicked or ended its thread";
    breaks(&panics, "unwinds", &[], rule, words);
    if Command::new("gfortran").arg("--version").output().is_ok() {
        let stops = LIBRARIES.made("stops", "gfortran -O2 -shared -fPIC", "stops.f90", "");
        breaks(
            &stops,
            "stops",
            &[],
            rule,
            "stops(42, 0, 7) ended the process with exit code 7: STOP 7",
        );
    } else {
        let needed = std::env::var("LIBPI_REQUIRE").unwrap_or_default();
        assert!(!needed.contains("fortran"), "there is no gfortran");
    }
}

#[test]
fn start_up_and_exit_code_of_a_library_must_work() {
    let compiler = "cc -shared -fPIC";
    let start = LIBRARIES.made("start", &format!("{compiler} -DAT_START"), "constructor.c", "");
    let words = "loading the library ended the process with exit code 9";
    breaks(&start, "kernel", &[], "can be loaded and called", words);
    let end = LIBRARIES.made("end", compiler, "constructor.c", "");
    let words = "the process, after all calls had returned, was ended by signal";
    breaks(&end, "kernel", &[], "can be loaded and called", words);
}

#[test]
fn what_a_kernel_leaves_behind_is_noted_and_decides_if_strict() {
    for (symbol, rule, words) in [
        ("starts_a_thread", "leaves no threads", "the number of threads is 2, before it was 1"),
        ("starts_a_process", "leaves no processes", "before it was absent"),
        ("starts_a_daemon", "leaves no processes", "before it was absent"),
        ("opens_a_file", "leaves no files open", "/dev/zero, before it was absent"),
        ("handles_signals", "keeps the signal handlers", "the action for SIGFPE is the function"),
        ("blocks_signals", "keeps the signal mask", "the signal SIGUSR1 is blocked"),
        ("rounds_down", "keeps the floating-point modes", "the rounding mode is down"),
        ("sets_a_variable", "keeps the environment", "the variable LEFT_BY_A_KERNEL is '1'"),
        ("sets_the_locale", "keeps the locale", "the locale is C.UTF-8"),
        ("goes_elsewhere", "keeps the working folder", "the working folder is /usr"),
        ("sets_the_file_mask", "keeps the file mode mask", "the file mode mask is 0000"),
        ("leaks", "uses no more memory", "calls of leaks(42, 1, 1000) took"),
        ("prints", "prints nothing", "it printed: three samples"),
    ] {
        let (code, report) = report(&BAD, symbol, &[]);
        let noted = rules_that_are("noted", &report);
        assert_eq!((code, noted.len()), (Some(0), 1), "{symbol}: {report:#}");
        assert!(noted[0].0.contains(rule) && noted[0].1.contains(words), "{symbol}: {noted:?}");
    }
    breaks(&BAD, "sets_the_locale", &["--strict"], "keeps the locale", "C.UTF-8");
}

#[test]
fn a_kernel_that_pins_is_noted_where_there_is_more_than_one_cpu() {
    let (code, report) = report(&BAD, "pins", &[]);
    let is_noted = libpi::cpus::CpuMask::of_this_thread().count() > 1;
    let noted = rules_that_are("noted", &report);
    assert_eq!((code, noted.len()), (Some(0), usize::from(is_noted)), "{report:#}");
}

#[test]
fn kernels_of_a_generator_count_what_libpi_counts() {
    let philox = LIBRARIES.made("philox", "cc -std=c11 -O2 -shared -fPIC", "philox.c", "");
    let arguments = ["--generator", "philox"];
    let (code, right) = report(&philox, "right", &arguments);
    assert_eq!((code, &right["generator"]), (Some(0), &Value::from("philox")), "{right:#}");
    assert_eq!(rules_that_are("kept", &right).len(), 27, "{right:#}");
    for (symbol, rule, words) in [
        (
            "wrong_at_odd_starts",
            "odd starts",
            "wrong_at_odd_starts(42, 1, 1) returned 0 instead of 1",
        ),
        ("seed_of_32_bits", "random ranges", " instead of "),
        (
            "counts_misses",
            "known counts of philox",
            "counts_misses(42, 0, 1) returned 1 instead of 0",
        ),
    ] {
        breaks(&philox, symbol, &arguments, rule, words);
    }
    // Without the generator it is a problem of the user's own, whatever it counts.
    let (code, report) = report(&philox, "counts_misses", &["--generator", "misses"]);
    assert_eq!((code, rules_that_are("kept", &report).len()), (Some(0), 26), "{report:#}");
    // Its seeds must be odd, and the kernel counts the points of another generator.
    breaks(&philox, "right", &["--generator", "npb"], "known counts of npb", " instead of ");
}

#[test]
fn the_verdict_is_for_people_too() {
    let kernel = |symbol: &str| format!("{}:{symbol}", BAD.display());
    let check =
        |symbol: &str, rule| pi().args(["check-kernel", "--rule", rule, &kernel(symbol)]).assert();
    check("good", "same answer")
        .success()
        .stdout(contains("ok      gives the same answer twice\n"))
        .stdout(contains("keeps these rules\n"));
    check("one_for_nothing", "count of 0")
        .code(1)
        .stdout(contains(
            "FAILED  returns 0 for a count of 0\n        one_for_nothing(42, 0, 0) returned 1",
        ))
        .stderr(contains("breaks 1 of 1 rules"));
    let (_, report) = report(&BAD, "one_for_nothing", &["--rule", "count of 0"]);
    assert_eq!(report["rules"][0]["call"], serde_json::json!({"seed": 42, "first": 0, "count": 0}));
}

#[test]
fn what_is_no_kernel_is_refused() {
    refuses("check-kernel nothing", &["'nothing' is not FILE:SYMBOL"]);
    refuses("check-kernel ./no-such.so:f", &["./no-such.so", "could not be read"]);
    refuses("check-kernel a.so:f --timeout 0s", &["longer than zero"]);
    refuses("check-kernel a.so:f --generator peak", &["cells that measure calls"]);
    refuses("check-kernel /etc/passwd:f", &["not a shared library"]);
    refuses(
        &format!("check-kernel {}:odd_start", BAD.display()),
        &["has no function odd_start", "odd_starts"],
    );
    refuses(
        "check-kernel a.so:f --generator textbook",
        &["textbook has no exact counts", "check-runner"],
    );
    refuses(
        "check-kernel a.so:f --rule nonsense",
        &["no rule contains the words 'nonsense'", "adds up"],
    );
}
