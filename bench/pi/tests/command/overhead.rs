//! The runner of the suite `overhead`, and what compare and report make of its results.

use crate::fakes::{Place, plain};
use crate::run::pi;
use libpi::Catalog;
use pi_protocol::Answer;
use predicates::prelude::*;
use predicates::str::contains;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn request(generator: &str, kernel: &str, driver: &str, threads: u32, count: u64) -> String {
    format!(
        "generator {generator}\nkernel {kernel}\ndriver {driver}\nthreads {threads}\ncount {count}\n\
         warmup 1\nruns 2\n"
    )
}

fn runner() -> assert_cmd::Command {
    let mut runner = pi();
    runner.current_dir("/").arg("overhead-runner");
    runner
}

/// The answer to a request, whose two runs counted this.
fn counted(request: String, hits: u64) -> Answer {
    let output = runner().write_stdin(request.clone()).assert().success();
    let answer = Answer::parse(&output.get_output().stdout, 2).expect(&request);
    assert!(answer.runs.iter().all(|run| run.hits == hits), "{request}: {answer}");
    answer
}

#[test]
fn every_region_of_every_driver_is_right_and_has_all_threads() {
    for driver in Catalog::here().drivers.iter().filter(|driver| driver.missing().is_none()) {
        let threads = if driver.is_serial() { 1 } else { 3 };
        for kernel in ["warm", "cold"] {
            let request = request("parallel-region", kernel, driver.name(), threads, 3);
            let answer = counted(request, 3);
            assert_eq!(answer.joined()["threads"], threads.to_string(), "{}", driver.name());
        }
    }
}

#[test]
fn a_cold_region_is_timed_without_the_pause_before_it() {
    let answer = counted(request("parallel-region", "cold", "serial", 1, 20), 20);
    // The twenty pauses of 10 ms take 0.2 s.
    let fastest = answer.runs.iter().map(|run| run.seconds).fold(f64::INFINITY, f64::min);
    assert!(fastest < 0.2, "{fastest}");
}

#[test]
fn dealt_and_busy_samples_are_counted_right() {
    for driver in
        ["threads", "threads+dynamic", "threads+busy", "threads+dynamic+busy", "serial+dynamic"]
    {
        let threads = if driver.starts_with("serial") { 1 } else { 2 };
        let request = request("philox", "rust", driver, threads, 1_000_000);
        let answer = counted(format!("{request}batch 100000\n"), 785_987);
        let info = answer.joined();
        assert_eq!(info.contains_key("busy_cpu"), driver.ends_with("+busy"), "{answer}");
        assert_eq!(info["threads"], threads.to_string());
    }
}

#[test]
fn a_program_that_is_started_must_end_well_and_answer_right() {
    counted(request("program-start", "true", "exec", 1, 2), 2);
    counted(request("program-start", "pi", "exec", 1, 2), 2);
    let place = Place::new();
    let launched = |script: &str, kernel: &str| {
        let launcher = place.script("launcher", script);
        let request = request("program-start", kernel, "mpiexec", 2, 1);
        runner().env("MPIEXEC", launcher).write_stdin(request).assert()
    };
    launched("exit 0", "true").success();
    let answer = "echo '{\"hits\": 102866, \"ranks\": 2}'";
    launched(answer, "pi").code(1).stderr(contains("did not count"));
    launched("exit 0", "pi").code(1).stderr(contains("did not count"));
    launched("echo no room >&2; exit 3", "true")
        .code(1)
        .stderr(contains("launcher ended with exit status: 3: no room"));
}

/// The parent of a process. None if the process has ended, even if nobody has yet asked how.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let (state, rest) = rest.split_once(' ')?;
    let is_alive = !["Z", "X"].contains(&state);
    rest.split(' ').next()?.parse().ok().filter(|_| is_alive)
}

/// The processes that a process has started.
fn children(id: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|&other| parent(other) == Some(id)).collect()
}

/// How long a process may take to end on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "not seen: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// A runner that makes calls with a busy CPU until it is ended, and the program that keeps the CPU busy.
fn busy_for_long(place: &Place) -> (Child, u32) {
    let log = fs::File::create(place.path("log")).unwrap();
    let mut runner = plain(&runner());
    let mut child = runner.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let request = request("philox", "rust", "serial+busy", 1, 1000);
    let request = request.replace("runs 2", "runs 1000000000");
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let other = wait_for("the other program", || children(child.id()).first().copied());
    (child, other)
}

#[test]
fn the_busy_program_ends_even_if_its_runner_is_killed() {
    let (mut runner, other) = busy_for_long(&Place::new());
    runner.kill().unwrap();
    runner.wait().unwrap();
    wait_for("the end of the other program", || parent(other).is_none().then_some(()));
}

#[test]
fn a_runner_whose_busy_program_has_ended_fails() {
    let place = Place::new();
    let (mut runner, other) = busy_for_long(&place);
    let other = Pid::from_raw(other.cast_signed()).unwrap();
    kill_process(other, Signal::KILL).unwrap();
    assert_eq!(runner.wait().unwrap().code(), Some(1));
    let said = fs::read_to_string(place.path("log")).unwrap();
    assert!(said.contains("busy has ended: signal: 9"), "{said}");
}

#[test]
fn what_cannot_be_measured_here_is_told_beforehand() {
    let asked =
        |kernel: &str, driver: &str| runner().args(["--can-measure", kernel, driver]).assert();
    for (kernel, driver) in
        [("warm", "serial"), ("rust", "threads+dynamic+busy"), ("true", "exec"), ("pi", "exec")]
    {
        asked(kernel, driver).success().stdout(contains("libpi "));
    }
    asked("warm", "no-driver").code(1).stderr(contains("no-driver"));
    asked("no-kernel", "threads").code(1).stderr(contains("no-kernel"));
    asked("pi", "srun").code(1).stderr(contains("use exec or mpiexec"));
    runner()
        .env("MPIEXEC", "no-such-mpiexec")
        .args(["--can-measure", "true", "mpiexec"])
        .assert()
        .code(1)
        .stderr(contains("no-such-mpiexec is not installed"));
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    for (request, words) in [
        (request("parallel-region", "hot", "threads", 1, 1), "use warm or cold"),
        (request("parallel-region", "warm", "threads+busy", 1, 1), "threads+busy"),
        (request("parallel-region", "warm", "serial", 2, 1), "serial"),
        (request("parallel-region", "warm", "threads", 0, 1), "1 to 1024"),
        (request("program-start", "ls", "exec", 1, 1), "use true or pi"),
        (request("program-start", "true", "ssh", 1, 1), "use exec or mpiexec"),
        (request("program-start", "true", "exec", 2, 1), "exec starts one process"),
        (request("phylox", "rust", "serial", 1, 1), "philox"),
        (request("philox", "rust", "serial+busy+dynamic", 1, 1), "serial+busy"),
        (request("philox", "rust", "serial", 1, 1) + "batch 0\n", "batch 0"),
        (request("philox", "rust", "serial", 1, 1) + "ranks 2\n", "ranks 2"),
        ("generator philox\nkernel rust\ndriver serial\n".to_owned(), "the count"),
        (String::new(), "does not give"),
    ] {
        let refused = runner().write_stdin(request).assert().code(2);
        refused.stderr(contains(words).and(contains("panicked").not()));
    }
}

#[test]
fn a_session_ends_with_an_answer_that_compare_and_report_show() {
    let mut place = Place::new();
    for (generator, kernel, drivers) in [
        ("parallel-region", "warm", "['serial', 'threads', 'rayon']"),
        ("philox", "rust", "['serial', 'serial+dynamic', 'serial+busy', 'serial+dynamic+busy']"),
        ("program-start", "true", "['exec']"),
    ] {
        let expected = if generator == "philox" { "'philox'" } else { "'count'" };
        place.group(
            "overhead",
            &format!(
                "generators = ['{generator}']\nkernels = ['{kernel}']\ndrivers = {drivers}\ncount = 2\n\
                 expected = {expected}"
            ),
        );
    }
    place.bench(&["--processes", "5"]).assert().success();
    let shown = |arguments: &[&str]| {
        let output = pi().current_dir(place.path("")).args(arguments).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let compared = shown(&["compare", "results.jsonl"]);
    for words in [
        "A parallel region of 1 thread costs",
        "a call without threads costs",
        "Any program in",
        "If another program uses one of 1 CPU",
        "On idle CPUs",
    ] {
        assert!(compared.contains(words), "{words}: {compared}");
    }
    let json = shown(&["compare", "results.jsonl", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let overhead = &json["overhead"];
    assert_eq!(overhead["begins"].as_array().unwrap().len(), 4);
    assert_eq!(overhead["begins"][0]["cell"], "parallel-region/warm/serial/1x1");
    assert_eq!(overhead["dealt"][0]["driver"], "serial");
    assert!(overhead["dealt"][0]["dealt_busy"]["value"].as_f64().unwrap() > 0.0);
    shown(&["report", "results.jsonl", "-o", "page.md"]);
    let page = fs::read_to_string(place.path("page.md")).unwrap();
    for words in ["What it costs to begin", "blocks in turn, a busy CPU", "one region"] {
        assert!(page.contains(words), "{words}");
    }
}
