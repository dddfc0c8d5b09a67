//! Things that happen to `pi bench` and its files while it runs: inherited and new signals, pauses, replaced
//! programs, and system calls that are refused.

use crate::fakes::{Place, after_reading, begin_with, plain, says};
use crate::refuse::{GET_AFFINITY, SET_AFFINITY, can_refuse, refuse};
use crate::run::pi;
use pi_harness::results::{Block, ErrorKind, Results};
use predicates::prelude::*;
use predicates::str::contains;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn good() -> String {
    says("1.5e-6", "785")
}

/// A runner that does something in its third process. The first two are the trial and one block.
fn from_the_third(then: &str) -> String {
    format!("echo >> calls\nif [ $(wc -l < calls) -eq 3 ]; then {then}\nfi\n{}", good())
}

/// Starts a command with these signals ignored, and does not wait for its end.
fn start(command: &assert_cmd::Command, ignored: &'static [i32]) -> Child {
    let mut command = plain(command);
    begin_with(&mut command, ignored, libc::SIG_IGN);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("the child is not reaped yet");
}

fn wait_until(child: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        sleep(Duration::from_millis(10));
    }
}

fn stderr_of(child: Child, code: i32) -> String {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

#[test]
fn a_parent_that_ignores_the_end_of_children_changes_nothing() {
    let mut place = Place::new();
    place.measured("one", &good());
    stderr_of(start(&place.bench(&[]), &[libc::SIGCHLD]), 0);
    assert!(place.results().blocks.iter().all(|block| block.error.is_none()));
}

/// `nohup`, and shells that start a process in the background, ignore these signals.
#[test]
fn signals_that_were_ignored_from_the_start_stay_so() {
    let mut place = Place::new();
    let waits = "echo > begun; while [ ! -e go ]; do sleep 0.01; done";
    place.measured("patient", &format!("{waits}\n{}", good()));
    let mut child = start(&place.bench(&[]), &[libc::SIGHUP, libc::SIGINT]);
    wait_until(&mut child, || place.path("begun").exists());
    send(&child, Signal::HUP);
    send(&child, Signal::INT);
    fs::write(place.path("go"), "").unwrap();
    stderr_of(child, 0);
    assert!(place.results().end.unwrap().complete);
}

#[test]
fn an_interruption_is_heard_though_signals_were_blocked() {
    let mut place = Place::new();
    place.measured("slow", "echo > begun; sleep 1000");
    let mut command = plain(&place.bench(&[]));
    // SAFETY: between fork and exec only system calls are made, and nothing is allocated.
    unsafe {
        command.pre_exec(|| {
            let mut all: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::sigprocmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
            Ok(())
        });
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, || place.path("begun").exists());
    send(&child, Signal::INT);
    stderr_of(child, 75);
}

/// Whether a process runs. A zombie does not count.
fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

#[test]
fn runners_end_with_their_children_however_pi_ends() {
    for (signal, trap) in [
        (Signal::KILL, ""),
        (Signal::QUIT, ""),
        (Signal::USR1, ""),
        // This runner ignores TERM, so it must be killed.
        (Signal::KILL, "trap '' TERM; "),
    ] {
        let mut place = Place::new();
        let begin = "sleep 1000 & echo $$ $! > begun; mv begun pids; wait; sleep 1000";
        place.measured("slow", &format!("{trap}{begin}"));
        let mut child = start(&place.bench(&[]), &[]);
        wait_until(&mut child, || place.path("pids").exists());
        let pids = fs::read_to_string(place.path("pids")).unwrap();
        assert!(pids.split_whitespace().all(is_running), "{pids}");
        send(&child, signal);
        child.wait_with_output().unwrap();
        let ends = Instant::now() + Duration::from_secs(60);
        while pids.split_whitespace().any(is_running) {
            assert!(Instant::now() < ends, "{signal:?} leaves one of {pids}");
            sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_process_that_ended_while_pi_was_stopped_did_not_take_too_long() {
    let mut place = Place::new();
    place.measured("one", &from_the_third("echo > begun; while [ ! -e go ]; do sleep 0.01; done"));
    let mut child = start(&place.bench(&["--timeout", "2s", "--processes", "1"]), &[]);
    wait_until(&mut child, || place.path("begun").exists());
    send(&child, Signal::STOP);
    fs::write(place.path("go"), "").unwrap();
    sleep(Duration::from_millis(2500));
    send(&child, Signal::CONT);
    stderr_of(child, 0);
    let blocks = place.results().blocks;
    let [paused] = &blocks.iter().filter(|block| block.paused).collect::<Vec<_>>()[..] else {
        panic!("one was paused: {blocks:?}");
    };
    assert!(paused.disturbed && paused.superseded && !paused.runs.is_empty(), "{paused:?}");
    assert!(blocks.iter().any(|b| b.order == paused.order && !b.superseded && !b.paused));
}

/// The file of `pi` is replaced by the first process that it starts.
#[test]
fn a_session_goes_on_with_the_program_that_was_started() {
    let mut place = Place::new();
    place.measured("replacing", &format!("[ ! -e new ] || mv new pi\n{}", good()));
    let built_in = "generators = ['philox']\nkernels = ['rust']\ndrivers = ['serial']\n\
                    expected = 'philox'";
    place.group("pi", built_in);
    let pi = place.path("pi");
    let built = assert_cmd::cargo::cargo_bin("pi");
    fs::hard_link(&built, &pi).or_else(|_| fs::copy(&built, &pi).map(drop)).unwrap();
    place.script("new", "echo this is another program >&2; exit 1");
    let mut command = Command::new(&pi);
    let bench = place.bench(&[]);
    command.args(bench.get_args()).current_dir(place.path(""));
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(!place.path("new").exists(), "it was replaced");
    let results = place.results();
    let own: Vec<&Block> = results.blocks.iter().filter(|block| block.runner == "pi").collect();
    assert!(!own.is_empty());
    for block in own {
        assert_eq!(block.error, None);
        assert_eq!(
            Path::new(&block.command[0]).file_name(),
            pi.file_name(),
            "as one would write it"
        );
    }
    let sum = results.header.environment["sources"]["binary_sha256"].as_str();
    assert_eq!(sum.map(str::len), Some(64));
}

#[test]
fn a_script_or_a_library_that_is_replaced_is_an_error_that_says_so() {
    let mut place = Place::new();
    let replaced = |file: &str| format!("cp {file} new; echo exit >> new; mv new {file}");
    place.measured("changing", &from_the_third(&replaced("changing")));
    place.script("library", "");
    let loading = from_the_third(&replaced("library")).replace("calls", "loads");
    place.runner("loading", &loading, "loads = ['library']");
    place.group("loading", "");
    place.measured("good", &good());
    place.bench(&[]).assert().code(1);
    let blocks = place.results().blocks;
    for (runner, file) in [("changing", "changing"), ("loading", "library")] {
        let errors = blocks.iter().filter(|block| block.runner == runner);
        let error = errors.filter_map(|block| block.error.clone()).next().unwrap();
        assert_eq!(error.kind, ErrorKind::Launch);
        let says = format!("{file} was replaced, changed or removed since the session began");
        assert!(error.message.contains(&says), "{}", error.message);
    }
    assert!(blocks.iter().any(|block| block.runner == "good" && !block.runs.is_empty()));
}

/// The folder may be in another git repository, whose configuration could start programs.
#[test]
fn no_git_is_asked_about_the_folder_that_pi_runs_in() {
    let place = Place::new();
    place.script("git", &format!("echo > {}; sleep 1000", place.path("asked").display()));
    let path = std::env::join_paths(
        [place.path("")]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    pi().arg("info").env("PATH", path.unwrap()).current_dir(place.path("")).assert().success();
    assert!(!place.path("asked").exists());
}

/// The launcher is made up. A variable names it, with more words.
#[test]
fn the_launcher_is_asked_once_and_its_words_are_told_apart() {
    let mut place = Place::new();
    place.script(
        "launch",
        "if [ \"$1\" = --version ]; then echo >> asked; echo Launch 1.0; exit; fi\n\
         [ \"$1\" = --gently ] || exit 9\nRANKS=$3; export RANKS; shift 3; exec \"$@\"",
    );
    let ranked = "echo version 1; echo info ranks $RANKS; echo info threads 1; i=0\n\
                  while [ $i -lt $runs ]; do echo run 1e-6 785; i=$((i + 1)); done";
    place.runner("ranked", &after_reading(ranked), "ranks = true");
    place.group("ranked", "ranks = [2]");
    place.bench(&["--oversubscribe"]).env("MPIEXEC", "./launch --gently").assert().success();
    let results = place.results();
    assert_eq!(results.header.environment["mpi_launcher"], "Launch 1.0");
    assert_eq!(results.blocks[0].command[..4], ["./launch", "--gently", "-n", "2"]);
    assert_eq!(fs::read_to_string(place.path("asked")).unwrap().lines().count(), 1);
}

#[test]
fn why_a_launcher_fails_is_said_and_not_only_the_end_of_its_frame() {
    let mut place = Place::new();
    let frame = "-".repeat(74);
    let says =
        format!("printf '%s\\n' {frame} 'There are not enough slots' 'for 2 ranks.' {frame} >&2");
    place.script("launch", &format!("{says}\nexit 1"));
    place.runner("ranked", &good(), "ranks = true");
    place.group("ranked", "ranks = [2]");
    place
        .bench(&["--oversubscribe", "--launcher", "./launch"])
        .assert()
        .code(1)
        .stdout(contains("exit code 1: There are not enough slots for 2 ranks."));
}

#[test]
fn where_no_cpu_can_be_chosen_the_cause_and_the_remedy_are_named() {
    if !can_refuse() {
        return;
    }
    let mut place = Place::new();
    place.measured("one", &good());
    let bench = |arguments: &[&str], calls: &[i64]| {
        let mut command = plain(&place.bench(arguments));
        refuse(&mut command, calls);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, stderr) = bench(&[], &[SET_AFFINITY]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("sched_setaffinity") && stderr.contains("--no-pin"), "{stderr}");
    assert!(!place.path("results.jsonl").exists());
    assert_eq!(bench(&["--no-pin"], &[SET_AFFINITY]).0, Some(0));

    let (code, stderr) = bench(&[], &[GET_AFFINITY]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("the runners are not pinned"), "{stderr}");
    assert!(!stderr.contains(" 0 cores"), "{stderr}");
}

#[test]
fn cpus_that_are_taken_away_end_the_session_and_nothing_is_lost() {
    let cpus: Vec<usize> = libpi::cpus::CpuMask::of_this_thread().cpus().collect();
    let [first, _, ..] = cpus[..] else {
        eprintln!("not tested: there is but one CPU");
        return;
    };
    let mut place = Place::new();
    place.measured("taking", &from_the_third(&format!("taskset -cp {first} $PPID > taken")));
    place
        .bench(&["--processes", "5"])
        .assert()
        .code(1)
        .stdout(contains("made-up/taking/how/1x1"))
        .stderr(contains("were taken from this process").and(contains("kept in results.jsonl")));
    let results: Results = place.results();
    assert!(!results.end.unwrap().complete);
    assert!(results.blocks.iter().all(|block| block.error.is_none() && !block.runs.is_empty()));
}
