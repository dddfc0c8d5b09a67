//! Runs the unit tests of the build script, which cargo does not run by itself.
#![allow(dead_code, reason = "only cargo runs the build script")]

#[path = "../build.rs"]
mod build_script;
