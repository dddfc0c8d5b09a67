//! The placement of ranks and threads on CPUs.

use crate::start::{answer, json, on_ranks, on_two, pi, refuses, run, stderr, unbound};
use libpi::cpus::{CpuCount, CpuMask};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// The masks of the workers, rank by rank.
fn workers(answer: &Value) -> Vec<Vec<String>> {
    let ranks = answer["workers"].as_array().unwrap().iter();
    let masks = ranks.map(|rank| rank["threads"].as_array().unwrap().iter());
    masks.map(|masks| masks.map(|mask| mask.as_str().unwrap().to_owned()).collect()).collect()
}

/// The first CPUs of the first two cores. Returns nothing if there are fewer than two usable CPUs, because
/// then there is nothing to place.
fn two_cpus() -> Option<[String; 2]> {
    let mask = CpuMask::of_this_thread();
    let first_of_core = |cpu: &usize| {
        let siblings = siblings(*cpu);
        siblings.split([',', '-']).next().is_none_or(|first| first == cpu.to_string())
    };
    let mut cpus = mask.cpus().filter(first_of_core).map(|cpu| cpu.to_string());
    let usable = CpuCount::of_this_process().usable;
    Some([cpus.next()?, cpus.next()?]).filter(|_| usable >= 2)
}

/// The CPUs that share a core with this one, as Linux lists them.
fn siblings(cpu: usize) -> String {
    let file = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    fs::read_to_string(file).unwrap_or_else(|_| cpu.to_string()).trim().to_owned()
}

/// Whether a launcher that binds a rank to a core binds it to one CPU. That holds if cores have one CPU, and
/// if these tests are not bound themselves.
fn binds_to_one_cpu() -> bool {
    let own = CpuMask::of_this_thread();
    (0..8192).collect::<CpuMask>().apply_to_this_thread().unwrap();
    let all = CpuMask::of_this_thread();
    own.apply_to_this_thread().unwrap();
    own == all && own.cpus().all(|cpu| siblings(cpu) == cpu.to_string())
}

/// The flags with which both launchers bind each rank to a core.
const BOUND: [&str; 2] = ["--bind-to", "core"];

const DRIVERS: [&str; 4] = ["threads", "rayon", "openmp-c", "openmp-fortran"];

#[test]
fn ranks_get_cpus_of_their_own() {
    let Some([a, b]) = two_cpus() else { return };
    for (flags, places) in [(unbound(), None), (unbound(), Some("cores")), (&[][..], None)] {
        for driver in DRIVERS {
            let arguments = format!("sample --ranks -n 1e7 --threads 1 --driver {driver}");
            let mut command = on_ranks(2, flags, &arguments);
            command.envs(places.map(|places| ("OMP_PLACES", places)));
            let answer = json(command);
            assert_eq!(workers(&answer), [[a.as_str()], [&b]], "{driver} {flags:?} {places:?}");
            assert_eq!(answer["shared_cpus"], false);
        }
    }
}

#[test]
fn threads_of_a_rank_get_cpus_of_their_own() {
    let Some([a, b]) = two_cpus() else { return };
    for places in [None, Some("cores")] {
        for driver in DRIVERS {
            let arguments =
                format!("sample --ranks -n 1e7 --threads 2 --driver {driver} --pin cores");
            let mut command = on_ranks(1, unbound(), &arguments);
            command.envs(places.map(|places| ("OMP_PLACES", places)));
            let mut masks = workers(&json(command)).concat();
            masks.sort();
            // One rayon thread may have taken both parts.
            masks.dedup();
            let expected = [a.clone(), b.clone()];
            assert!(masks == expected || driver == "rayon" && expected.contains(&masks[0]));
        }
    }
}

#[test]
fn a_list_says_where_workers_run() {
    let Some([a, b]) = two_cpus() else { return };
    let pin = format!("sample --ranks -n 1e7 --threads 1 --pin {b},{a}");
    assert_eq!(workers(&json(on_ranks(2, unbound(), &pin))), [[b.as_str()], [&a]]);
    let all = CpuMask::of_this_thread().to_string();
    let none = json(on_ranks(2, unbound(), "sample --ranks -n 1e7 --threads 1 --pin none"));
    assert_eq!(workers(&none), [[all.as_str()], [&all]]);
    assert_eq!(none["shared_cpus"], false);
}

#[test]
fn a_launcher_that_binds_too_narrowly_is_reported() {
    let Some([a, b]) = two_cpus().filter(|_| binds_to_one_cpu()) else { return };
    let arguments = "sample --ranks -n 1e7 --threads 2 --driver openmp-c";
    for ranks in [1, 2] {
        let answer = json(on_ranks(ranks, &BOUND, arguments));
        assert_eq!(answer["shared_cpus"], true);
        assert_eq!(answer["oversubscribed"], true);
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains("--bind-to none"), "{answer}");
        assert!(!warnings.contains("--threads"), "{answer}");
        assert_eq!(answer["hits"], 7_855_825);
    }
    // Without --threads the bound rank has enough CPUs for its threads, but not all CPUs of the node.
    let all = CpuMask::of_this_thread();
    for (flags, is_noted) in [(&BOUND[..], true), (unbound(), false)] {
        let answer = json(on_ranks(1, flags, "sample --ranks -n 1e8"));
        let note = format!("of the CPUs {all} of a node");
        assert_eq!(answer["warnings"].to_string().contains(&note), is_noted, "{answer}");
    }
    // A list is checked against each rank's own CPU.
    let list = |list: String| format!("sample --ranks -n 1e7 --threads 1 --pin {list}");
    let answer = json(on_ranks(2, &BOUND, &list(format!("{a},{b}"))));
    assert_eq!(workers(&answer), [[a.as_str()], [&b]]);
    let words = ["rank 0", &format!("CPU {b}"), "--bind-to none"];
    refuses(on_ranks(2, &BOUND, &list(format!("{b},{a}"))), &words);
}

#[test]
fn unequal_masks_are_kept() {
    let Some([a, b]) = two_cpus() else { return };
    let both = format!("{a},{b}");
    let (narrow, wide) = (["taskset", "-c", &b], ["taskset", "-c", &both]);
    for pin in ["auto", "cores"] {
        let arguments = format!("sample --ranks -n 1e7 --threads 1 --pin {pin}");
        let one = answer(on_two(unbound(), [&narrow, &wide], &arguments));
        assert_eq!(workers(&one), [[b.as_str()], [&a]]);
        let other = answer(on_two(unbound(), [&wide, &narrow], &arguments));
        assert_eq!(workers(&other), [[a.as_str()], [&b]]);
    }
    let narrow = [&narrow[..], &narrow[..]];
    let pinned = on_two(unbound(), narrow, "sample --ranks -n 1e7 --threads 1 --pin cores");
    refuses(pinned, &["1 CPU for 2 workers"]);
}

#[test]
fn a_tasks_number_of_cpus_is_its_own() {
    if two_cpus().is_none() {
        return;
    }
    let mut command = on_ranks(2, unbound(), "sample --ranks -n 1e8 --threads 1");
    command.env("SLURM_CPUS_PER_TASK", "1");
    assert_eq!(json(command)["oversubscribed"], false);
}

#[test]
fn a_runtime_that_starts_too_few_threads_is_reported_with_its_rank() {
    let limit = ["env", "OMP_THREAD_LIMIT=1"];
    let arguments = "sample --ranks -n 1e7 --threads 2 --driver openmp-c";
    let warnings = answer(on_two(&[], [&[], &limit], arguments))["warnings"].to_string();
    assert!(warnings.contains("rank 1: only 1 of 2 threads ran"), "{warnings}");
}

/// Without a launcher, pi does not widen the mask.
#[test]
fn threads_on_one_cpu_are_reported_without_ranks() {
    let cpu = CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let mut command = Command::new("taskset");
    command.args(["-c", &cpu]).arg(pi());
    command.args(["sample", "-n", "1e7", "--threads", "2", "--driver", "openmp-c"]);
    let answer = json(command);
    assert_eq!(answer["shared_cpus"], true);
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("taskset") && !warnings.contains("--bind-to"), "{warnings}");
}

#[test]
fn a_mask_that_was_set_is_kept() {
    let cpu = CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let mut command = Command::new("taskset");
    command.args(["-c", &cpu]);
    let inner = on_ranks(2, unbound(), "sample --ranks -n 1e7 --json");
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    let output = run(command);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("an answer");
    assert_eq!(workers(&answer), [[cpu.as_str()], [&cpu]]);
    for mark in ["oversubscribed", "shared_cpus"] {
        assert_eq!(answer[mark], true, "{mark}");
    }
    assert_eq!(answer["threads"], 1);
}

/// Threads that MPI starts for itself do not count.
#[test]
fn a_runner_names_the_cpus_of_its_workers() {
    let Some(cpus) = two_cpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request");
    fs::write(&request, "count 1000000\nthreads 1\n\n").unwrap();
    let mut command = on_ranks(2, unbound(), "runner");
    command.stdin(fs::File::open(request).unwrap());
    let output = run(command);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let masks: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("info mask ")).collect();
    assert_eq!(masks, cpus, "{text}{}", stderr(&output));
}
