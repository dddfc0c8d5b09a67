//! `pi bench`, with runners that report made-up seconds: what is kept, what never becomes a time,
//! and what is refused. Nothing here depends on how fast anything is.

mod fakes;

use fakes::{Place, after_reading, pi, plain, says};
use pi_harness::results::{Block, ErrorKind, Results};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A time so short that the process took longer.
const SHORT: &str = "1.5e-6";

fn good() -> String {
    says(SHORT, "785")
}

/// Cells of a result in the order in which their blocks were run.
fn order(results: &Results) -> Vec<(u64, String, u32, bool)> {
    let first = results.blocks.iter().filter(|block| !block.superseded);
    first.map(|b| (b.order, b.cell.clone(), b.process, b.twin)).collect()
}

#[test]
fn every_run_of_every_process_is_kept() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.measured("two", &says("2.5e-6", "785"));
    place.bench(&["--seed", "7"]).assert().success().stderr(contains("warning"));
    let results = place.results();
    assert_eq!(results.header.suite, "fakes");
    assert_eq!(results.header.question, "Do they?");
    assert_eq!(results.header.seed, 7);
    assert!(results.header.command.iter().any(|word| word == "--seed"));
    assert!(results.header.environment["machine"]["cpu"].is_string());
    let used: Vec<&Block> = results.blocks.iter().filter(|block| !block.superseded).collect();
    assert_eq!(used.len(), 3 * 12, "two cells and a twin, twelve processes each");
    for block in &used {
        let seconds = if block.runner == "one" { 1.5e-6 } else { 2.5e-6 };
        assert!(!block.runs.is_empty());
        assert!(block.runs.iter().all(|run| run.seconds == seconds && run.hits == 785));
        assert_eq!((block.count, block.expected_hits), (1000, Some(785)));
        assert_eq!(block.cell, format!("made-up/{}/how/1x1", block.runner));
        assert_eq!(block.version, "made-up 1.0");
        assert!(block.cpu_seconds > 0.0 && block.error.is_none());
    }
    let end = results.end.unwrap();
    assert!(end.complete && !end.interrupted);
    assert_eq!(end.noise_floor, Some(0.0), "the same seconds in both of the A/A pair");
    assert_eq!(end.load_after.len(), 3);
}

#[test]
fn the_order_is_mixed_recorded_and_comes_again_with_its_seed() {
    let mut place = Place::new();
    for name in ["a", "b", "c", "d"] {
        place.measured(name, &good());
    }
    let session = |seed: &str| {
        place.bench(&["--seed", seed, "--processes", "3"]).assert().success();
        order(&place.results())
    };
    let first = session("1");
    assert_eq!(first.len(), 5 * 3);
    assert!(first.iter().enumerate().all(|(place, block)| block.0 == place as u64));
    assert_eq!(first, session("1"));
    assert_ne!(first, session("2"));
    // Mixed, but no process of a cell before all cells had the one before.
    for (process, round) in (0..).zip(first.chunks(5)) {
        assert!(round.iter().all(|block| block.2 == process));
    }
    let names = |blocks: &[(u64, String, u32, bool)]| -> Vec<String> {
        blocks.iter().map(|block| block.1.clone()).collect()
    };
    assert!(first.chunks(5).any(|round| !names(round).is_sorted()));
}

#[test]
fn bad_runners_are_errors_told_apart_and_never_a_time() {
    use ErrorKind::{Crash, Launch, Noise, Protocol, Timeout, WrongHits};
    let bad: &[(&str, ErrorKind, &str, &str)] = &[
        ("wrong", WrongHits, "784 hits instead of 785", &says(SHORT, "784")),
        ("versionless", Protocol, "before the version", &after_reading("echo run 1e-6 785")),
        ("lazy", Protocol, "0 came", &after_reading("echo version 1")),
        ("noisy", Noise, "'Hello'", &after_reading("echo Hello; echo version 1")),
        ("crashing", Crash, "exit code 3: too late", &after_reading("echo too late >&2; exit 3")),
        ("killed", Crash, "signal 9", &after_reading("kill -KILL $$")),
        ("hanging", Timeout, "did not end within 1 s", "sleep 1000"),
        ("boasting", Protocol, "the whole process took", &says("1000", "785")),
        ("timeless", Protocol, "0 is no time", &says("0", "785")),
        ("counting", Protocol, "no number of hits", &says(SHORT, "-785")),
        ("unstartable", Launch, "could not start", ""),
    ];
    let mut place = Place::new();
    place.measured("good", &good());
    for (name, .., script) in bad {
        place.measured(name, script);
    }
    let unstartable = place.script("unstartable", "");
    fs::write(unstartable, "\u{0}").unwrap();
    let output = place.bench(&["--timeout", "1s", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("made-up/wrong/how/1x1"), "{stderr}");

    let results = place.results();
    for (name, kind, message, _) in bad {
        let errors: Vec<&Block> = results.blocks.iter().filter(|b| b.runner == *name).collect();
        assert!(!errors.is_empty(), "{name} is in the results");
        for block in errors {
            let error = block.error.as_ref().unwrap_or_else(|| panic!("{name} has a time"));
            assert_eq!(error.kind, *kind, "{name}: {}", error.message);
            assert!(error.message.contains(message), "{name}: {}", error.message);
            assert!(block.runs.is_empty(), "{name}");
        }
    }
    assert!(results.blocks.iter().any(|b| b.runner == "good" && !b.runs.is_empty()));
    assert!(!results.end.unwrap().complete);
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cells = ranking["rankings"][0]["cells"].to_string();
    assert!(cells.contains("made-up/good/"), "{cells}");
    for (name, ..) in bad {
        assert!(!cells.contains(&format!("made-up/{name}/")), "{name} has a time: {cells}");
    }
}

/// Right in its first processes, wrong in a later one.
#[test]
fn a_cell_that_counts_wrong_once_has_no_time() {
    let mut place = Place::new();
    let fickle = format!(
        "echo >> calls\n[ $(wc -l < calls) -lt 5 ] && h=785 || h=784\n{}",
        says(SHORT, "$h")
    );
    place.measured("fickle", &fickle);
    place.measured("good", &good());
    let output = place.bench(&["--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let results = place.results();
    let of = |name: &str| results.blocks.iter().filter(|b| b.runner == name).collect::<Vec<_>>();
    assert!(of("fickle").iter().any(|block| !block.runs.is_empty()), "it began well");
    let errors = of("fickle").into_iter().filter(|block| block.error.is_some()).count();
    assert_eq!(errors, 1, "after the error no more time is lost on it");
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!ranking["rankings"].to_string().contains("fickle"));
}

#[test]
fn statistical_runners_need_only_come_near_pi() {
    let mut place = Place::new();
    let group = "count = 1000000\nexpected = 'textbook'";
    for (name, hits) in [("near", "785400"), ("far", "790000"), ("beyond", "1000001")] {
        place.runner(name, &says(SHORT, hits), "exact = false");
        place.group(name, group);
    }
    place.bench(&[]).assert().code(1);
    let results = place.results();
    for block in &results.blocks {
        assert_eq!((block.exact, block.expected_hits), (false, None));
        match block.error.as_ref().map(|error| error.kind) {
            None => assert_eq!(block.runner, "near"),
            Some(kind) => {
                assert_eq!(kind, ErrorKind::WrongHits);
                assert_ne!(block.runner, "near");
            }
        }
    }
    assert!(results.blocks.iter().any(|block| block.runner == "near"));
}

#[test]
fn a_runner_that_needs_what_is_missing_is_skipped_and_shown() {
    let mut place = Place::new();
    place.measured("good", &good());
    place.runner("needy", &good(), "needs = ['no-such-compiler']");
    place.group("needy", "");
    place.runner("fragile", &good(), "version = ['sh', '-c', 'echo no licence >&2; exit 1']");
    place.group("fragile", "");
    place
        .bench(&[])
        .assert()
        .success()
        .stdout(contains("made-up/needy/how/1x1: no-such-compiler is not installed"))
        .stdout(contains("no licence"));
    let skipped = place.results().skipped;
    assert_eq!(skipped.len(), 2);
    assert_eq!(skipped[0].runner, "needy");
    place
        .bench(&["--filter", "made-up/needy"])
        .assert()
        .code(1)
        .stderr(contains("no cell of the suite can run here"));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.runner("needy", &good(), "needs = ['no-such-compiler']");
    place.group("needy", "");
    place
        .bench(&["--dry-run", "--seed", "9", "--processes", "4"])
        .assert()
        .success()
        .stdout(contains("made-up/one/how/1x1").and(contains("(A/A)")))
        .stdout(
            contains("4x").and(contains("8 blocks in rounds, each in a random order from seed 9")),
        )
        .stdout(contains("skipped: made-up/needy/how/1x1"));
    assert!(!place.path("results.jsonl").exists());
}

#[test]
fn a_dry_run_tells_errors_and_speaks_json() {
    let mut place = Place::new();
    place.measured("good", &good());
    place.measured("crashing", &after_reading("echo too late >&2; exit 3"));
    place
        .bench(&["--dry-run"])
        .assert()
        .code(1)
        .stdout(contains("error: made-up/crashing/how/1x1: exit code 3: too late"));
    let output = place.bench(&["--dry-run", "--json", "--processes", "4"]).output().unwrap();
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&plan["processes"], &plan["blocks"]), (&4.into(), &8.into()));
    assert_eq!(plan["cells"][1]["twin"], true);
    assert_eq!(plan["errors"][0]["cell"], "made-up/crashing/how/1x1");
}

#[test]
fn a_file_of_something_else_is_not_replaced() {
    let mut place = Place::new();
    place.measured("one", &good());
    fs::write(place.path("precious.txt"), "precious\n").unwrap();
    place.bench_to("precious.txt", &[]).assert().code(2).stderr(contains("holds no results"));
    assert_eq!(fs::read_to_string(place.path("precious.txt")).unwrap(), "precious\n");
}

/// A process that keeps a CPU busy until it is dropped.
struct Burner(std::process::Child);

impl Burner {
    fn on(cpu: usize) -> Self {
        let mut command = Command::new("taskset");
        command.args(["-c", &cpu.to_string(), "sh", "-c", "while :; do :; done"]);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Burner {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The runner only sleeps: all that its CPU does meanwhile is foreign.
#[test]
fn what_others_disturb_is_measured_again_or_marked() {
    let _burners: Vec<Burner> =
        libpi::cpus::CpuMask::of_this_thread().cpus().map(Burner::on).collect();
    let mut place = Place::new();
    place.measured("sleepy", &format!("sleep 0.3\n{}", good()));
    place
        .bench(&["--processes", "5"])
        .assert()
        .success()
        .stderr(contains("others are at work").and(contains("disturbed")));
    let results = place.results();
    assert!(results.blocks.iter().all(|block| block.disturbed), "{:?}", results.blocks);
    assert!(results.blocks.iter().all(|block| block.foreign_cpu_share > Some(0.3)));
    let superseded: Vec<&Block> = results.blocks.iter().filter(|b| b.superseded).collect();
    assert_eq!(superseded.len(), 2, "a fifth of the ten blocks");
    for old in superseded {
        let again = results.blocks.iter().filter(|b| !b.superseded && b.order == old.order);
        let again: Vec<&Block> = again.collect();
        assert_eq!(again.len(), 1);
        assert_eq!((&again[0].cell, again[0].process), (&old.cell, old.process));
    }
}

/// Wrong in one process only, which would be measured again for being disturbed.
#[test]
fn an_error_in_a_disturbed_block_is_an_error() {
    let _burners: Vec<Burner> =
        libpi::cpus::CpuMask::of_this_thread().cpus().map(Burner::on).collect();
    let mut place = Place::new();
    let fickle = format!(
        "echo >> calls\nsleep 0.3; [ $(wc -l < calls) -eq 2 ] && h=784 || h=785\n{}",
        says(SHORT, "$h")
    );
    place.measured("fickle", &fickle);
    let output = place.bench(&["--processes", "5", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let wrong = place.results().blocks.into_iter().find(|block| block.error.is_some()).unwrap();
    assert!(wrong.disturbed && !wrong.superseded, "{wrong:?}");
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(ranking["rankings"], serde_json::json!([]));
}

#[test]
fn an_interruption_before_anything_was_measured_leaves_an_older_file_as_it_was() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.bench(&[]).assert().success();
    let before = fs::read(place.path("results.jsonl")).unwrap();
    place.measured("slow", "echo > begun; sleep 1000");
    let mut child = start(&place.bench(&[]));
    interrupt_when(&mut child, || place.path("begun").exists());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing was measured yet"), "{stderr}");
    assert_eq!(fs::read(place.path("results.jsonl")).unwrap(), before);
}

/// Starts a command whose end is not waited for.
fn start(command: &assert_cmd::Command) -> std::process::Child {
    plain(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt_when(child: &mut std::process::Child, is_time: impl Fn() -> bool) {
    while !is_time() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
}

#[test]
fn an_interruption_keeps_what_was_measured() {
    let mut place = Place::new();
    place.measured("one", &good());
    // It hangs from its third process on: the first two are for trying and for a time.
    place.measured(
        "slow",
        &format!("echo >> calls\n[ $(wc -l < calls) -lt 3 ] || sleep 1000\n{}", good()),
    );
    let mut child = start(&place.bench(&["--processes", "1000"]));
    // Once the third process has begun, nothing else can end it.
    let calls = || fs::read_to_string(place.path("calls")).unwrap_or_default().lines().count();
    interrupt_when(&mut child, || calls() >= 3);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("kept in results.jsonl"), "{stderr}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("made-up/one/how/1x1"));
    let results = place.results();
    let end = results.end.unwrap();
    assert!(end.interrupted && !end.complete);
    for name in ["one", "slow"] {
        assert!(results.blocks.iter().any(|b| b.runner == name && !b.runs.is_empty()), "{name}");
    }
}

#[test]
fn a_full_disk_is_a_failure_that_names_the_file() {
    let mut place = Place::new();
    place.measured("one", &good());
    place
        .bench_to("/dev/full", &[])
        .assert()
        .code(1)
        .stderr(contains("could not write /dev/full").and(contains("space")));
}

/// The file may grow to 16 KiB and not further, which is more than the header takes.
#[test]
fn what_was_written_before_the_disk_was_full_is_kept() {
    let mut place = Place::new();
    place.measured("one", &good());
    let command = place.bench(&["--processes", "100"]);
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let script = format!("ulimit -f 32; exec {}", words.join(" "));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(command.get_current_dir().unwrap())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("could not write results.jsonl"), "{stderr}");
    let results = Results::read(&place.path("results.jsonl")).unwrap();
    assert!(!results.blocks.is_empty());
    assert!(results.end.is_none_or(|end| !end.complete));
    assert_eq!(results.problems, [], "no line is cut off");
}

#[test]
fn results_may_go_to_stdout_and_everything_else_goes_to_stderr_then() {
    let mut place = Place::new();
    place.measured("one", &good());
    for name in ["-", "/dev/stdout", "/proc/self/fd/1"] {
        let output = place.bench_to(name, &["--processes", "2"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {stderr}");
        assert!(stderr.contains("processes") && stderr.contains("results on stdout"), "{stderr}");
        fs::write(place.path("results.jsonl"), output.stdout).unwrap();
        let results = place.results();
        assert!(results.end.is_some_and(|end| end.complete), "{name}");
    }
    assert!(!place.path("-").exists());
    place.bench_to("-", &["--json"]).assert().code(2).stderr(contains("--json"));
    place.bench_to("/dev/stderr", &[]).assert().code(2).stderr(contains("messages"));
    place.bench_to("-", &["--dry-run"]).assert().success().stdout(contains("blocks in rounds"));
}

#[test]
fn results_may_go_into_a_pipe_that_has_a_reader() {
    let mut place = Place::new();
    place.measured("one", &good());
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn(move || fs::read(pipe).unwrap());
    place
        .bench_to("pipe", &["--processes", "2"])
        .assert()
        .success()
        .stdout(contains("processes").and(contains("results in pipe")));
    fs::write(place.path("results.jsonl"), reader.join().unwrap()).unwrap();
    assert!(place.results().end.is_some());
}

#[test]
fn results_that_are_gone_at_the_end_are_missed() {
    for (change, words) in [
        ("rm -f results.jsonl", "not in results.jsonl any more"),
        ("mv -f results.jsonl away.jsonl 2>/dev/null", "/away.jsonl now"),
        (": > results.jsonl", "results.jsonl are not whole"),
    ] {
        let mut place = Place::new();
        // The sixth process is one of those that are kept as they come.
        let count = "echo >> calls; [ $(wc -l < calls) -ne 6 ]";
        place.measured("one", &format!("{count} || {change}\n{}", good()));
        place
            .bench(&["--processes", "20"])
            .assert()
            .code(1)
            .stdout(contains("made-up/one/how/1x1"))
            .stderr(contains(words));
    }
}

#[test]
fn two_sessions_do_not_write_one_file() {
    let mut place = Place::new();
    // While the first is being measured, a second one is started.
    let second = format!(
        "'{}' bench ./suite.toml --runners runners.toml -o results.jsonl </dev/null >second 2>&1",
        pi().get_program().to_string_lossy()
    );
    place.measured("one", &format!("[ -e second ] || {second}; echo $? >> second\n{}", good()));
    place.bench(&["--processes", "2"]).assert().success();
    assert_eq!(place.results().problems, []);
    let second = fs::read_to_string(place.path("second")).unwrap();
    assert!(second.contains("is being written by another session"), "{second}");
}

#[test]
fn a_session_without_a_name_for_its_results_makes_a_new_file() {
    let mut place = Place::new();
    place.measured("one", &good());
    let command = place.bench(&[]);
    let arguments: Vec<_> =
        command.get_args().filter(|a| *a != "-o" && *a != "results.jsonl").collect();
    let session = || {
        let mut command = pi();
        command.current_dir(place.path("")).args(&arguments).args(["--processes", "2"]);
        std::thread::spawn(move || command.output().unwrap().status.code())
    };
    let sessions: Vec<_> = (0..3).map(|_| session()).collect();
    for session in sessions {
        assert_eq!(session.join().unwrap(), Some(0));
    }
    let made = fs::read_dir(place.path("")).unwrap().map(|file| file.unwrap().path());
    let made: Vec<_> =
        made.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    assert_eq!(made.len(), 3, "{made:?}");
    for path in made {
        assert_eq!(Results::read(&path).unwrap().problems, []);
    }
}

#[test]
fn bad_usage_is_refused_before_anything_is_measured() {
    let refuses = |arguments: &[&str], words: &[&str]| {
        let mut assert = pi().arg("bench").args(arguments).assert().code(2).stdout(is_empty());
        for word in words {
            assert = assert.stderr(contains(*word));
        }
    };
    refuses(&["defualt"], &["'defualt'", "did you mean 'default'", "scale"]);
    refuses(&["./no-such-suite.toml"], &["no-such-suite.toml"]);
    refuses(&["--filter", "nothing"], &["none of the", "'nothing'", "--dry-run"]);
    refuses(&["--filter", "philox", "--filter", "typo"], &["none of the", "'typo'"]);
    refuses(&["--filter", "["], &["'['"]);
    refuses(&["--threads", "0"], &["1 to 1024"]);
    refuses(&["--threads", "1024", "--filter", "philox"], &["usable CPU", "--oversubscribe"]);
    refuses(&["--ranks", "4-1"], &["such as 2"]);
    refuses(&["--processes", "0"], &["1..=1000"]);
    refuses(&["--budget", "soon"], &["'soon'"]);
    refuses(&["--seed", "-1"], &["0 or more"]);
    refuses(&["--launcher", " "], &["mpiexec"]);
    refuses(&["--runners", "no-such-table.toml"], &["no-such-table.toml"]);
    refuses(&["-o", "no/such/folder/results.jsonl"], &["no/such/folder", "-o"]);
}

#[test]
fn the_keys_of_a_suite_reach_the_runner() {
    let mut place = Place::new();
    let tells = "echo version 1\necho info colour $colour\necho info kernel $kernel\n\
                 i=0; while [ $i -lt $runs ]; do echo run 1e-6 $((batch * 2)); i=$((i + 1)); done";
    place.runner("telling", &after_reading(tells), "");
    let group = "batches = [1, '2^4']\nkeys = { colour = 'red' }\nexpected = 'count'\ncount = 32";
    place.group("telling", group);
    place.bench(&[]).assert().code(1);
    let results = place.results();
    for block in &results.blocks {
        match block.batch {
            Some(16) => assert_eq!(block.error, None),
            batch => assert_eq!((batch, block.runs.len()), (Some(1), 0), "2 hits instead of 32"),
        }
    }
    let right = results.blocks.iter().find(|block| block.error.is_none()).unwrap();
    assert_eq!(right.info["colour"], "red");
    assert_eq!(right.info["kernel"], "telling");
    assert_eq!(right.expected_hits, Some(32));
}

/// A made-up launcher: it starts the command once and tells it how many ranks there should be.
#[test]
fn cells_with_ranks_are_started_by_the_launcher() {
    let mut place = Place::new();
    place.script("launch", "RANKS=$2; export RANKS; shift 2; exec \"$@\"");
    let ranked = after_reading(
        "echo version 1; echo info ranks $RANKS; echo info threads $threads; i=0\n\
         while [ $i -lt $runs ]; do echo run 1e-6 785; i=$((i + 1)); done",
    );
    place.runner("ranked", &ranked, "ranks = true");
    place.group("ranked", "ranks = [2]");
    place.runner("alone", &good(), "");
    place.group("alone", "ranks = [2]");
    let arguments = ["--oversubscribe", "--launcher", "./launch -np {ranks}"];
    place.bench(&arguments).assert().success().stdout(contains("alone does not run on ranks"));
    let results = place.results();
    assert_eq!(results.skipped.len(), 1);
    let block = &results.blocks[0];
    assert_eq!((&*block.cell, block.ranks), ("made-up/ranked/how/2x1", 2));
    assert_eq!(block.command[..3], ["./launch", "-np", "2"]);
    assert!(block.command[3].ends_with("/ranked"));

    // One that starts each rank for itself, as a launcher of another MPI does.
    place.script("each", "RANKS=1; export RANKS; shift 2; exec \"$@\"");
    place.bench(&["--oversubscribe", "--launcher", "./each"]).assert().code(1);
    let message = &place.results().blocks[0].error.clone().unwrap().message;
    assert!(message.contains("2 rank(s) were asked for, and it counted with 1"), "{message}");

    // What does not say on how many it counted may have counted on one.
    place.runner("ranked", &good(), "ranks = true");
    place.bench(&arguments).assert().code(1);
    let message = &place.results().blocks[0].error.clone().unwrap().message;
    assert!(message.contains("there is no line `info ranks 2`"), "{message}");

    place
        .bench(&["--oversubscribe", "--launcher", "no-such-mpiexec"])
        .assert()
        .code(1)
        .stdout(contains("no-such-mpiexec is not installed"));
}

/// The real thing, on cells so small that they take no time.
#[test]
fn what_is_built_in_is_measured_on_as_many_cpus_as_it_has_workers() {
    let place = Place::new();
    let suite = "name = 'small'\nquestion = '?'\npicture = 'matrix'\nbudget = '1ms'\n[[cells]]\nwhy = '?'\n\
                 generators = ['philox']\nkernels = ['rust', 'fortran']\ndrivers = ['serial', 'rayon']\n\
                 count = 1000000\nthreads = ['all']\n";
    fs::write(place.path("small.toml"), suite).unwrap();
    let run = |more: &[&str]| {
        pi().current_dir(place.path(""))
            .args(["bench", "./small.toml", "-o", "small.jsonl", "--processes", "1"])
            .args(more)
            .assert()
            .success();
        Results::read(&place.path("small.jsonl")).unwrap()
    };
    let results = run(&[]);
    assert!(results.blocks.len() >= 5, "four cells and a twin");
    for block in &results.blocks {
        assert!(block.runs.iter().all(|run| run.hits == 785_987));
        let cpus: std::collections::BTreeSet<&String> = block.masks.iter().collect();
        assert_eq!(cpus.len(), 1, "{:?}", block.masks);
        let workers: usize = block.masks[0]
            .split(',')
            .map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                to.parse::<usize>().unwrap() - from.parse::<usize>().unwrap() + 1
            })
            .sum();
        assert_eq!(workers, block.threads as usize, "{}: {:?}", block.cell, block.masks);
        assert_eq!(
            block.language,
            if block.kernel.starts_with("rust") { "Rust" } else { "Fortran" }
        );
        assert!(block.foreign_cpu_share.is_some());
    }
    let languages = run(&["--filter", "*/fortran/serial"]);
    assert!(languages.blocks.iter().all(|b| b.cell.starts_with("philox/fortran@")));
    assert!(!run(&["--no-pin"]).blocks.is_empty());
}

#[test]
fn a_seed_that_is_not_given_is_recorded() {
    let mut place = Place::new();
    place.measured("one", &good());
    let seed = || {
        place.bench(&["--processes", "1"]).assert().success();
        place.results().header.seed
    };
    assert_ne!(seed(), seed());
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

/// With seconds that are made up there is nothing to be seen but what was made up.
#[test]
fn a_comparison_finds_what_is_slower_and_nothing_else() {
    let session = |seconds: &str, file: &str| {
        let mut place = Place::new();
        place.measured("kernel", &says(seconds, "785"));
        place.bench_to(file, &[]).assert().success();
        place
    };
    let (before, again) = (session("1.5e-6", "before"), session("1.5e-6", "again"));
    let slower = session("1.65e-6", "slower");
    let compare = |place: &Place, file: &str| {
        let mut command = pi();
        command.arg("compare").arg(before.path("before")).arg(place.path(file));
        command.args(["--fail-if-slower", "5%"]);
        command
    };
    compare(&again, "again").assert().success().stdout(contains("no difference seen"));
    compare(&slower, "slower").assert().code(1).stdout(contains("SLOWER"));
}

/// The files of the page on one's own kernel, with the plain C program as that kernel.
#[test]
fn your_kernel_gets_into_the_table_as_its_page_says() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let page = fs::read_to_string(folder.join("YOUR_KERNEL.md")).unwrap();
    let indented = |step: &str| -> String {
        let (_, rest) = page.split_once(step).unwrap();
        let lines = rest.lines().skip(1).skip_while(|line| line.is_empty());
        lines.take_while(|line| line.starts_with("      ")).map(|l| l.to_owned() + "\n").collect()
    };
    let place = Place::new();
    fs::write(place.path("my-runners.toml"), indented("`my-runners.toml`")).unwrap();
    fs::write(place.path("my-suite.toml"), indented("`my-suite.toml`")).unwrap();
    let plain = fs::read_to_string(folder.join("runners/plain_philox.c")).unwrap();
    fs::write(place.path("my-kernel.c"), plain.replace("plain-c", "my-kernel")).unwrap();
    let compiler = Command::new("cc")
        .args(["-std=c11", "-O2", "-o"])
        .args([place.path("my-kernel"), place.path("my-kernel.c")])
        .status();
    assert!(compiler.unwrap().success());
    pi().current_dir(place.path(""))
        .args("bench ./my-suite.toml --runners my-runners.toml --dry-run".split(' '))
        .assert()
        .success()
        .stdout(contains("philox/my-kernel/serial/1x1").and(contains("philox/fortran@")))
        // Built-in kernels of levels that this CPU lacks are skipped beside it.
        .stdout(contains("skipped: philox/my-kernel").not());
}

#[test]
fn names_that_could_mean_something_else_are_refused() {
    for (table, suite) in [
        ("name = 'a b'", ""),
        ("", "name = ''"),
        ("", "name = '../up'"),
        ("", r#"name = "a\u001b[2J""#),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let group = "[[cells]]\nwhy = '?'\ngenerators = ['philox']\nkernels = ['rust']\ndrivers = ['serial']";
        let name = if suite.is_empty() { "name = 's'" } else { suite };
        let text = format!("{name}\nquestion = '?'\npicture = 'ladder'\nbudget = '1s'\n{group}\n");
        fs::write(folder.path().join("suite.toml"), text).unwrap();
        let row = if table.is_empty() { "name = 'r'" } else { table };
        fs::write(
            folder.path().join("runners.toml"),
            format!("[[runner]]\n{row}\ncommand = ['a']\n"),
        )
        .unwrap();
        let output = pi()
            .current_dir(folder.path())
            .args(["bench", "./suite.toml", "--runners", "runners.toml", "--dry-run"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is no name of a ") && !said.contains('\u{1b}'), "{said}");
    }
}
