//! The parts of the build script that decide something, tested as part of a test.
#![allow(dead_code, reason = "the build script uses what the tests do not")]

#[path = "../tools/build/compiler.rs"]
mod compiler;
#[path = "../tools/build/say.rs"]
mod say;
#[path = "../rust/table.rs"]
mod table;
