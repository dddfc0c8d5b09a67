//! `pi list`.

use crate::run::json;

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
    let of = |generator: &str| kernels.iter().filter(|k| k["generator"] == generator).count();
    let levels = listing["levels"].as_array().unwrap().len();
    assert_eq!(
        [of("philox"), of("npb"), of("xoshiro"), of("textbook")],
        [3 * levels, 3 * levels, 3 * levels, 3]
    );
}
