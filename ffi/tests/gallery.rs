//! Tests the kernel and the client in C++ of bench/gallery. tests/gallery.sh tests the other languages.

mod building;

use building::{CXX, built, c_program, here, run};
use libloading::Library;
use libpi::known::KnownCount;
use libpi::{Generator, KernelFn};
use std::path::Path;
use std::process::Command;

/// Compiles the kernel in C++ with further options and loads it.
fn load(folder: &Path, options: &[&str]) -> Library {
    let file = folder.join("kernel.so");
    run(Command::new(CXX[0])
        .args([
            "-std=c++17",
            "-O3",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-shared",
            "-fPIC",
        ])
        .args(options)
        .arg(here().join("../bench/gallery/c++/kernel.cpp"))
        .arg("-o")
        .arg(&file));
    // SAFETY: the library has no code that runs when it is loaded.
    unsafe { Library::new(file) }.expect("the library can be loaded")
}

#[test]
fn the_kernel_counts_exactly() {
    check_kernel(&[]);
}

/// With AVX2 and gcc the kernel makes products in another way.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_kernel_counts_exactly_with_avx2() {
    if is_x86_feature_detected!("avx2") {
        check_kernel(&["-mavx2"]);
    }
}

fn check_kernel(options: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let library = load(folder.path(), options);
    // SAFETY: kernel.cpp defines the function with this type.
    let kernel = unsafe { library.get::<KernelFn>("philox") }.unwrap();
    // SAFETY: the function accepts every argument, and depends on nothing else.
    let hits = |seed, first, count| unsafe { kernel(seed, first, count) };

    let known = KnownCount::up_to(1 << 24, Generator::Philox);
    for k in known {
        assert_eq!(hits(k.seed, k.first, k.count), k.hits, "{k:?}");
    }
    // Every length of the ends before and after the vectors, from even and odd starts.
    let mut sum = 0;
    for last in 1000..2000 {
        assert_eq!(hits(42, 1000, last - 1000), sum, "1000 to {last}");
        assert_eq!(hits(42, 999, last - 999), hits(42, 999, 1) + sum, "999 to {last}");
        sum += hits(42, last, 1);
    }
}

#[test]
fn the_client_shows_counts_and_errors() {
    let folder = tempfile::tempdir().unwrap();
    let compiler = ["c++", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"];
    let mut client =
        c_program(folder.path(), "../bench/gallery/c++/client.cpp", &compiler, built());
    assert_eq!(run(&mut client), include_str!("../../bench/gallery/expected.txt"));
}
