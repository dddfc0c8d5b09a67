//! Reads environment variables for the build script, and prints its messages to cargo.

use std::env;
use std::process::exit;

/// The value of an environment variable; empty if it is not set.
pub(crate) fn variable(name: &str) -> String {
    // Cargo itself watches its own variables.
    let names_a_compiler = name.split('_').any(|word| ["CC", "FC"].contains(&word));
    if name.starts_with("LIBPI_") || names_a_compiler {
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

/// The flags in an environment variable, split at blanks.
pub(crate) fn words(name: &str) -> Vec<String> {
    variable(name).split_whitespace().map(str::to_owned).collect()
}

/// Copies flags into a list of strings.
pub(crate) fn strings(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|&flag| flag.to_owned()).collect()
}

/// The reason why a part is missing if its cargo feature is off.
pub(crate) fn feature_off(feature: &str) -> String {
    format!("the cargo feature {feature} is off: build with --features {feature}")
}

/// Ends the build with a message of one line and no backtrace.
pub(crate) fn fail(message: &str) -> ! {
    println!("cargo::error={}", message.replace('\n', " "));
    exit(1);
}
