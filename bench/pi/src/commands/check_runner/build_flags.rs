//! Checks that a runner was built with optimisation, if it tells its compiler's flags.

use super::ask::Reply;
use pi_harness::protocol::error;
use pi_harness::results::{BlockError, ErrorKind};
use pi_harness::shown::shortened;

/// The key of the line of an answer that tells how the program was built.
const BUILT_WITH: &str = "built_with";

/// Compilers of C, C++ and Fortran do not optimise without a flag that says so.
pub(super) fn are_for_speed(reply: &Reply) -> Result<(), BlockError> {
    let told = reply.answer.info.iter().filter(|(key, _)| key == BUILT_WITH);
    match told.map(|(_, flags)| flags).find(|flags| !optimise(flags)) {
        None => Ok(()),
        Some(flags) => Err(error(
            ErrorKind::Protocol,
            format!(
                "{BUILT_WITH} {}: its compiler did not optimise, so its time says nothing about its \
                 language; build it with -O3",
                shortened(flags)
            ),
        )),
    }
}

/// Whether these flags ask for optimisation. The last flag decides. A text without flags does not tell.
fn optimise(text: &str) -> bool {
    let is_separator = |letter: char| letter.is_whitespace() || ",;:'\"()[]".contains(letter);
    let flags: Vec<&str> = text.split(is_separator).filter(|word| word.starts_with('-')).collect();
    match flags.iter().rfind(|flag| flag.starts_with("-O")) {
        Some(level) => !["-O0", "-Og"].contains(level),
        None => flags.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_flag_for_optimisation_decides() {
        for (text, good) in [
            ("", true),
            ("numba 0.68.1, numpy 2.4.6, gfortran (Debian 12.2.0-14) 12.2.0", true),
            ("cc -O3 -shared", true),
            ("cc ['-O2', '-fopenmp']", true),
            ("gcc -O0 -O3", true),
            ("gcc -Ofast", true),
            ("cc -shared -fPIC", false),
            ("cc -O3 -O0", false),
            ("gcc 12: -O0,-g", false),
            ("gfortran -Og", false),
        ] {
            assert_eq!(optimise(text), good, "{text}");
        }
    }
}
