//! Tests the hit tests inside the C and Fortran kernels with points on and near the circle, which
//! no short range of samples contains.

mod checks;
mod compilers;
mod emulator;

use checks::{npb_points, points};
use compilers::{ROOT, Unit, folder, output, units};
use std::path::Path;
use std::process::Command;

/// Builds hit_test.c or hit_test.F90 with a kernel's source.
fn build(unit: &Unit, folder_for_it: &Path) -> Command {
    let program = folder_for_it.join("hit_test");
    let harness = Path::new(ROOT).join("tests/hit_test");
    let mut command = unit.command(folder_for_it);
    command.arg(format!("-D{}", unit.stem.to_uppercase())).arg("-o").arg(&program);
    if unit.compiler.language == "C" {
        command.arg(format!("-DSOURCE=\"{}\"", unit.source().display()));
        command.arg(harness.with_extension("c")).arg("-lm");
    } else {
        command.arg("-Dprivate=public").arg(unit.source()).arg(harness.with_extension("F90"));
    }
    output(&mut command);
    emulator::command(&[], program)
}

#[test]
fn hit_tests_of_c_and_fortran() {
    if !compilers::compilers().any(|compiler| folder(compiler) == "fortran") {
        println!("Fortran was not built and is not tested");
    }
    for unit in units().into_iter().filter(|unit| unit.is_exact() && unit.runs_here()) {
        let points: Vec<(i64, i64, bool)> = match &*unit.stem {
            "npb" | "npb_simd" => {
                npb_points().map(|(x, y, hit)| (x.cast_signed(), y.cast_signed(), hit)).collect()
            }
            _ => points().map(|(x, y, hit)| (x.into(), y.into(), hit)).collect(),
        };
        let folder_for_it = tempfile::tempdir().unwrap();
        let mut program = build(&unit, folder_for_it.path());
        program.args(points.iter().flat_map(|(x, y, _)| [x.to_string(), y.to_string()]));
        let printed = output(&mut program);
        let hits = printed.lines().map(|line| match line.trim() {
            "0" => false,
            "1" => true,
            _ => panic!("{} at {}: {printed}", unit.source().display(), unit.level),
        });
        assert_eq!(printed.lines().count(), points.len(), "{printed}");
        for ((x, y, hit), found) in points.iter().zip(hits) {
            assert_eq!(found, *hit, "{} at {}: {x} {y}", unit.source().display(), unit.level);
        }
    }
}
