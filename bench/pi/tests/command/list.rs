//! `pi list`.

use crate::run::json;
use serde_json::Value;

#[test]
fn list_tells_compilers_and_flags() {
    let listing = json("list");
    let compilers = listing["build"]["compilers"].as_array().unwrap();
    let languages: Vec<&str> = compilers.iter().map(|c| c["language"].as_str().unwrap()).collect();
    assert_eq!(languages, ["Rust", "C", "Fortran"]);
    for compiler in compilers {
        assert!(!compiler["version"].as_str().unwrap().is_empty());
        assert_eq!(
            compiler["flags"].as_array().unwrap().len(),
            listing["levels"].as_array().unwrap().len()
        );
    }
    let kernels = listing["kernels"].as_array().unwrap();
    let of = |generator: &str| {
        let is_plain = |kernel: &&Value| !kernel["name"].as_str().unwrap().contains("-simd");
        kernels.iter().filter(|k| k["generator"] == generator).filter(is_plain).count()
    };
    let levels = listing["levels"].as_array().unwrap().len();
    assert_eq!(
        [of("philox"), of("npb"), of("xoshiro"), of("textbook")],
        [3 * levels, 3 * levels, 3 * levels, 3]
    );
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
