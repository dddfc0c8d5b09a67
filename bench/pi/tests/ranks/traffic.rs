//! What MPI does for a rank does not grow with the number of ranks.

use crate::start::{answer, mpicc, mpiexec, pi, unbound};
use libpi::cpus::CpuMask;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The collective operations in which a rank took part, and the bytes that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Traffic {
    collectives: u64,
    bytes: u64,
}

impl Traffic {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let numbers: Vec<u64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
        Self { collectives: numbers[0], bytes: numbers[1] }
    }
}

/// Builds the library that counts, with the compiler of the MPI.
fn counter(folder: &Path) -> PathBuf {
    let library = folder.join("traffic.so");
    let mut compiler = Command::new(mpicc());
    compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
    compiler.arg(&library).args(["traffic.c", "uncounted.c"]);
    compiler.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ranks"));
    assert!(compiler.status().unwrap().success());
    library
}

/// The traffic of each rank of a run of `pi sample` on one CPU, with as many warnings on any number of
/// ranks. The samples are one span for two ranks and more, so the spans do not depend on the time.
fn traffic(ranks: u32, options: &str) -> Vec<Traffic> {
    let folder = tempfile::tempdir().unwrap();
    let cpu = CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let mut command = mpiexec(unbound());
    command.args(["-n", &ranks.to_string(), "taskset", "-c", &cpu, "env"]);
    command.arg(format!("LD_PRELOAD={}", counter(folder.path()).display()));
    command.arg(format!("TRAFFIC={}", folder.path().display())).arg(pi());
    command.args(["sample", "-n", "2^17", "--threads", "1", "--json"]);
    command.args(options.split_whitespace());
    let answer = answer(command);
    assert_eq!((&answer["hits"], &answer["ranks"]), (&103_062.into(), &ranks.into()));
    (0..ranks).map(|rank| Traffic::read(&folder.path().join(rank.to_string()))).collect()
}

/// The texts of warnings and the sums have numbers with more digits on more ranks.
const DIGITS: u64 = 64;

fn does_not_grow(sizes: &[u32]) {
    let all: Vec<Vec<Traffic>> = sizes.iter().map(|&ranks| traffic(ranks, "")).collect();
    for (many, ranks) in all.iter().zip(sizes) {
        for (rank, one) in many.iter().enumerate() {
            // The first rank sends texts that the others receive.
            let few = all[0][rank.min(1)];
            assert_eq!(one.collectives, few.collectives, "{ranks} ranks: {many:?} after {few:?}");
            assert!(one.bytes <= few.bytes + DIGITS, "{ranks} ranks: {many:?} after {few:?}");
        }
    }
    let ends = all.iter().map(|ranks| (ranks.len(), ranks[0], ranks[1]));
    println!("ranks, the first and the second: {:?}", ends.collect::<Vec<_>>());
}

#[test]
fn what_a_rank_does_and_receives_does_not_grow_with_the_number_of_ranks() {
    does_not_grow(&[2, 16]);
}

#[test]
#[ignore = "takes long: make test-all runs it"]
fn what_a_rank_does_and_receives_is_the_same_on_64_ranks() {
    does_not_grow(&[2, 16, 64]);
}

/// Only the first rank receives each rank, and only if the user asks for them.
#[test]
fn a_list_of_ranks_grows_on_the_first_rank_alone() {
    let (plain, listed) = (traffic(8, ""), traffic(8, "--ranks"));
    assert!(listed[0].bytes > plain[0].bytes + 7 * 50, "{listed:?} after {plain:?}");
    for (one, other) in plain.iter().zip(&listed).skip(1) {
        assert!(other.bytes <= one.bytes + DIGITS, "{listed:?} after {plain:?}");
    }
}
