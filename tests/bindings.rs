//! The committed bindings are those that bindgen generates from c/kernels.h and the table of
//! kernels.
//!
//! If the environment variable `UPDATE_BINDINGS` is set, the test updates the committed file.
#![cfg(feature = "bindgen")]

use std::{env, fs};

#[test]
fn the_committed_bindings_are_up_to_date() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/rust/kernels.rs");
    let made = fs::read_to_string(concat!(env!("OUT_DIR"), "/kernels.rs")).unwrap();
    if env::var_os("UPDATE_BINDINGS").is_some() {
        fs::write(committed, &made).unwrap();
    }
    let remedy = "c/kernels.h or rust/table.rs has changed: run `make bindings`";
    assert_eq!(fs::read_to_string(committed).unwrap(), made, "{remedy}");
}
