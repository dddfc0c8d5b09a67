//! Gives the shared library its SONAME, which carries the major version of the ABI.

fn main() {
    // Set for a build that tests make, and never by a feature: no shipped library panics on demand.
    println!("cargo::rustc-check-cfg=cfg(libpi_forced_panic)");
    println!("cargo::rerun-if-changed=src/lib.rs");
    let source = std::fs::read_to_string("src/lib.rs").expect("the source can be read");
    // The number is said once, in the source, from where cbindgen takes it too.
    let version = source
        .split_once("pub const LIBPI_ABI_VERSION: u32 = ")
        .and_then(|(_, rest)| rest.split_once(';'))
        .map(|(number, _)| number)
        .expect("src/lib.rs says the ABI's version");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libpi.so.{version}");
}
