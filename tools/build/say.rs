//! What the build script reads from its environment and says to cargo.

use std::env;
use std::process::exit;

/// A variable of the environment; empty if it is not set.
pub(crate) fn variable(name: &str) -> String {
    if name.starts_with("LIBPI_") || ["CC", "FC"].contains(&name) {
        println!("cargo::rerun-if-env-changed={name}");
    }
    match env::var(name) {
        Ok(text) => text,
        Err(env::VarError::NotPresent) => String::new(),
        Err(env::VarError::NotUnicode(bytes)) => {
            fail(&format!("{name}={}: it must be UTF-8; correct or unset it", bytes.display()))
        }
    }
}

/// The words of a variable with flags.
pub(crate) fn words(name: &str) -> Vec<String> {
    variable(name).split_whitespace().map(str::to_owned).collect()
}

/// Flags as a list of their own.
pub(crate) fn strings(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|&flag| flag.to_owned()).collect()
}

/// Why a part is missing that its cargo feature leaves out.
pub(crate) fn feature_off(feature: &str) -> String {
    format!("the cargo feature {feature} is off: build with --features {feature}")
}

/// Ends the build with one line instead of a backtrace.
pub(crate) fn fail(message: &str) -> ! {
    println!("cargo::error={}", message.replace('\n', " "));
    exit(1);
}
