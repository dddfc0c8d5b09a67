//! Tests of how the answer of a process is judged.

use super::*;
use crate::results::ContextSwitches;
use std::process::ExitStatus;

/// The error, if there is one, of a runner that was asked for these workers on CPUs 0 and 1.
fn judged(
    workers: (u32, u32, u64),
    judge: impl Fn(&Exchange) -> Result<(), BlockError>,
) -> Option<(ErrorKind, String)> {
    judged_on(&[0, 1], workers, judge).err()
}

/// The same on other CPUs, or what came of it.
fn judged_on<T>(
    cpus: &[usize],
    (ranks, threads, count): (u32, u32, u64),
    judge: impl Fn(&Exchange) -> Result<T, BlockError>,
) -> Result<T, (ErrorKind, String)> {
    let text = || String::new();
    let request = Request {
        generator: text(),
        seed: 42,
        first: 0,
        count,
        kernel: text(),
        driver: text(),
        ranks,
        threads,
        warmup: 0,
        runs: 1,
        more: Vec::new(),
    };
    let cpus = cpus.iter().copied().collect();
    let exchange = Exchange {
        command: &[],
        input: "",
        request: &request,
        hits: Hits::Exactly(785),
        cpus: Some(&cpus),
        timeout: Duration::ZERO,
        interrupted: &AtomicBool::new(false),
    };
    judge(&exchange).map_err(|error| (error.kind, error.message))
}

/// How a process ended that printed this and took a second.
fn outcome(ending: Ending, stdout: &str) -> Outcome {
    Outcome {
        ending,
        stdout: stdout.into(),
        stderr: "a reason".to_owned(),
        seconds: 1.0,
        was_paused: false,
        cpu_seconds: 1.0,
        context_switches: ContextSwitches::default(),
        foreign_cpu_share: None,
    }
}

#[test]
fn an_answer_is_held_against_the_clock_and_the_count() {
    let said = |runs: &str| {
        let ended =
            outcome(Ending::Exited(ExitStatus::from_raw(0)), &format!("version 1\n{runs}\n"));
        judged_on(&[0], (1, 1, 1000), |m| m.judge(&ended)).map(|answer| answer.runs[0].hits)
    };
    assert_eq!(said("run 0.5 785"), Ok(785));
    assert_eq!(said("run 1 785"), Ok(785), "it did nothing else");
    for (runs, kind, words) in [
        ("run 1.5 785", ErrorKind::Protocol, "the runs took 1.500000 s, but"),
        ("run 0.5 786", ErrorKind::WrongHits, "run 1 counted 786 hits instead of 785"),
        ("info ranks 2\nrun 0.5 785", ErrorKind::Protocol, "counted with 2"),
        ("info threads 2\nrun 0.5 785", ErrorKind::Protocol, "worked with 2"),
        ("info mask 7\nrun 0.5 785", ErrorKind::Placement, "CPUs 7"),
        ("", ErrorKind::Protocol, "1 run"),
    ] {
        let (found, message) = said(runs).unwrap_err();
        assert!(found == kind && message.contains(words), "{message}");
    }
}

#[test]
fn how_a_process_ended_is_told() {
    let judge = |ending, stdout: &str| {
        let judged = judge_ending(&outcome(ending, stdout), Duration::from_secs(3));
        judged.map_err(|error| (error.kind, error.message))
    };
    let exited = |status| Ending::Exited(ExitStatus::from_raw(status));
    let error = |kind, message: &str| Err((kind, message.to_owned()));
    assert_eq!(judge(exited(0), &"x".repeat(LONGEST_OUTPUT - 1)), Ok(()));
    let endless = judge(exited(0), &"x".repeat(LONGEST_OUTPUT));
    assert_eq!(endless.unwrap_err().0, ErrorKind::Noise);
    assert_eq!(judge(exited(3 << 8), ""), error(ErrorKind::Crash, "exit code 3: a reason"));
    assert_eq!(judge(exited(9), ""), error(ErrorKind::Crash, "killed by signal 9: a reason"));
    let late = "it did not end within 3 s and was killed";
    assert_eq!(judge(Ending::TimedOut, ""), error(ErrorKind::Timeout, late));
}

#[test]
fn a_runner_is_started_and_nothing_is_told_of_one_that_was_interrupted() {
    let run = |command: &[&str], is_interrupted| {
        let command: Vec<OsString> = command.iter().map(OsString::from).collect();
        let interrupted = AtomicBool::new(is_interrupted);
        let timeout = Duration::from_secs(60);
        let measured = judged_on(&[0], (1, 1, 1000), |m| {
            let cpus = None;
            let m = Exchange { command: &command, cpus, timeout, interrupted: &interrupted, ..*m };
            Ok(m.run().map_err(|_| "it is not pinned").unwrap())
        });
        measured.unwrap().map(|(outcome, answer)| (outcome.is_some(), answer))
    };
    let answers = "cat >/dev/null; sleep 0.01; echo version 1; echo run 0.001 785";
    let (has_run, answer) = run(&["sh", "-c", answers], false).unwrap();
    assert!(has_run && answer.unwrap().runs[0].hits == 785);
    assert!(run(&["sleep", "1000"], true).is_none());
    let (has_run, error) = run(&["/no/such/program"], false).unwrap();
    assert!(!has_run && error.unwrap_err().kind == ErrorKind::Launch);
}

#[test]
fn ranks_are_compared_with_the_request() {
    let said = |ranks, said| judged((ranks, 1, BLOCK), |m| m.judge_ranks(said));
    for (ranks, told) in [(1, None), (1, Some("1")), (3, Some("3"))] {
        assert_eq!(said(ranks, told), None, "{ranks} {told:?}");
    }
    for (ranks, told, words) in [
        (2, None, "2 ranks were requested, but there is no line `info ranks 2`"),
        (2, Some("1"), "the request was for 2 ranks, but it counted with 1"),
        (1, Some("2"), "the request was for 1 rank, but it counted with 2"),
        (2, Some("1; 1"), "but it counted with 1; 1"),
    ] {
        let (kind, message) = said(ranks, told).expect(words);
        assert_eq!(kind, ErrorKind::Protocol);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn threads_are_compared_with_the_request() {
    const MANY: u64 = 1 << 30;
    let said = |asked, said| judged(asked, |m| m.judge_threads(said));
    for (asked, threads) in [
        ((1, 1, MANY), None),
        ((1, 1, MANY), Some("1")),
        ((1, 7, MANY), Some("7")),
        ((3, 2, MANY), Some("2")),
        // Threads cannot share a block.
        ((1, 7, BLOCK), Some("1")),
        ((1, 7, BLOCK), Some("7")),
        ((1, 7, 5 * BLOCK), Some("5")),
        ((2, 7, 5 * BLOCK), Some("2")),
        ((2, 7, BLOCK), Some("0")),
        ((1, 1, 0), Some("0")),
    ] {
        assert_eq!(said(asked, threads), None, "{asked:?} {threads:?}");
    }
    for (asked, threads, words) in [
        ((1, 2, MANY), None, "no line `info threads 2`"),
        ((2, 1, MANY), None, "no line `info threads 1`"),
        ((1, 2, MANY), Some("1"), "worked with 1"),
        ((1, 2, MANY), Some("3"), "worked with 3"),
        ((1, 1, MANY), Some("2"), "worked with 2"),
        ((1, 1, MANY), Some("0"), "worked with 0"),
        ((1, 1, 1), Some("0"), "worked with 0"),
        ((1, 2, MANY), Some("2; 2"), "worked with 2; 2"),
        ((1, 7, 5 * BLOCK), Some("4"), "worked with 4"),
    ] {
        let (kind, message) = said(asked, threads).expect(words);
        assert_eq!(kind, ErrorKind::Protocol);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn regions_and_starts_need_all_threads_however_few_there_are() {
    for (generator, least) in [("parallel-region", 7), ("program-start", 7), ("philox", 1)] {
        let said = |threads: u32| {
            judged((1, 7, 3), |m| {
                let request = Request { generator: generator.to_owned(), ..m.request.clone() };
                let exchange = Exchange { request: &request, ..*m };
                exchange.judge_threads(Some(&threads.to_string()))
            })
        };
        assert_eq!(said(7), None, "{generator}");
        assert_eq!(said(least - 1).map(|(kind, _)| kind), Some(ErrorKind::Protocol), "{generator}");
    }
}

#[test]
fn cpus_are_compared_with_those_that_were_given() {
    let said = |(ranks, threads), lines: &str| {
        let text = format!("version 1\n{lines}\nrun 1 1\n");
        let answer = Answer::parse(text.as_bytes(), 1).unwrap();
        judged((ranks, threads, 1 << 30), |m| m.judge_cpus(&answer.joined()))
    };
    for (asked, lines) in [
        ((1, 2), ""),
        ((1, 2), "info worker_cpus 0 1"),
        ((1, 2), "info worker_cpus 0-1 0-1"),
        ((1, 2), "info worker_cpus 0-1 0"),
        ((2, 1), "info worker_cpus 0\ninfo worker_cpus 0"),
        // A launcher places its ranks.
        ((2, 1), "info worker_cpus 4 5"),
        ((2, 1), "info mask 4"),
        // There are too few CPUs.
        ((1, 3), "info worker_cpus 0 0 0"),
        ((1, 3), "info worker_cpus 0 1 2"),
        ((1, 3), "info mask 0"),
        ((1, 2), "info mask 0\ninfo mask 1"),
        // There was work for only one thread.
        ((1, 2), "info threads 1\ninfo worker_cpus 0"),
        ((1, 2), "info threads 1\ninfo mask 0"),
    ] {
        assert_eq!(said(asked, lines), None, "{asked:?} {lines}");
    }
    // Of which rank and node a mask is, is not known.
    let masks = BTreeMap::from([("mask".to_owned(), "0; 0".to_owned())]);
    assert!(judged_on(&[0, 1, 2, 3], (2, 2, 1 << 30), |m| m.judge_cpus(&masks)).is_ok());
    use ErrorKind::{Placement, Protocol};
    for (asked, lines, kind, words) in [
        ((1, 2), "info worker_cpus 0 0", Placement, "2 workers had to share CPU 0,"),
        ((1, 2), "info mask 0", Placement, "2 workers had to share CPU 0,"),
        ((2, 1), "info worker_cpus 1 1", Placement, "2 workers"),
        ((1, 2), "info worker_cpus 1 2", Placement, "given only CPUs 0-1"),
        ((1, 1), "info worker_cpus 0-2", Placement, "CPUs 0-2"),
        ((1, 1), "info mask 0-2", Placement, "CPUs 0-2"),
        ((1, 2), "info worker_cpus 0 1 0", Protocol, "of 3 workers, not of 2 workers"),
        ((1, 2), "info worker_cpus 0", Protocol, "of 1 worker, not of 2 workers"),
        ((2, 2), "info threads 2\ninfo worker_cpus 0 1 0", Protocol, "of 3 workers, not of 4"),
        ((1, 2), "info worker_cpus 0 x", Protocol, "worker_cpus x: it must be a list of CPUs"),
        ((1, 2), "info worker_cpus 0 0-", Protocol, "such as 0-3,8"),
        ((1, 2), "info mask 0x3", Protocol, "mask 0x3: "),
    ] {
        let (found, message) = said(asked, lines).expect(lines);
        assert_eq!(found, kind, "{message}");
        assert!(message.contains(words), "{message}");
    }
}
