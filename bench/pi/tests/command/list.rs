//! `pi list`.

use crate::run::{json, pi};
use serde_json::Value;

#[test]
fn list_tells_compilers_and_flags() {
    let listing = json("list");
    let compilers = listing["build"]["compilers"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let languages: Vec<String> = compilers.iter().map(|c| text(c, "language")).collect();
    assert_eq!(languages[..3], ["Rust", "C", "Fortran"]);
    let compiled: Vec<String> = compilers.iter().map(|c| text(c, "kernel")).collect();
    assert_eq!(compiled[..3], ["rust", "c", "fortran"]);
    for compiler in compilers {
        assert!(!compiler["version"].as_str().unwrap().is_empty());
        assert_eq!(
            compiler["flags"].as_array().unwrap().len(),
            listing["levels"].as_array().unwrap().len()
        );
    }
    let kernels = listing["kernels"].as_array().unwrap();
    let levels = listing["levels"].as_array().unwrap().len();
    let of = |generator: &str, name: &str| {
        let is_it = |k: &&Value| k["generator"] == generator && k["name"] == name;
        kernels.iter().filter(is_it).count()
    };
    for generator in ["philox", "npb", "xoshiro"] {
        // Those of clang and flang are listed even if they were not built.
        let always = ["c-clang", "fortran-flang"].map(str::to_owned);
        for name in compiled.iter().chain(&always) {
            assert_eq!(of(generator, name), levels, "{generator}/{name}");
        }
    }
    for name in ["rust-textbook", "c-textbook", "fortran-textbook"] {
        assert_eq!(of("textbook", name), 1, "{name}");
    }
}

/// A kernel whose vectors this CPU lacks is listed with what the CPU has.
#[cfg(target_arch = "x86_64")]
#[test]
fn list_tells_which_kernels_by_hand_can_run() {
    let listing = json("list");
    let kernels = listing["kernels"].as_array().unwrap();
    let simd: Vec<&Value> =
        kernels.iter().filter(|k| k["generator"] == "philox" && k["name"] == "rust-simd").collect();
    let levels: Vec<&str> = simd.iter().map(|k| k["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["x86-64-v3", "x86-64-v4"]);
    for (kernel, level) in simd.iter().zip([libpi::Level::V3, libpi::Level::V4]) {
        assert_eq!(kernel["missing"].as_str(), level.missing().as_deref());
    }
}

/// The kernels of a missing level share its reason, which stands once, below their table.
#[cfg(target_arch = "x86_64")]
#[test]
fn list_tells_once_why_a_level_is_missing() {
    let lowest = libpi::Level::ALL[0].name();
    let list = |arguments: &[&str]| {
        let output = pi().arg("list").args(arguments).env("LIBPI_LEVEL", lowest).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let listing: Value = serde_json::from_str(&list(&["--json"])).unwrap();
    let text = list(&[]);
    for level in listing["levels"].as_array().unwrap() {
        let name = level["name"].as_str().unwrap();
        let kernel = text.lines().find(|line| line.contains(&format!(" rust@{name} "))).unwrap();
        let Some(reason) = level["missing"].as_str() else {
            assert!(kernel.ends_with("ready"), "{kernel}");
            continue;
        };
        assert!(kernel.ends_with("missing: the level, see below"), "{kernel}");
        let reasons = text.lines().filter(|line| line.ends_with(&format!("missing: {reason}")));
        let levels: Vec<&str> = reasons.filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(levels.iter().filter(|&&level| level == name).count(), 1, "{text}");
        assert!(levels.iter().all(|level| level.starts_with("x86-64-")), "{text}");
    }
}
