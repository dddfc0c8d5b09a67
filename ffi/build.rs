//! Compiles the calls of the caller's functions, and gives the shared library its SONAME, which
//! carries the version of the ABI.

fn main() {
    // Only tests build with this. It is no cargo feature, so no shipped library panics on demand.
    println!("cargo::rustc-check-cfg=cfg(libpi_forced_panic)");
    println!("cargo::rerun-if-changed=src/version.rs");
    compile();
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

/// Compiles callback.c with the compiler and the flags that the core's C gets.
fn compile() {
    println!("cargo::rerun-if-changed=src/callback.c");
    println!("cargo::rerun-if-env-changed=LIBPI_CFLAGS");
    let flags = std::env::var("LIBPI_CFLAGS").unwrap_or_default();
    let warnings = ["-Wall", "-Wextra", "-Wpedantic"];
    // With -fexceptions a cleanup handler costs nothing until it runs.
    let own = ["-std=c11", "-fexceptions", "-fvisibility=hidden"];
    cc::Build::new()
        .file("src/callback.c")
        .flags(own.into_iter().chain(warnings).chain(flags.split_whitespace()))
        .compile("libpi_callback");
}
