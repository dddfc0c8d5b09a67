//! Runs the unit tests of the build script's modules, which cargo does not run by itself.
#![allow(dead_code, reason = "only the build script uses some of the functions")]

#[path = "../tools/build/compiler.rs"]
mod compiler;
#[path = "../tools/build/say.rs"]
mod say;
#[path = "../rust/table.rs"]
mod table;
#[path = "../tools/build/target.rs"]
mod target;
