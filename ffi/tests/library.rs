//! What is in libpi.so, and that C programs get what the header promises.

mod building;

use building::{built, c_program, run};
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

/// Compiles consumer/NAME.c with these flags, links it to the shared library, and runs it.
fn consume(name: &str, flags: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("tests/consumer/{name}.c");
    let said = run(&mut c_program(folder.path(), &source, flags));
    assert_eq!(said, "all as the header says\n");
}

#[test]
fn answers_and_errors_in_c() {
    consume("contract", &[]);
}

#[test]
fn answers_and_errors_in_c_under_sanitizers() {
    consume("contract", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
}

#[test]
fn a_fork_after_a_parallel_call_is_safe() {
    consume("fork", &[]);
}
