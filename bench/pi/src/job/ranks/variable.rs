//! Variables of the environment, which tests make up.

use std::env;
use std::ffi::OsString;

/// How a variable is looked up.
pub(crate) trait Variable: Fn(&str) -> Option<OsString> {}

impl<F: Fn(&str) -> Option<OsString>> Variable for F {}

/// A variable of this process.
pub(crate) fn own_variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}
