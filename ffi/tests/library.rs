//! Tests what libpi.so contains, and that C programs get what the header promises.

mod building;

use building::{CC, CXX, SANITIZERS, built, c_program, checked, here, outcome, run};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

#[test]
fn exported_symbols_are_those_of_the_list() {
    let listing = run(Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(built().join("libpi.so")));
    let mut exported: Vec<&str> =
        listing.lines().filter_map(|line| line.split(' ').next()).collect();
    exported.sort_unstable();
    assert_eq!(exported, include_str!("../symbols.txt").lines().collect::<Vec<_>>());
}

#[test]
fn the_soname_carries_the_version_of_the_abi() {
    let header = include_str!("../libpi.h");
    let (_, version) = header.split_once("#define LIBPI_ABI_VERSION ").unwrap();
    let version = version.lines().next().unwrap();
    let dynamic = run(Command::new("readelf").arg("-d").arg(built().join("libpi.so")));
    assert!(dynamic.contains(&format!("soname: [libpi.so.{version}]")), "{dynamic}");
    assert!(!dynamic.contains("RPATH") && !dynamic.contains("RUNPATH"), "{dynamic}");
}

#[test]
fn it_needs_one_openmp_runtime_and_no_mpi() {
    let dynamic = run(Command::new("readelf").arg("-d").arg(built().join("libpi.so")));
    let needed: Vec<&str> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0))
        .collect();
    let known = [
        "libgfortran.so",
        "libgomp.so",
        "libomp.so",
        "libgcc_s.so",
        "libm.so",
        "libc.so",
        "ld-linux",
    ];
    for library in &needed {
        assert!(
            known.iter().any(|name| library.starts_with(name)),
            "unexpected {library} in {needed:?}"
        );
    }
    let openmp = needed.iter().filter(|n| n.starts_with("libgomp") || n.starts_with("libomp"));
    assert_eq!(openmp.count(), 1, "{needed:?}");
}

/// What the programs in consumer/ print when all their checks pass.
const AS_EXPECTED: &str = "all as the header says\n";

/// Compiles consumer/NAME.c, links it to the libpi.so of a build, runs it, and checks what it
/// prints.
fn consume(name: &str, compiler: &[&str], built: &Path) {
    consume_file(&format!("{name}.c"), compiler, built);
}

fn consume_file(file: &str, compiler: &[&str], built: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("tests/consumer/{file}");
    assert_eq!(run(&mut c_program(folder.path(), &source, compiler, built)), AS_EXPECTED);
}

#[test]
fn answers_and_errors_in_c() {
    consume("contract", CC, built());
}

#[test]
fn answers_and_errors_in_c_with_sanitizers_also_in_kernels_and_driver() {
    let symbols = run(Command::new("nm").arg("-D").arg(checked().join("libpi.so")));
    assert!(symbols.contains("__asan_report_") && symbols.contains("__ubsan_handle_"), "{symbols}");
    consume("contract", &[CC, &SANITIZERS].concat(), checked());
}

#[test]
fn a_panic_is_a_status_and_a_message() {
    consume("panics", &[CC, &SANITIZERS].concat(), checked());
}

#[test]
fn a_forked_child_can_use_every_driver() {
    consume("fork", CC, built());
}

/// The runtime of libpi.so is that of the program.
#[test]
fn a_forked_child_can_use_every_driver_also_if_the_program_uses_openmp() {
    let dynamic = run(Command::new("readelf").arg("-d").arg(built().join("libpi.so")));
    if dynamic.contains("libgomp") {
        consume("fork", &[CC, &["-fopenmp"]].concat(), built());
    }
}

#[test]
fn kernels_that_can_fail() {
    consume("context", CC, built());
}

#[test]
fn kernels_that_can_fail_with_sanitizers_also_in_the_driver() {
    consume("context", &[CC, &SANITIZERS].concat(), checked());
}

#[test]
fn exceptions_pass_through_the_context() {
    consume_file("exception.cpp", CXX, built());
}

/// Python is there or not, as it happens.
#[test]
fn exceptions_of_a_kernel_in_python_reach_the_caller() {
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    symlink(built().join("libpi.so"), folder.path().join("libpi.so.1")).unwrap();
    let mut python = Command::new("python3");
    python.arg("-B").arg(here().join("tests/consumer/kernels.py"));
    python.env("PYTHONPATH", here().join("examples")).env("LD_LIBRARY_PATH", folder.path());
    assert_eq!(run(&mut python), AS_EXPECTED);
}

#[test]
fn long_calls_report_and_stop() {
    consume("progress", CC, built());
}

#[test]
fn cancellation_waits_for_the_end_of_a_call() {
    consume("cancel", CC, built());
    consume("cancel", &[CC, &["-O2"]].concat(), built());
}

#[test]
fn a_callers_function_that_ends_its_thread_ends_the_process_or_waits_for_python_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let program = |flags: &[&str]| {
        c_program(folder.path(), "tests/consumer/exit.c", &[CC, flags].concat(), built())
    };
    assert_eq!(run(&mut program(&["-pthread"])), AS_EXPECTED);
    assert_eq!(run(program(&["-pthread", "-rdynamic"]).arg("python")), AS_EXPECTED);
}

#[test]
fn threads_that_the_system_refuses_are_an_error() {
    consume("spawn", CC, built());
}

#[test]
fn the_default_number_of_threads_is_read_set_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = c_program(folder.path(), "tests/consumer/threads.c", CC, built());
    for variable in ["OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"] {
        program.env_remove(variable);
    }
    assert_eq!(run(program.env("LIBPI_NUM_THREADS", "3")), AS_EXPECTED);
}

#[test]
#[ignore = "needs clang: see make test-all"]
fn answers_and_errors_by_clang() {
    consume("contract", &[&["clang-19"], &CC[1..], &["-O2"]].concat(), built());
}

#[test]
#[ignore = "needs valgrind: see make test-all"]
fn answers_and_errors_under_valgrind() {
    let folder = tempfile::tempdir().unwrap();
    let program = c_program(folder.path(), "tests/consumer/contract.c", CC, built());
    let output = outcome(
        Command::new("valgrind")
            .args(["--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99"])
            .arg(program.get_program())
            .env_remove("LIBPI_NUM_THREADS"),
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("ERROR SUMMARY: 0 errors"), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), AS_EXPECTED);
}
