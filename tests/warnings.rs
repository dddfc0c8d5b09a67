//! C and Fortran sources compile without a warning, with the flags and definitions of the build.

mod compilers;

use compilers::{output, units};

/// At the base level in full, for some warnings come from the optimiser; at the others the syntax
/// will do.
#[test]
fn nothing_warns() {
    let folder = tempfile::tempdir().unwrap();
    for unit in units() {
        let mut command = unit.command(folder.path());
        command.arg("-Werror").arg(unit.source());
        match unit.level {
            "base" => command.arg("-c").arg("-o").arg(folder.path().join("object")),
            _ => command.arg("-fsyntax-only"),
        };
        output(&mut command);
    }
}
