//! What is in libpi.so, and that C programs get what the header promises.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder with libpi.so and libpi.a: cargo builds no library of this kind for tests unasked.
fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let messages = run(Command::new(env!("CARGO")).args([
            "build",
            "--package",
            "libpi-ffi",
            "--message-format",
            "json",
        ]));
        let start = messages.find("libpi.so\"").expect("cargo names the shared library");
        let path = &messages[..start];
        let path = &path[path.rfind('"').expect("a quoted path") + 1..];
        PathBuf::from(path)
    })
}

/// What a command prints; a failure is the test's.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

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
    let program = folder.path().join(name);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The name that the SONAME asks for is made by the installation; here by a link.
    let library = built().join("libpi.so");
    std::os::unix::fs::symlink(&library, folder.path().join("libpi.so.1")).unwrap();
    run(Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(here)
        .arg(here.join("tests/consumer").join(name).with_extension("c"))
        .arg("-o")
        .arg(&program)
        .arg(&library)
        .arg(format!("-Wl,-rpath,{}", folder.path().display())));
    let said = run(Command::new(&program).env_remove("LIBPI_NUM_THREADS"));
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
