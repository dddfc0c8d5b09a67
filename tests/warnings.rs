//! C and Fortran sources compile without a warning under the flags and definitions of the build.

mod compilers;

use compilers::{output, units};

/// The base level is compiled in full, because some warnings come from the optimiser. At the other
/// levels the compiler checks the syntax only.
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
