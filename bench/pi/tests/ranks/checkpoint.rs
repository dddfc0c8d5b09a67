//! Checkpoints of jobs: however a job ends, another one goes on to the same hits, on any number of ranks.

use crate::place::Place;
use crate::processes::{children, processes_with, wait_until};
use crate::start::{json, mpiexec, on_ranks, pi, refuses, run, stderr};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// The ranks that count with the checkpoint of this place.
fn ranks(place: &Place) -> Vec<u32> {
    processes_with(&place.shown())
}

/// A command that begins a count, or goes on with it. One rank needs no launcher.
fn sample(place: &Place, ranks: usize, amount: &str, options: &str) -> Command {
    let arguments = format!("sample {} {options} --json", place.options(amount));
    if ranks > 1 {
        return on_ranks(ranks, &[], &arguments);
    }
    let mut command = Command::new(pi());
    command.args(arguments.split(' '));
    command
}

/// Starts a job whose checkpoint is written after every span, and waits until it has done something.
fn start(place: &Place, ranks: usize, amount: &str, options: &str) -> Child {
    let before = place.done();
    let mut command = sample(place, ranks, amount, &format!("{options} --every 1ms"));
    let job = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("something is done", || place.done() > before);
    job
}

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().unwrap()).expect("no process has the number 0");
    // It may have ended by itself.
    let _ = kill_process(pid, signal);
}

/// The numbers of ranks and the options that the runs of one count take in turn.
const LAYOUTS: [(usize, &str); 4] = [
    (2, "--threads 1"),
    (1, "--threads 2 --driver threads"),
    (2, "--threads 2 --driver openmp-c --kernel c"),
    (3, "--kernel rust,c,fortran --threads 1"),
];

/// Kills a rank of a job at a random moment, so many times. The job that goes on to the end has the same
/// hits as one that nobody disturbs.
fn jobs_that_are_killed(kills: usize) {
    const AMOUNT: &str = "-n 1e12 --first 65530";
    let place = Place::new();
    for kill in 0..kills {
        let (number, options) = LAYOUTS[kill % LAYOUTS.len()];
        let job = start(&place, number, AMOUNT, options);
        sleep(Duration::from_micros(fastrand::u64(..100_000)));
        let running = ranks(&place);
        assert_eq!(running.len(), number, "it counts for long");
        send(running[fastrand::usize(..number)], Signal::KILL);
        assert!(!job.wait_with_output().unwrap().status.success());
        wait_until("no rank is left", || ranks(&place).is_empty());
    }
    let job = start(&place, 3, AMOUNT, "--threads 1");
    send(children(job.id())[0], Signal::USR1);
    let output = job.wait_with_output().unwrap();
    assert!(stderr(&output).contains("error: stopped by SIGUSR1"), "{}", stderr(&output));
    assert_eq!(place.files(), ["run.json"], "nothing is left beside it");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert!(answer["resumed"]["samples"].as_u64() > Some(0));
    let again = format!("sample -n {} --first 65530", answer["count"]);
    assert_eq!(answer["hits"], json(on_ranks(1, &[], &again))["hits"]);
}

#[test]
fn jobs_that_are_killed_go_on_to_the_same_hits() {
    jobs_that_are_killed(3);
}

#[test]
#[ignore = "takes some minutes"]
fn jobs_that_are_killed_fifty_times_go_on_to_the_same_hits() {
    jobs_that_are_killed(50);
}

#[test]
fn a_file_that_is_no_good_is_refused_by_one_rank_for_all() {
    let place = Place::new();
    let file = place.shown();
    refuses(on_ranks(3, &[], &format!("sample --resume {file}")), &["cannot go on with", &file]);
    let folder = place.folder().join("no/run.json");
    let nowhere = format!("sample -n 1e6 --checkpoint {}", folder.display());
    refuses(on_ranks(2, &[], &nowhere), &["No such file", "folder"]);
    json(on_ranks(2, &[], &format!("sample -n 1e7 --checkpoint {file}")));
    refuses(on_ranks(2, &[], &format!("sample --resume {file} -n 5")), &["-n 5", "-n 10000000"]);
    refuses(
        on_ranks(2, &[], &format!("sample -n 5 --checkpoint {file}")),
        &["go on with --resume"],
    );
    let end = json(on_ranks(3, &[], &format!("sample --resume {file}")));
    assert_eq!((&end["hits"], &end["count"]), (&7_855_825.into(), &10_000_000.into()));
    let text = fs::read_to_string(place.file()).unwrap().replace("7855825", "7855826");
    fs::write(place.file(), text).unwrap();
    refuses(on_ranks(2, &[], &format!("sample --resume {file}")), &["damaged"]);
}

#[test]
fn a_job_whose_folder_vanishes_says_so_and_fails() {
    let place = Place::new();
    let away = tempfile::tempdir().unwrap();
    let job = start(&place, 2, "-n 1e15", "--threads 1");
    let running = ranks(&place);
    fs::rename(place.folder(), away.path().join("moved")).unwrap();
    send(running[1], Signal::TERM);
    let output = job.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("error: stopped by SIGTERM").count(), 1, "{said}");
    assert!(said.contains("nothing that this run has counted could be kept"), "{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert!(answer["count"].as_u64() > Some(0));
    fs::rename(away.path().join("moved"), place.folder()).unwrap();
    assert!(run(sample(&place, 1, "", "-n 1e15 --seed 43")).status.code() == Some(2));
}

/// The commands of bench/LONG_RUNS.md that need a launcher run, and a job goes on without one.
#[test]
fn a_job_goes_on_as_on_the_page() {
    let page = include_str!("../../../LONG_RUNS.md");
    let blocks = page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let commands: String = blocks.filter(|block| block.contains("--checkpoint of-ranks")).collect();
    let folder = tempfile::tempdir().unwrap();
    let launcher = mpiexec(&["\"$@\""]);
    let words: Vec<&str> = launcher.get_args().filter_map(|word| word.to_str()).collect();
    // The words of the launcher that tests need stand before those of the page.
    let functions = format!("pi() {{ $pi \"$@\"; }}; mpiexec() {{ timeout {}; }}", words.join(" "));
    let commands = format!("{functions}\n{commands}");
    let commands = commands.replace("mpiexec -n 2 pi ", "mpiexec -n 2 $pi ");
    let mut shell = Command::new("sh");
    shell.args(["-ec", &commands]).env("pi", pi()).current_dir(folder.path());
    for variable in ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] {
        shell.env(variable, "1");
    }
    let output = run(shell);
    assert!(output.status.success(), "{}", stderr(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.matches("785379393 of 1000000000 samples").count(), 2, "{printed}");
}
