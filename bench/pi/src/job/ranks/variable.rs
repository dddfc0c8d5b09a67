//! Environment variables. Tests replace them with made-up ones.

use std::env;
use std::ffi::OsString;

/// A function that looks up a variable.
pub(crate) trait Variable: Fn(&str) -> Option<OsString> {}

impl<F: Fn(&str) -> Option<OsString>> Variable for F {}

/// A variable of this process.
pub(crate) fn own_variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}
