//! `pi report`: the pages, as text and in a browser.

mod browser;
mod files;
mod page;
mod pictures;

use crate::made_up::Session;
use assert_cmd::Command;
use pi_harness::results::{Block, ErrorKind};
use std::fs;
use std::path::{Path, PathBuf};

fn report(results: &[PathBuf], page: &Path) -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    command.arg("report").args(results).arg("-o").arg(page);
    command
}

/// Languages under drivers, an error, and a cell that was skipped.
fn drivers() -> Session {
    Session::new("default", "matrix", 1)
        .cell("philox/rust@x86-64-v4/serial/1x1", 0.5)
        .cell("philox/rust@x86-64-v4/openmp-fortran/1x2", 0.25)
        .cell("philox/c@x86-64-v4/serial/1x1", 0.51)
        .cell("philox/c@x86-64-v4/openmp-fortran/1x2", 0.2501)
        .cell("philox/fortran@x86-64-v4/serial/1x1", 4.0)
        // One process is fast, so that the interval reaches beyond the fastest cell.
        .spoil(|block| block.runs.iter_mut().for_each(|run| run.seconds /= 200.0))
        .with("philox/rust@x86-64-v4/serial/1x1", 0.502, |block| block.twin = true)
        .error(
            "philox/fortran@x86-64-v4/openmp-fortran/1x2",
            ErrorKind::WrongHits,
            "1 hit instead of 2",
        )
        .skipped("philox/c@x86-64-v4/serial/2x1", "no MPI library; install | one <b>of</b> them")
}

/// Strong and weak scaling on these numbers of processors.
fn scaling(processors: &[u32]) -> Session {
    let mut session = Session::new("scale", "scaling", 2).cell("philox/c@x86-64/serial/1x1", 1.1);
    for &p in processors {
        let share = 0.02 + 0.98 / f64::from(p);
        session = session
            .cell(&format!("philox/rust@x86-64/threads/1x{p}"), share)
            .cell(&format!("philox/rust@x86-64/openmp-c/1x{p}"), 1.01 * share)
            .with(&format!("philox/rust@x86-64/threads/1x{p}"), 1.02 / f64::from(p), |block| {
                block.weak = true;
                block.count *= u64::from(p);
            });
    }
    session
}

/// Calls and batches. A call costs 2 ns, or 50 ns if it is checked; a call into Python costs 1499 ns.
fn crossings() -> Session {
    let mut session = Session::new("ffi", "crossing", 3)
        .cell("crossing/c-c/floor/1x1", 1.0)
        .cell("crossing/c-rust/direct/1x1", 3.0)
        .cell("crossing/c-rust/checked/1x1", 51.0)
        .cell("crossing/c-python/ctypes-callback/1x1", 1500.0);
    for exponent in (0..=20).step_by(2) {
        let batch = 1_u64 << exponent;
        let sized = |block: &mut Block| block.batch = Some(batch);
        for (way, cost) in [("direct", 2.0), ("checked", 50.0), ("shared", 3.0)] {
            let time = 0.5 + cost / batch as f64;
            session = session.with(&format!("batch/c-rust/{way}/1x1"), time, sized);
        }
    }
    session
}

/// One result of each kind.
fn all(folder: &Path) -> Vec<PathBuf> {
    vec![
        drivers().write(folder, "default.jsonl"),
        scaling(&[1, 2, 4, 8]).write(folder, "scale.jsonl"),
        crossings().write(folder, "ffi.jsonl"),
    ]
}

fn markdown(session: Session) -> String {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    report(&[session.write(folder.path(), "results.jsonl")], &page).assert().success();
    fs::read_to_string(page).unwrap()
}
