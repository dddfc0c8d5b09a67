//! `pi sample` to a precision, for a time, and stopped by signals.

use crate::libraries::{Libraries, SLOW};
use crate::run::{json, pi, refuses};
use crate::running::{answer, bit, mask, said, sample, send, start, started, wait_until};
use libpi::BLOCK;
use predicates::prelude::*;
use predicates::str::contains;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

/// The answer names its range and holds the hits of that range.
fn is_right(answer: &Value) {
    let (first, count) = (answer["first"].as_u64().unwrap(), answer["count"].as_u64().unwrap());
    assert!(count > 0 && (first + count) % BLOCK == 0, "a whole number of blocks: {answer}");
    let generator = answer["generator"].as_str().unwrap();
    let again = json(&format!("sample -n {count} --first {first} --generator {generator}"));
    assert_eq!(answer["hits"], again["hits"]);
}

#[test]
fn a_precision_is_a_number_of_samples_on_any_layout() {
    for layout in ["--driver serial", "--driver threads --threads 3"] {
        let answer = json(&format!("sample --precision 1e-3 {layout}"));
        // ⌈(4 − π)π · 10^6⌉
        assert_eq!(answer["count"], 2_696_767, "{layout}");
        assert_eq!(answer["wanted"], 2_696_767);
        assert_eq!(answer["precision"], 1e-3);
        assert_eq!(answer["hits"], json("sample -n 2696767")["hits"]);
        let error = answer["standard_error"].as_f64().unwrap();
        assert!((error / 1e-3 - 1.0).abs() < 1e-2, "{error}");
    }
    let needs = "a standard error of 1e-3 needs 2696767 samples";
    pi().args(["sample", "--precision", "0.001"])
        .assert()
        .success()
        .stdout(contains(needs).and(contains("of 2696767 samples")))
        .stderr(contains(format!("{needs}: that takes about ")));
}

#[test]
fn a_precision_that_cannot_be_had_is_refused_with_the_best() {
    refuses("sample --precision 1e-11", &["1e-11", "18446744073709551615", "best", "3.83e-10"]);
    refuses("sample --precision 1e-300", &["1e-300", "more than 1e308", "3.83e-10"]);
    refuses("sample --precision 1e-7 --generator npb", &["repeats its points", "5.54e-7"]);
    refuses("sample --precision 1e-4 --first 18446744073709551615", &["the last one", "1.65e0"]);
    let one = "sample --precision 1.65 --first 18446744073709551615";
    assert_eq!(json(one)["count"], 1);
    pi().args(one.split(' ')).assert().success().stderr(contains("needs 1 sample: that takes"));
    refuses("sample", &["--samples", "--precision", "--time", "--resume"]);
    for nonsense in ["0", "-0", "-1e-6", "nan", "inf", "1e-400", "few", ""] {
        let words = [&*format!("'{nonsense}'"), "above 0 that fits into a double, such as 1e-6"];
        refuses(&format!("sample --precision {nonsense}"), &words);
    }
    for amount in ["-n 5", "--time 5s"] {
        refuses(
            &format!("sample --precision 1e-3 {amount}"),
            &["--precision", "cannot be used with"],
        );
    }
}

#[test]
fn a_time_is_as_many_samples_as_it_allows() {
    for generator in ["philox", "npb"] {
        let answer = json(&format!("sample --time 200ms --threads 2 --generator {generator}"));
        is_right(&answer);
        assert!(answer["wanted"].is_null() && answer["stopped_by"].is_null(), "{answer}");
    }
    // The textbook's spans have a fixed length, so the time does not change the split.
    let answer = json("sample --time 10ms --threads 1 --generator textbook");
    assert_eq!(answer["count"].as_u64().unwrap() % (1 << 24), 0);
    let count = answer["count"].as_u64().unwrap();
    let again = json(&format!("sample -n {count} --threads 1 --generator textbook"));
    assert_eq!(answer["hits"], again["hits"]);
}

#[test]
fn the_last_index_ends_a_run_before_its_time() {
    let answer = json("sample --time 1h --first 18446744073708773839");
    assert_eq!(answer["count"], 777_777);
    assert_eq!(answer["hits"], 610_569);
}

#[test]
fn bad_times_are_refused() {
    for nonsense in ["0s", "-1s", "10", "soon", ""] {
        let words = [&*format!("'{nonsense}'"), "a time longer than zero, such as 90s"];
        refuses(&format!("sample --time {nonsense}"), &words);
    }
    refuses("sample --time 5s -n 5", &["--time", "--samples", "cannot be used with"]);
}

#[test]
fn a_signal_ends_the_span_and_what_was_counted_is_the_answer() {
    for (signal, name) in [
        (Signal::INT, "SIGINT"),
        (Signal::TERM, "SIGTERM"),
        (Signal::HUP, "SIGHUP"),
        (Signal::USR1, "SIGUSR1"),
    ] {
        let child = start("-n 1e15 --threads 2 --first 65530");
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        let said = said(&output, 75);
        let answer = answer(&output);
        is_right(&answer);
        assert_eq!(answer["stopped_by"], name);
        assert_eq!(answer["wanted"], 1_000_000_000_000_000_u64);
        let count = answer["count"].as_u64().unwrap();
        let rest = format!("-n {} --first {}", 1_000_000_000_000_000 - count, 65530 + count);
        let told = format!("stopped by {name} after {count} samples");
        assert!(said.contains(&told) && said.contains(&rest), "{said}");
    }
}

/// A script must not take a run that was stopped for a complete one.
#[test]
fn a_stopped_run_whose_answer_nobody_reads_is_still_a_stopped_one() {
    let mut child = start("-n 1e15 --threads 1");
    drop(child.stdout.take());
    send(&child, Signal::USR1);
    let told = said(&child.wait_with_output().unwrap(), 75);
    assert!(told.contains("to count the rest: pi sample -n 9999"), "{told}");
}

/// Two parts of such a count do not add up to the whole.
#[test]
fn a_stopped_count_that_depends_on_the_split_cannot_go_on() {
    let child = start("-n 1e12 --kernel c-textbook --threads 1");
    send(&child, Signal::TERM);
    let told = said(&child.wait_with_output().unwrap(), 75);
    assert!(told.contains("a count of textbook cannot go on"), "{told}");
    assert!(!told.contains("pi sample"), "{told}");
}

/// The span in which the signal comes is a short one.
#[test]
fn a_slow_kernel_hears_signals_too() {
    let libraries = Libraries::new();
    libraries.add("libslow.so", SLOW, &[]);
    let mut command =
        sample("-n 1e12 --load slow=libslow.so:count_hits --generator none --threads 1");
    command.current_dir(libraries.path("."));
    let child = started(command);
    send(&child, Signal::TERM);
    let count = answer(&child.wait_with_output().unwrap())["count"].as_u64().unwrap();
    assert!(count < 1 << 22, "{count}");
}

/// A library that is loaded before makes the installation of the handler take long. A run that does not hear the
/// signal then counts to its end.
#[test]
fn a_signal_that_comes_while_its_handler_is_installed_is_heard() {
    let libraries = Libraries::new();
    libraries.add(
        "libdelay.so",
        "#include <dlfcn.h>
         #include <signal.h>
         #include <unistd.h>
         int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
             int (*real)(int, const struct sigaction *, struct sigaction *);
             *(void **)&real = dlsym(RTLD_NEXT, \"sigaction\");
             int result = real(number, action, old);
             if (action && number == SIGUSR1) usleep(100000);
             return result;
         }",
        &["-D_GNU_SOURCE", "-ldl"],
    );
    let mut command = sample("-n 1e10 --threads 1");
    command.env("LD_PRELOAD", libraries.path("libdelay.so"));
    let child = started(command);
    send(&child, Signal::USR1);
    said(&child.wait_with_output().unwrap(), 75);
}

#[test]
fn an_answer_that_is_lost_is_an_error_and_what_is_left_is_told() {
    let mut command = sample("-n 1e15 --threads 1");
    command.stdout(fs::File::create("/dev/full").unwrap());
    let child = started(command);
    send(&child, Signal::USR1);
    let told = said(&child.wait_with_output().unwrap(), 1);
    let words =
        ["could not write the output: No space left", "to count the rest: pi sample -n 9999"];
    assert!(words.iter().all(|words| told.contains(words)), "{told}");
}

/// The span of this run takes some seconds: every thread counts 2^24 samples with a slow kernel.
#[test]
fn a_second_interruption_ends_the_run_at_once() {
    let child = start("-n 1e15 --threads 256 --driver threads --kernel c-textbook");
    send(&child, Signal::INT);
    wait_until("the first signal is heard", || mask(&child, "ShdPnd") == 0);
    send(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(output.stdout.is_empty());
}

/// `nohup`, and shells that start a process in the background, ignore these signals.
#[test]
fn a_signal_that_was_ignored_from_the_start_stays_so() {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' INT; exec \"$0\" sample -n 1e15 --json"])
        .arg(pi().get_program())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("signals are caught", || mask(&child, "SigCgt") & bit(libc::SIGUSR1) != 0);
    assert_eq!(mask(&child, "SigCgt") & bit(libc::SIGINT), 0);
    send(&child, Signal::INT);
    assert!(child.try_wait().unwrap().is_none());
    send(&child, Signal::USR1);
    assert_eq!(answer(&child.wait_with_output().unwrap())["stopped_by"], "SIGUSR1");
}
