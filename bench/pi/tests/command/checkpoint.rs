//! `pi sample` with checkpoints: however a run ends, another goes on to the same hits.

mod trouble;

use crate::libraries::{Libraries, SLOW, THIRDS};
use crate::place::Place;
use crate::run::{json, pi, refuses};
use crate::running::{answer, said, sample, send, start, started, wait_until};
use predicates::prelude::*;
use predicates::str::contains;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// Layouts that the runs of one count take in turn.
const LAYOUTS: [&str; 5] = [
    "--threads 1",
    "--threads 2 --driver threads --kernel c",
    "--threads 3 --driver rayon --kernel fortran",
    "--driver serial --kernel rust",
    "--threads 2 --driver openmp-c",
];

/// Kills runs of a count at random moments until so many were killed, or one reaches the end. Returns the
/// number of kills. The last run goes on to the end.
fn kill(place: &Place, amount: &str, kills: usize) -> usize {
    let mut killed = 0;
    while killed < kills {
        let layout = LAYOUTS[killed % LAYOUTS.len()];
        let options = place.options(amount);
        let mut child = sample(&format!("{options} {layout} --every 1ms")).spawn().unwrap();
        sleep(Duration::from_micros(fastrand::u64(..60_000)));
        // It may have ended by itself.
        if child.try_wait().unwrap().is_some() {
            assert!(child.wait().unwrap().success());
            return killed;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    killed
}

/// Kills runs at random moments. They end with the same hits as runs that nobody disturbs.
fn runs_that_are_killed(kills: usize) {
    for (generator, first) in [("philox", 65_530), ("npb", 0), ("xoshiro", 1_u64 << 63)] {
        let amount = format!("-n 2e8 --generator {generator} --first {first}");
        let hits = &json(&format!("sample {amount}"))["hits"];
        let mut killed = 0;
        while killed < kills {
            let place = Place::new();
            killed += kill(&place, &amount, kills - killed);
            let options = place.options(&amount);
            let answer = json(&format!("sample {options} --threads 2"));
            assert_eq!(&answer["hits"], hits, "{generator}, after {killed} kills");
            assert_eq!(answer["count"], 200_000_000);
            assert_eq!(place.files(), ["run.json"], "nothing is left beside it");
        }
    }
}

#[test]
fn runs_that_are_killed_go_on_to_the_same_hits() {
    runs_that_are_killed(3);
}

#[test]
#[ignore = "takes a minute"]
fn a_hundred_runs_that_are_killed_go_on_to_the_same_hits() {
    runs_that_are_killed(34);
}

#[test]
fn a_run_that_was_stopped_goes_on_and_its_end_is_kept() {
    let place = Place::new();
    let file = place.shown();
    let child = start(&format!("-n 3e8 --first 7 --checkpoint {file} --threads 1"));
    wait_until("the file is there", || place.file().exists());
    send(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    let told = said(&output, 75);
    let stopped = answer(&output);
    let count = stopped["count"].as_u64().unwrap();
    assert!(told.contains(&format!("after {count} samples, which {file} keeps")), "{told}");
    assert!(told.contains(&format!("to go on: pi sample --resume {file}")), "{told}");
    assert_eq!(place.done(), count);

    // Options that the file does not contradict may be given.
    let again =
        json(&format!("sample --resume {file} -n 3e8 --first 7 --seed 42 --kernel c --threads 2"));
    assert_eq!(again["resumed"]["samples"], count);
    assert_eq!(again["hits"], json("sample -n 3e8 --first 7")["hits"]);
    let kept = fs::read(place.file()).unwrap();
    assert_eq!(place.done(), 300_000_000);

    let end = json(&format!("sample --resume {file}"));
    assert_eq!((&end["hits"], &end["count"]), (&again["hits"], &again["count"]));
    assert_eq!((&end["pi"], &end["first"]), (&again["pi"], &again["first"]));
    assert_eq!(end["resumed"]["samples"], 300_000_000);
    assert!(end["samples_per_second"].is_null(), "nothing was counted");
    assert_eq!(fs::read(place.file()).unwrap(), kept);
    let text = pi().args(["sample", "--resume", &file]).assert().success();
    text.stdout(
        contains("resumed       after 300000000 samples").and(contains("of 300000000 samples")),
    );
}

/// Runs the command that a message names after these words, in a shell.
fn pasted(told: &str, words: &str, folder: &Path) -> Value {
    let (_, command) = told.split_once(words).expect(told);
    let script = format!("pi() {{ \"$0\" \"$@\"; }}; {command}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).arg(pi().get_program()).current_dir(folder);
    let output = shell.output().unwrap();
    said(&output, 0);
    answer(&output)
}

/// The names of these files need quotes, and without its library nobody can count the problem.
#[test]
fn the_command_that_a_stopped_run_names_goes_on_with_it() {
    let libraries = Libraries::new();
    libraries.add("it's mine.so", THIRDS, &[]);
    let folder = libraries.path(".");
    for (options, words) in
        [(&["--checkpoint=-a b.json"][..], "to go on: "), (&[], "to count the rest: ")]
    {
        let mut command = sample("-n 1e8 --first 5 --threads 1 --generator thirds");
        command.args(["--load", "mine=it's mine.so:count_hits"]).args(options);
        command.current_dir(&folder);
        let child = started(command);
        send(&child, Signal::USR1);
        let output = child.wait_with_output().unwrap();
        let (told, stopped) = (said(&output, 75), answer(&output));
        let end = pasted(&told, words, &folder);
        let before = if options.is_empty() { &stopped["hits"] } else { &Value::from(0) };
        let hits = end["hits"].as_u64().unwrap() + before.as_u64().unwrap();
        assert_eq!((hits, &end["cell"]), (33_333_333, &stopped["cell"]), "{told}");
    }
}

/// Without its library nobody can count the problem.
#[test]
fn a_problem_goes_on_with_its_library_alone() {
    let (libraries, place) = (Libraries::new(), Place::new());
    libraries.add("libthirds.so", THIRDS, &[]);
    let (file, library) = (place.shown(), libraries.path("libthirds.so"));
    let load = format!("--load mine={}:count_hits --generator thirds", library.display());
    json(&format!("sample -n 1e6 {load} --checkpoint {file}"));
    let words = ["counts thirds", "--load NAME=FILE:SYMBOL --generator thirds"];
    refuses(&format!("sample --resume {file}"), &words);
    assert_eq!(json(&format!("sample --resume {file} {load}"))["hits"], 333_334);
}

/// A count that cannot be true does not take the place of a good one. The kernel is slow, so that it does not
/// come to its end.
#[test]
fn a_kernel_that_counts_too_much_spoils_no_checkpoint() {
    let (libraries, place) = (Libraries::new(), Place::new());
    let hits = "-DHITS=getenv(\"MAD\") ? count + 1 : count / 2";
    libraries.add("libmad.so", SLOW, &[hits]);
    let load = format!("mad={}:count_hits", libraries.path("libmad.so").display());
    let options = format!("--load {load} --generator halves --every 1ms --threads 1");
    let child = start(&format!("-n 1e15 --checkpoint {} {options}", place.shown()));
    wait_until("something is done", || place.done() > 0);
    send(&child, Signal::TERM);
    said(&child.wait_with_output().unwrap(), 75);
    let good = fs::read(place.file()).unwrap();
    let mut mad = sample(&format!("--resume {} {options}", place.shown()));
    let told = said(&mad.env("MAD", "1").output().unwrap(), 1);
    assert!(told.contains("hits of") && told.contains("pi verify"), "{told}");
    assert_eq!(fs::read(place.file()).unwrap(), good);
}

#[test]
fn a_time_goes_on_until_it_is_over() {
    let place = Place::new();
    let file = place.shown();
    let child = start(&format!("--time 300ms --checkpoint {file} --threads 1"));
    wait_until("the file is there", || place.file().exists());
    send(&child, Signal::USR1);
    let stopped = answer(&child.wait_with_output().unwrap());
    let ended = json(&format!("sample --resume {file} --time 300ms"));
    assert!(stopped["count"].as_u64() <= ended["count"].as_u64(), "{stopped} {ended}");
    assert_eq!(ended["hits"], json(&format!("sample -n {}", ended["count"]))["hits"]);
    let again = json(&format!("sample --resume {file}"));
    assert_eq!((&again["count"], &again["hits"]), (&ended["count"], &ended["hits"]));
    refuses(&format!("sample --resume {file} --time 5s"), &["--time 5s", "--time 300ms"]);
    refuses(&format!("sample --resume {file} -n 5"), &["-n 5", "--time 300ms"]);
}

#[test]
fn a_precision_is_kept_too() {
    let place = Place::new();
    let file = place.shown();
    json(&format!("sample --precision 2e-3 --checkpoint {file}"));
    for options in ["", " --precision 0.002", " -n 674192"] {
        let answer = json(&format!("sample --resume {file}{options}"));
        assert_eq!((&answer["count"], &answer["precision"]), (&674_192.into(), &2e-3.into()));
    }
    refuses(
        &format!("sample --resume {file} --precision 1e-3"),
        &["--precision 1e-3", "--precision 2e-3 (-n 674192)"],
    );
}

#[test]
fn a_shard_goes_on_as_a_shard() {
    let place = Place::new();
    let file = place.shown();
    let shard = "-n 1e6 --first 5 --shard 2/2";
    let begun = json(&format!("sample {shard} --checkpoint {file}"));
    for options in ["", " --shard 2/2", &format!(" {shard}")] {
        let end = json(&format!("sample --resume {file}{options}"));
        let same = ["shard", "first", "count", "hits"].map(|key| (&end[key], &begun[key]));
        assert!(same.iter().all(|(end, begun)| end == begun), "{end} {begun}");
    }
    for (option, words) in [
        ("--shard 1/2", ["--shard 1/2", "it has -n 1000000 --shard 2/2"]),
        ("-n 475712", ["-n 475712", "it has -n 1000000 --shard 2/2"]),
        ("--first 0", ["--first 0", "it has 5"]),
    ] {
        refuses(&format!("sample --resume {file} {option}"), &words);
    }
}

#[test]
fn options_that_contradict_the_file_are_refused_in_one_message() {
    let place = Place::new();
    let file = place.shown();
    json(&format!("sample -n 1e6 --checkpoint {file}"));
    let before = fs::read(place.file()).unwrap();
    for (option, words) in [
        ("--seed 43", ["--seed 43", "it has 42"]),
        ("--first 1", ["--first 1", "it has 0"]),
        ("--generator npb", ["--generator npb", "it has philox"]),
        ("-n 1000001", ["-n 1000001", "it has -n 1000000"]),
        ("--time 1h", ["--time 1h", "it has -n 1000000"]),
        ("--shard 1/2", ["--shard 1/2", "it has -n 1000000"]),
        ("--precision 0.5", ["--precision 5e-1", "it has -n 1000000"]),
        ("--kernel c-textbook", ["unknown kernel", "c-textbook"]),
        ("--checkpoint other.json", ["--checkpoint", "cannot be used with"]),
    ] {
        refuses(&format!("sample --resume {file} {option}"), &words);
    }
    let all =
        pi().args(["sample", "--resume", &file, "--seed", "1", "--first", "2", "-n", "3"]).assert();
    let all =
        all.code(2).stderr(contains("--seed 1").and(contains("--first 2")).and(contains("-n 3")));
    assert_eq!(String::from_utf8_lossy(&all.get_output().stderr).matches("error: ").count(), 1);
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[test]
fn what_is_no_checkpoint_is_refused_and_left_alone() {
    let place = Place::new();
    let file = place.shown();
    json(&format!("sample -n 1e6 --checkpoint {file}"));
    let whole = fs::read(place.file()).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let cut = whole[..whole.len() - 40].to_vec();
    for (content, why) in [
        (Vec::new(), "not a checkpoint"),
        (b"{}".to_vec(), "not a checkpoint"),
        (b"{\n  \"pi_checkpoint\": 1\n}\n".to_vec(), "damaged"),
        (cut, "damaged"),
        (text.replace("\"hits\": 785987", "\"hits\": 785988").into_bytes(), "damaged"),
        ([&*whole, &[b' '; 70_000]].concat(), "damaged"),
        (vec![0xff; 100], "not a checkpoint"),
    ] {
        fs::write(place.file(), &content).unwrap();
        refuses(&format!("sample --resume {file}"), &["cannot go on with", &file, why]);
        let words = ["exists, and it is", why, "name another file"];
        refuses(&format!("sample -n 5 --checkpoint {file}"), &words);
        assert_eq!(fs::read(place.file()).unwrap(), content, "it is left alone");
    }
    assert_eq!(place.files(), ["run.json"]);
}

#[test]
fn a_name_that_leads_nowhere_is_refused() {
    let place = Place::new();
    let folder = place.folder().to_str().unwrap();
    let file = place.shown();
    refuses(&format!("sample --resume {file}"), &["cannot go on with", "No such file"]);
    refuses(&format!("sample --resume {folder}"), &["cannot go on with", "directory"]);
    refuses(&format!("sample -n 5 --checkpoint {folder}"), &["exists, and", "directory"]);
    refuses(&format!("sample -n 5 --checkpoint {folder}/no/x"), &["No such file", "its folder"]);
    refuses("sample -n 5 --checkpoint /dev/null/x", &["Not a directory", "another name"]);
    refuses(&format!("sample -n 5 --checkpoint {folder}/.."), &["not the name of a file"]);
    let long = "x".repeat(300);
    refuses(
        &format!("sample -n 5 --checkpoint {folder}/{long}"),
        &["name too long", "a shorter name"],
    );
    std::os::unix::fs::symlink(folder, place.file()).unwrap();
    refuses(&format!("sample --resume {file}"), &["symbolic link"]);
    refuses(&format!("sample -n 5 --checkpoint {file}"), &["exists, and it is a symbolic link"]);
    fs::remove_file(place.file()).unwrap();
    assert!(Command::new("mkfifo").arg(place.file()).status().unwrap().success());
    refuses(&format!("sample --resume {file}"), &["it is not a file"]);
    refuses(&format!("sample -n 5 --checkpoint {file}"), &["exists, and it is not a file"]);
}

#[test]
fn only_exact_counts_have_checkpoints() {
    let place = Place::new();
    let file = place.shown();
    for option in ["--generator textbook", "--kernel rust-textbook"] {
        let words = ["--checkpoint", "depends on how the range is split", "philox"];
        refuses(&format!("sample -n 1e6 {option} --checkpoint {file}"), &words);
    }
    refuses("sample -n 5 --every 5s", &["--checkpoint", "--resume"]);
    for nonsense in ["0s", "-5s", "5", "often"] {
        let words = [&*format!("'{nonsense}'"), "a time longer than zero"];
        refuses(&format!("sample -n 5 --checkpoint {file} --every {nonsense}"), &words);
    }
    assert!(place.files().is_empty());
}

#[test]
fn two_runs_on_one_file_are_refused() {
    let place = Place::new();
    let file = place.shown();
    // With so short an interval, the file is replaced all the time.
    let child = start(&format!("-n 1e15 --checkpoint {file} --every 1ms"));
    wait_until("something is done", || place.done() > 0);
    for _ in 0..20 {
        refuses(
            &format!("sample --resume {file}"),
            &["cannot go on with", "another run writes it"],
        );
    }
    refuses(&format!("sample -n 5 --checkpoint {file}"), &["exists, and another run writes it"]);
    send(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    said(&output, 75);
    let words = ["the checkpoint of an earlier run", "--resume"];
    refuses(&format!("sample -n 5 --checkpoint {file}"), &words);
    let child = start(&format!("--resume {file}"));
    send(&child, Signal::TERM);
    said(&child.wait_with_output().unwrap(), 75);
    assert!(place.done() > answer(&output)["count"].as_u64().unwrap());
}

#[test]
fn of_runs_that_begin_at_once_one_has_the_file() {
    let place = Place::new();
    let file = place.shown();
    let begin = || sample(&format!("-n 1e8 --threads 1 --checkpoint {file}")).spawn().unwrap();
    let runs: Vec<_> = (0..8).map(|_| begin()).collect();
    let outputs = runs.into_iter().map(|run| run.wait_with_output().unwrap());
    let (won, lost): (Vec<_>, Vec<_>) = outputs.partition(|output| output.status.success());
    assert_eq!((won.len(), &answer(&won[0])["hits"]), (1, &78_544_189.into()));
    for output in &lost {
        let said = said(output, 2);
        let is_taken = said.contains("another run writes it") || said.contains("of an earlier run");
        assert!(is_taken, "{said}");
    }
    assert_eq!((place.done(), place.files()), (100_000_000, vec!["run.json".to_owned()]));
}
