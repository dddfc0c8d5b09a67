//! Answers and errors, in C and in Fortran.

use crate::building::run;
use crate::launch::Mpi;
use std::env;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

const IN_C: &str = "all as the header says\n";
const IN_FORTRAN: &str = "all as the module says\n";

const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// Whether any process runs this program.
fn is_running(program: &Path) -> bool {
    let processes = fs::read_dir("/proc").unwrap();
    processes.flatten().any(|entry| {
        fs::read_link(entry.path().join("exe")).is_ok_and(|running| running == program)
    })
}

/// Checks that all processes of a job end within ten seconds.
#[track_caller]
fn assert_all_ended(program: &Path) {
    let program = fs::canonicalize(program).unwrap();
    for _ in 0..100 {
        if !is_running(&program) {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{program:?} still runs after its job ended");
}

#[test]
fn answers_and_errors_in_c_on_one_to_four_ranks() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_consumer(folder.path(), "mpi", &[]);
    for ranks in 1..=4 {
        assert_eq!(mpi.run(ranks, &program, "contract"), IN_C);
    }
}

#[test]
fn answers_and_errors_in_c_under_sanitizers() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_consumer(folder.path(), "mpi", &SANITIZERS);
    assert_eq!(mpi.run(2, &program, "contract"), IN_C);
}

#[test]
fn known_counts_for_ranks_threads_drivers_and_kernels() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_consumer(folder.path(), "mpi", &["-O2"]);
    for ranks in 1..=4 {
        assert_eq!(mpi.run(ranks, &program, "product"), IN_C);
    }
}

#[test]
fn a_failure_on_one_rank_reaches_all_ranks_before_the_work_if_possible() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_consumer(folder.path(), "mpi", &[]);
    for ranks in [1, 3] {
        assert_eq!(mpi.run(ranks, &program, "failure-before-work"), IN_C);
        assert_eq!(mpi.run(ranks, &program, "failure-at-work"), IN_C);
    }
}

#[test]
fn own_kernels_and_progress_in_c_on_one_to_three_ranks() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["mpi_kernels", "mpi_progress"] {
        let program = mpi.c_consumer(folder.path(), name, &[]);
        for ranks in 1..=3 {
            assert_eq!(mpi.run(ranks, &program, ""), IN_C);
        }
        let program = mpi.c_consumer(folder.path(), name, &SANITIZERS);
        assert_eq!(mpi.run(2, &program, ""), IN_C);
    }
}

#[test]
fn own_kernels_and_progress_in_fortran_on_one_to_three_ranks() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.fortran_consumer(folder.path(), "mpi_kernels", &["-fcheck=all"]);
    for ranks in 1..=3 {
        assert_eq!(mpi.run(ranks, &program, ""), IN_FORTRAN);
    }
}

#[test]
fn answers_and_errors_in_fortran_with_default_kinds_of_64_bits() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wide = ["-fdefault-integer-8", "-fdefault-real-8"];
    let program = mpi.fortran_consumer(folder.path(), "mpi_kernels", &wide);
    assert_eq!(mpi.run(2, &program, ""), IN_FORTRAN);
}

#[test]
fn a_rank_that_dies_ends_the_job_and_leaves_no_process() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_consumer(folder.path(), "mpi", &[]);
    assert!(is_running(&env::current_exe().unwrap()), "/proc shows no processes");
    let output = mpi.outcome(3, &program, "death");
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap();
    // `timeout` exits with 124 if it had to end the job.
    assert!(![0, 124].contains(&code), "{code}: {said}");
    assert_all_ended(&program);
}

#[test]
fn answers_and_errors_in_fortran() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.fortran_consumer(folder.path(), "mpi", &["-fcheck=all"]);
    for ranks in [1, 2, 3] {
        assert_eq!(mpi.run(ranks, &program, "contract"), IN_FORTRAN);
    }
    // If no rank passes stat, an error stops all ranks with libpi's message.
    let output = mpi.outcome(2, &program, "stop");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ERROR STOP on rank 0 of 2: seed 2 does not suit"), "{said}");
    assert!(!said.contains("check failed"), "{said}");
    assert_all_ended(&program);
}

#[test]
fn programs_in_c_and_fortran_count_together_in_one_job() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let in_c = mpi.c_consumer(folder.path(), "mpi", &[]);
    let in_fortran = mpi.fortran_consumer(folder.path(), "mpi", &["-fcheck=all"]);
    for (first, second, said) in [(&in_c, &in_fortran, IN_C), (&in_fortran, &in_c, IN_FORTRAN)] {
        let mut job = mpi.launcher();
        job.args(["-n", "1"]).arg(first).arg("together");
        job.args([":", "-n", "2"]).arg(second).arg("together");
        assert_eq!(run(&mut job), said);
    }
}
