//! Tests that the ABI only gains: what a program was compiled with stays as it was.

mod building;

use building::{outcome, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The ABI as it was first.
const FIRST: &str = include_str!("abi/1.h");
const NOW: &str = include_str!("../libpi.h");

fn constants(header: &str) -> Vec<(&str, &str)> {
    let lines = header.lines();
    lines.filter_map(|line| line.strip_prefix("#define ")?.split_once(' ')).collect()
}

#[test]
fn every_constant_keeps_its_value() {
    let (first, now) = (constants(FIRST), constants(NOW));
    assert!(first.contains(&("LIBPI_ERROR_PANIC", "14")) && first.len() >= 20, "{first:?}");
    for constant in first {
        assert!(now.contains(&constant), "{constant:?} was changed or removed");
    }
}

/// Makes a library that has the functions of a header, with bodies that do nothing.
fn library(folder: &Path, name: &str, header: &str) -> PathBuf {
    let file = folder.join(format!("{name}.h"));
    fs::write(&file, header).unwrap();
    let declared = run(Command::new("cc").args(["-E", "-P"]).arg(&file));
    let types = |part: &&str| part.contains("typedef") || !part.contains("libpi_");
    let (types, functions): (Vec<&str>, Vec<&str>) = declared.split_inclusive(';').partition(types);
    let defined = functions.concat().replace(';', " { __builtin_trap(); }");
    let source = folder.join(format!("{name}.c"));
    fs::write(&source, types.concat() + &defined).unwrap();
    let library = folder.join(format!("lib{name}.so"));
    run(Command::new("cc").args(["-g", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source));
    library
}

/// Whether abidiff finds that a header has all that the first one had, as it was.
fn only_gains(folder: &Path, name: &str, header: &str) -> bool {
    let libraries = [library(folder, "first", FIRST), library(folder, name, header)];
    outcome(Command::new("abidiff").arg("--no-added-syms").args(libraries)).status.success()
}

#[test]
#[ignore = "needs abigail-tools: see make test-all"]
fn every_function_keeps_its_type() {
    let folder = tempfile::tempdir().unwrap();
    assert!(only_gains(folder.path(), "same", FIRST));
    assert!(only_gains(folder.path(), "now", NOW), "libpi.h has lost or changed a function");
    // What would break a program is seen.
    for (name, from, to) in [
        ("wider", "int32_t threads", "int64_t threads"),
        ("renamed", " libpi_split(", " libpi_splits("),
        ("more", "uint32_t index,", "uint32_t index, int32_t more,"),
        ("status", "typedef int32_t libpi_status", "typedef int64_t libpi_status"),
        ("kernel", "(*libpi_kernel)(uint64_t seed", "(*libpi_kernel)(double seed"),
    ] {
        assert!(NOW.contains(from), "{from}");
        assert!(!only_gains(folder.path(), name, &NOW.replace(from, to)), "{name}");
    }
}
