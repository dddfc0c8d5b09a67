//! Tests that Fortran programs get what libpi.f90 promises, and that the examples print what they
//! should.

mod building;

use building::{CC, SANITIZERS, built, c_program, checked, here, link_to, outcome, run};
use std::path::Path;
use std::process::Command;

/// gfortran, with warnings as errors.
const GFORTRAN: &[&str] =
    &["gfortran", "-std=f2018", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];
/// LLVM's Fortran compiler. It has no -Wall.
const FLANG: &[&str] = &["flang-new-19", "-std=f2018", "-pedantic", "-Werror"];

/// Compiles libpi.f90 and a Fortran program, and links them to the libpi.so of a build.
fn fortran_program(folder: &Path, source: &str, compiler: &[&str], built: &Path) -> Command {
    let source = here().join(source);
    let name = source.file_stem().unwrap().to_str().unwrap();
    let mut command = Command::new(compiler[0]);
    command.current_dir(folder).args(&compiler[1..]);
    command.arg(here().join("libpi.f90")).arg(&source);
    link_to(built, &mut command, folder, name)
}

/// Compiles consumer/NAME.f90, links it to the libpi.so of a build, runs it, and checks what it
/// prints.
fn consume(name: &str, compiler: &[&str], built: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("tests/consumer/{name}.f90");
    let mut program = fortran_program(folder.path(), &source, compiler, built);
    let said = run(program.env("LIBPI_FORCED_PANIC", "forced by a test"));
    assert_eq!(said, "all as the module says\n");
}

#[test]
fn answers_and_errors_in_fortran() {
    consume("contract", &[GFORTRAN, &["-fcheck=all"]].concat(), built());
}

#[test]
fn answers_and_errors_in_fortran_optimised() {
    consume("contract", &[GFORTRAN, &["-O2"]].concat(), built());
}

#[test]
fn numbers_that_an_overflow_leaves_are_errors() {
    consume("overflows", &[GFORTRAN, &["-fcheck=all"]].concat(), built());
}

#[test]
fn kernels_that_fail_progress_and_threads() {
    consume("kernels", &[GFORTRAN, &["-fcheck=all"]].concat(), built());
}

/// Options that change the default kinds of integers and reals.
const WIDE_DEFAULTS: [&str; 2] = ["-fdefault-integer-8", "-fdefault-real-8"];

#[test]
fn answers_and_errors_with_default_kinds_of_64_bits() {
    for name in ["contract", "overflows", "kernels"] {
        consume(name, &[GFORTRAN, &WIDE_DEFAULTS].concat(), built());
    }
}

#[test]
fn a_panic_below_a_fortran_main_is_a_status_and_a_message() {
    consume("panics", &[GFORTRAN, &SANITIZERS].concat(), checked());
}

#[test]
#[ignore = "needs flang: see make test-all"]
fn answers_and_errors_in_fortran_by_flang() {
    for name in ["contract", "overflows", "kernels"] {
        consume(name, &[FLANG, &["-O1"]].concat(), built());
        consume(name, &[FLANG, &WIDE_DEFAULTS].concat(), built());
    }
}

#[test]
fn an_error_without_stat_stops_with_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let program = fortran_program(folder.path(), "tests/consumer/stops.f90", GFORTRAN, built());
    for (threads, error, answer, message) in [
        ("2", "seed", "785987\n", "seed 2"),
        ("2", "count", "785987\n", "count is -5"),
        // An empty value counts as not set.
        ("", "count", "785987\n", "count is -5"),
        ("many", "seed", "", "LIBPI_NUM_THREADS"),
    ] {
        let mut program = Command::new(program.get_program());
        let output = outcome(program.arg(error).env("LIBPI_NUM_THREADS", threads));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), answer);
        assert!(said.contains("ERROR STOP") && said.contains(message), "{said}");
    }
}

/// Runs an example in C and in Fortran and returns what they print.
fn example(name: &str) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    let c = run(&mut c_program(folder.path(), &format!("examples/{name}.c"), CC, built()));
    let source = format!("examples/{name}.f90");
    let fortran = run(&mut fortran_program(folder.path(), &source, GFORTRAN, built()));
    [c, fortran]
}

#[test]
fn example_estimate_pi() {
    for said in example("estimate_pi") {
        assert_eq!(
            said,
            "785987 hits of 1000000 samples\n\
             pi = 3.143948, standard error 0.001641\n\
             95% interval 3.140728 to 3.147159\n"
        );
    }
}

#[test]
fn example_own_kernel() {
    let [c, fortran] = example("own_kernel");
    let found = "121581 squarefree numbers, pi = 3.1416";
    assert_eq!(c, format!("rayon: {found}\nopenmp-c: {found}\n"));
    assert_eq!(fortran, format!("rayon: {found}\nopenmp-fortran: {found}\n"));
}

#[test]
fn example_failing_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let source = "examples/failing_kernel.f90";
    let said = run(&mut fortran_program(folder.path(), source, GFORTRAN, built()));
    let (found, error) = said.split_once('\n').unwrap();
    assert_eq!(found, "500 square roots are above 2");
    assert!(error.starts_with("kernel error -5: ") && error.contains("kernel"), "{said}");
}

#[test]
fn example_errors() {
    let [c, fortran] = example("errors");
    assert_eq!(c, fortran);
    let lines: Vec<&str> = c.lines().collect();
    let starts = ["5: ", "3: ", "10: ", "hits is still 7", "0: done", "hits is now "];
    assert_eq!(lines.len(), starts.len(), "{c}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    for (line, word) in lines.iter().zip(["odd", "fortran", "no estimate"]) {
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn parameters_are_the_constants_of_the_header() {
    let in_c = include_str!("../libpi.h").lines().filter_map(|line| {
        let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
        // Fortran ignores case, so these names would clash with the functions.
        let name = match name {
            "LIBPI_VERSION" => "LIBPI_MODULE_VERSION",
            "LIBPI_ABI_VERSION" => "LIBPI_MODULE_ABI_VERSION",
            name => name,
        };
        Some((name, value))
    });
    let in_fortran = include_str!("../libpi_types.f90")
        .lines()
        .filter_map(|line| line.split_once("parameter, public :: ")?.1.split_once(" = "));
    let sorted = |mut constants: Vec<(&'static str, &'static str)>| {
        constants.sort_unstable();
        constants
    };
    let (in_c, in_fortran) = (sorted(in_c.collect()), sorted(in_fortran.collect()));
    assert_eq!(in_fortran, in_c);
    assert!(in_c.contains(&("LIBPI_ERROR_PANIC", "14")), "{in_c:?}");
    let module = include_str!("../libpi.f90");
    let published = module.lines().filter_map(|line| line.trim_start().strip_prefix("public :: "));
    let published: Vec<&str> = published.flat_map(|names| names.split(", ")).collect();
    for (name, _) in in_fortran {
        assert!(published.contains(&name), "the module libpi must publish {name}");
    }
}

#[test]
fn every_function_is_in_the_module() {
    let bindings = include_str!("../libpi_c.f90");
    for symbol in include_str!("../symbols.txt").lines() {
        assert!(bindings.contains(&format!("bind(C, name='{symbol}')")), "{symbol}");
    }
}
