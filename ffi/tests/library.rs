//! Tests what libpi.so contains, and that C programs get what the header promises.

mod building;

use building::{CC, SANITIZERS, built, c_program, checked, outcome, run};
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
    let folder = tempfile::tempdir().unwrap();
    let source = format!("tests/consumer/{name}.c");
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
fn a_fork_after_a_parallel_call_is_safe() {
    consume("fork", CC, built());
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
