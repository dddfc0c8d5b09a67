//! Gives the shared library its SONAME, which carries the version of the ABI.

fn main() {
    // Only tests build with this. It is no cargo feature, so no shipped library panics on demand.
    println!("cargo::rustc-check-cfg=cfg(libpi_forced_panic)");
    println!("cargo::rerun-if-changed=src/version.rs");
    let source = std::fs::read_to_string("src/version.rs").expect("the source can be read");
    // The source is the only place that holds the number; cbindgen takes it from there too.
    let version = source
        .split_once("pub const LIBPI_ABI_VERSION: u32 = ")
        .and_then(|(_, rest)| rest.split_once(';'))
        .map(|(number, _)| number)
        .expect("src/version.rs says the ABI's version");
    // tools/build.sh reads the target in cargo's messages.
    println!("cargo::rustc-env=LIBPI_FFI_TARGET={}", std::env::var("TARGET").expect("a target"));
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libpi.so.{version}");
}
