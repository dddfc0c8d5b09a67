//! The counts are the same on any number of ranks, and the ranks share the work as they should.

use crate::start::{json, on_ranks, on_ranks_with, preloaded, run, stderr};
use libpi::known::COUNTS;
use libpi::{Generator, Level};
use serde_json::Value;

/// The plain kernels of each language at the highest level that this CPU has.
fn best_kernels() -> String {
    let level = Level::ALL.iter().rfind(|level| level.missing().is_none()).unwrap();
    ["rust", "c", "fortran"].map(|language| format!("[npx]*/{language}@{level}")).join(" ")
}

#[test]
fn every_kernel_and_driver_counts_right_on_any_number_of_ranks_and_threads() {
    for ranks in 1..=4 {
        for threads in 1..=3 {
            let arguments = format!("verify {} --threads {threads}", best_kernels());
            let report = json(on_ranks(ranks, &[], &arguments));
            assert_eq!(report["ok"], true, "{ranks}x{threads}: {report}");
            let cells = report["cells"].as_array().unwrap();
            assert_eq!(cells.len(), 3 * 3 * 5);
            let suffix = format!("/{ranks}x{threads}");
            assert!(cells.iter().any(|cell| cell["cell"].as_str().unwrap().ends_with(&suffix)));
        }
    }
}

/// This holds with fewer blocks than ranks, and at the ends of the range too.
#[test]
fn samples_are_dealt_to_ranks_once_each() {
    let known = COUNTS.iter().filter(|known| known.count < 1_100_000);
    for known in known.filter(|known| known.generator != Generator::Xoshiro) {
        let arguments = format!(
            "sample -n {} --seed {} --first {} --generator {}",
            known.count, known.seed, known.first, known.generator
        );
        let answer = json(on_ranks(3, &[], &arguments));
        assert_eq!(answer["hits"].as_u64(), Some(known.hits), "{known:?}");
        assert_eq!(answer["ranks"], 3);
        assert_eq!(answer["groups"][0]["ranks"], 3);
        assert!(answer.get("workers").is_none());
    }
}

#[test]
fn a_rank_without_samples_says_so() {
    let output = run(on_ranks(2, &[], "sample -n 1 --ranks"));
    let text = String::from_utf8_lossy(&output.stdout);
    let is_idle = |line: &&str| line.starts_with("  rank ") && line.ends_with(", no samples");
    assert_eq!(text.lines().filter(is_idle).count(), 1, "{text}");
}

#[test]
fn kernels_are_dealt_to_ranks_in_turn() {
    for driver in ["serial", "rayon", "openmp-c", "openmp-fortran"] {
        let arguments =
            format!("sample -n 1e7 --kernel rust,c,fortran@x86-64 --driver {driver} --ranks");
        let arguments = arguments.replace("x86-64", Level::ALL[0].name());
        let answer = json(on_ranks(4, &[], &arguments));
        assert_eq!(answer["hits"], 7_855_825, "{driver}");
        assert_eq!(answer["kernel"], "rust+c+fortran");
        let kernels: Vec<&str> = answer["workers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rank| rank["kernel"].as_str().unwrap().split('@').next().unwrap())
            .collect();
        assert_eq!(kernels, ["rust", "c", "fortran", "rust"]);
        let groups = answer["groups"].as_array().unwrap().iter();
        let groups: Vec<(u64, u64)> = groups
            .map(|group| ["first_rank", "ranks"].map(|key| group[key].as_u64().unwrap()).into())
            .collect();
        assert_eq!(groups, [(0, 2), (1, 1), (2, 1)], "{answer}");
    }
    let mut command = on_ranks(2, &[], "sample -n 1e7 --kernel");
    command.arg("rust, c, fortran");
    let answer = json(command);
    assert_eq!(answer["kernel"], "rust+c");
    assert!(answer["warnings"].to_string().contains("no rank counts with fortran"), "{answer}");
}

#[test]
fn times_are_those_of_all_ranks() {
    let answer = json(on_ranks(2, &[], "sample -n 1e8 --threads 1"));
    let compute = &answer["phases"]["compute"];
    let seconds = |value: &Value| value.as_f64().unwrap();
    assert_eq!(answer["seconds"], compute["max"]);
    assert!(seconds(&compute["min"]) <= seconds(&compute["mean"]));
    assert!(seconds(&compute["mean"]) <= seconds(&compute["max"]));
    assert!(seconds(&answer["phases"]["startup"]) > 0.0);
    assert!(seconds(&answer["phases"]["reduce"]) >= 0.0);
    assert!(seconds(&answer["imbalance"]) >= 0.0);
}

/// An MPI that returns wrong values must be noticed.
#[test]
fn a_wrong_split_or_sum_is_caught() {
    // The sum of the hits is 64-bit and has one number.
    for source in [
        "int MPI_Comm_rank(void *of, int *rank) { *rank = 0; return 0; }",
        "#include <mpi.h>\n\
         int MPI_Allreduce(const void *mine, void *all, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {\n\
             int status = PMPI_Allreduce(mine, all, n, type, op, comm);\n\
             if (op == MPI_SUM && n == 1 && *(unsigned long *)all > 1000000) ++*(unsigned long *)all;\n\
             return status;\n\
         }",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let preload = preloaded(folder.path(), source);
        let cell = format!("verify philox/c@{}/serial", Level::ALL[0]);
        let output = run(on_ranks_with(&preload, 2, &cell));
        assert_eq!(output.status.code(), Some(1), "{source}: {}", stderr(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("WRONG"), "{source}");
    }
}
