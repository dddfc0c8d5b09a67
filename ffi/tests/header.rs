//! Tests that the committed header equals what cbindgen generates, and that every dialect of C and
//! C++ accepts it.

use std::path::Path;
use std::process::Command;

/// Generates the header from the sources and the package's version.
fn made() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let [major, minor, patch] = [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ];
    config.after_includes = Some(format!(
        "\n/* The version this header belongs to. */\n\
         #define LIBPI_VERSION \"{major}.{minor}.{patch}\"\n\
         #define LIBPI_VERSION_MAJOR {major}\n\
         #define LIBPI_VERSION_MINOR {minor}\n\
         #define LIBPI_VERSION_PATCH {patch}"
    ));
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in SOURCES {
        builder = builder.with_src(folder.join("src").join(file));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    for_readers_of_c(&String::from_utf8(header).unwrap())
}

/// The files that the header is made of, in the order of its chapters.
const SOURCES: [&str; 11] = [
    "version.rs",
    "status.rs",
    "generator.rs",
    "caller.rs",
    "hits.rs",
    "progress.rs",
    "drive.rs",
    "estimate.rs",
    "threads.rs",
    "catalog.rs",
    "message.rs",
];

/// Replaces what is not for C: comments that C90 lacks, and the headings of the safety rules.
fn for_readers_of_c(header: &str) -> String {
    let line = |line: &str| match line.split_once(" // ") {
        Some((code, comment)) => format!("{} /* {comment} */\n", code.trim_end()),
        None => format!("{line}\n"),
    };
    header.lines().map(line).collect::<String>().replace("\n # Safety\n", "\n")
}

#[test]
fn committed_header_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("libpi.h");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&file, made()).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed == made(), "ffi/libpi.h is out of date: run make bindings");
}

#[test]
fn the_header_declares_every_exported_function_once_and_is_for_readers_of_c() {
    let header = include_str!("../libpi.h");
    for symbol in include_str!("../symbols.txt").lines() {
        // The lines of comments begin with a blank.
        let lines = header.lines().filter(|line| !line.starts_with(' '));
        let declarations = lines.filter(|line| line.contains(&format!("{symbol}("))).count();
        assert_eq!(declarations, 1, "{symbol}");
    }
    assert!(!header.contains("//") && !header.contains("# Safety") && !header.contains("[`"));
}

#[test]
fn the_header_compiles_in_every_dialect_even_if_included_twice() {
    let folder = tempfile::tempdir().unwrap();
    let source = "#include \"libpi.h\"\n#include \"libpi.h\"\nint nothing;\n";
    for (compiler, standard, name) in [
        ("cc", "-std=c90", "c90.c"),
        ("cc", "-std=c99", "c99.c"),
        ("cc", "-std=c11", "c11.c"),
        ("cc", "-std=c2x", "c23.c"),
        ("c++", "-std=c++11", "cpp11.cpp"),
        ("c++", "-std=c++20", "cpp20.cpp"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, source).unwrap();
        let output = Command::new(compiler)
            .args([standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I"])
            .arg(env!("CARGO_MANIFEST_DIR"))
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{standard}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
