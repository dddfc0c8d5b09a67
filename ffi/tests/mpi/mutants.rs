//! Mutants of the library, which the tests must catch.

use crate::launch::{Mpi, sources};
use std::fs;

/// A test program, and the part of it that runs.
type Test = (&'static str, &'static str);

/// Replaces one piece of the library's code and checks that a test program then fails.
#[track_caller]
fn assert_caught(mpi: &Mpi, (program, part): Test, file: &str, code: &str, mutant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = sources();
    let changed = sources.iter_mut().find(|path| path.ends_with(file)).expect("the file");
    let source = fs::read_to_string(&*changed).unwrap();
    assert_eq!(source.matches(code).count(), 1, "{file} must contain this code once: {code}");
    *changed = folder.path().join(file);
    fs::write(&*changed, source.replace(code, mutant)).unwrap();
    let program = mpi.c_program(folder.path(), &sources, program, &[]);
    let output = mpi.outcome(3, &program, part);
    assert!(!output.status.success(), "the tests pass with this mutant: {mutant}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(".c:") || said.contains("instead of"), "{mutant}: {said}");
}

#[test]
fn mutants_of_the_split_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught = |file, code, mutant| assert_caught(&mpi, ("mpi", "product"), file, code, mutant);
    // Two ranks count the same range.
    let hits = "libpi_mpi.c";
    caught(hits, "(uint64_t)ranks.rank, &part_first", "(uint64_t)ranks.rank / 2, &part_first");
    // The end of the range, or of a part, is not counted.
    caught(
        hits,
        "(uint64_t)ranks.size, (uint64_t)ranks.rank, &part_first,",
        "(uint64_t)ranks.size + 1, (uint64_t)ranks.rank, &part_first,",
    );
    caught(hits, "part_first, part_count, threads", "part_first, part_count / 2 * 2, threads");
    // The total is the largest count and not the sum.
    let ranks = "ranks.c";
    caught(ranks, "MPI_UINT64_T, MPI_SUM", "MPI_UINT64_T, MPI_MAX");
    // Only rank 0 gets the total, or only its count is added.
    caught(
        ranks,
        "MPI_UINT64_T, MPI_SUM, ranks->comm);",
        "MPI_UINT64_T, MPI_SUM, ranks->comm); if (ranks->rank > 0) *total = part;",
    );
    caught(hits, "status, part, &total", "status, ranks.rank == 0 ? part : 0, &total");
}

#[test]
fn mutants_of_the_errors_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught = |file, code, mutant| assert_caught(&mpi, ("mpi", "contract"), file, code, mutant);
    // The message of a failed rank, or its failure, does not reach the other ranks.
    let ranks = "ranks.c";
    caught(
        ranks,
        "    TRY(MPI_Bcast, last_error, sizeof last_error, MPI_CHAR, failed, ranks->comm);\n",
        "",
    );
    caught(ranks, "MPI_INT, MPI_MIN", "MPI_INT, MPI_MAX");
    // The ranks disagree about count, and no rank checks it.
    caught(ranks, "i < LENGTH(given) &&", "i < 3 &&");
    // A success keeps the message of an earlier error.
    caught(ranks, "    last_error[0] = '\\0';\n", "");
    // hits is written although another rank may still fail.
    caught("libpi_mpi.c", "hits == NULL ? NULL : &part", "hits");
}

#[test]
fn mutants_of_own_kernels_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught = |file, code, mutant| assert_caught(&mpi, ("mpi_kernels", ""), file, code, mutant);
    // The kernel's error number does not reach the other ranks, or stays after a success.
    caught("ranks.c", "MPI_Bcast, numbers, 2,", "MPI_Bcast, numbers, 1,");
    caught("ranks.c", "'\\0';\n    last_kernel_error = 0;", "'\\0';");
    // A part ends inside a block, or the blocks that are left over are not counted.
    caught("drive.c", "before + mine == blocks ? last", "before + mine == blocks ? last - 1");
    caught("drive.c", "each + (rank < over ? 1 : 0)", "each");
    // Nobody compares the blocks.
    caught("ranks.c", "i < LENGTH(given) &&", "i < 4 &&");
}

#[test]
fn mutants_of_progress_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught =
        |code, mutant| assert_caught(&mpi, ("mpi_progress", ""), "progress.c", code, mutant);
    // Spans end inside of blocks.
    caught("state->length - (from + state->length) % BLOCK", "state->length - 1");
    // Only rank 0 can stop the count, or the last rank that wants to is named.
    caught("goes_on ? 0 :", "goes_on || ranks->rank > 0 ? 0 :");
    caught("goes_on ? 0 : ranks->size - ranks->rank", "goes_on ? 0 : ranks->rank + 1");
    // The hits of the last span are left out.
    caught("state->hits += total;", "state->hits += state->done + span < job->count ? total : 0;");
}
