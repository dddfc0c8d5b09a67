//! Libraries that can be loaded, and libraries that cannot: each error names what is missing.

use pi_harness::loaded::{self, Function, NotLoaded, Place};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use tempfile::TempDir;

/// A kernel for which every index is a hit.
const ALL: &str = "#include <stdint.h>
uint64_t count(uint64_t seed, uint64_t first, uint64_t n) { (void)seed; (void)first; return n; }
";

/// Loading a library starts a process, which needs a process without other loads going on.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Compiles C into a shared library.
    fn library(&self, name: &str, source: &str, more: &[&str]) -> PathBuf {
        self.compile(name, source, &[&["-shared", "-fPIC"], more].concat())
    }

    fn compile(&self, name: &str, source: &str, arguments: &[&str]) -> PathBuf {
        let (file, result) = (self.path(&format!("{name}.c")), self.path(name));
        fs::write(&file, source).unwrap();
        let done = Command::new("cc")
            .arg(&file)
            .args(["-o"])
            .arg(&result)
            .args(arguments)
            .status()
            .unwrap();
        assert!(done.success());
        result
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn load(file: &Path, symbol: &str) -> Result<Function, NotLoaded> {
    let mut text = OsString::from(file);
    text.push(":");
    text.push(symbol);
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    loaded::load(&[&Place::parse(&text).unwrap()]).remove(0)
}

fn call(function: &Function, first: u64, count: u64) -> u64 {
    // SAFETY: the kernels here take any seed and range.
    unsafe { (function.call)(1, first, count) }
}

/// Checks that the file is refused, with its name and these words.
fn refused(file: &Path, symbol: &str, words: &[&str]) -> NotLoaded {
    let error = load(file, symbol).unwrap_err();
    for word in [file.to_str().unwrap()].iter().chain(words) {
        assert!(error.why.contains(word), "'{word}' is not in: {}", error.why);
    }
    error
}

#[test]
fn a_function_is_loaded_with_the_hash_of_its_file() {
    let folder = Folder::new();
    let file = folder.library("liball.so", ALL, &[]);
    let function = load(&file, "count").unwrap();
    assert_eq!((call(&function, 5, 7), function.file), (7, file.clone()));
    let printed = Command::new("sha256sum").arg(&file).output().unwrap().stdout;
    assert!(printed.starts_with(function.sha256.as_bytes()), "{}", function.sha256);
}

#[test]
fn the_same_symbol_in_two_libraries_is_two_functions() {
    let folder = Folder::new();
    // `own` is called through the table of symbols, so the first library must not give its own to all.
    let source = |what: &str| {
        format!(
            "#include <stdint.h>\nuint64_t own(uint64_t n) {{ return n {what}; }}\n\
             uint64_t count(uint64_t s, uint64_t f, uint64_t n) {{ (void)s; (void)f; return own(n); }}\n"
        )
    };
    let one = folder.library("libone.so", &source("+ 1"), &[]);
    let two = folder.library("libtwo.so", &source("+ 2"), &[]);
    let [one, two] = [one, two].map(|file| load(&file, "count").unwrap());
    assert_eq!((call(&one, 0, 10), call(&two, 0, 10)), (11, 12));
    assert_ne!(one.sha256, two.sha256);
}

#[test]
fn start_up_code_runs_once_for_two_functions_of_a_library() {
    let folder = Folder::new();
    let source = format!(
        "{ALL}static int started;\n\
         __attribute__((constructor)) static void start(void) {{ started++; }}\n\
         uint64_t starts(uint64_t s, uint64_t f, uint64_t n) {{ (void)s; (void)f; (void)n; return started; }}\n"
    );
    let file = folder.library("libonce.so", &source, &[]);
    load(&file, "count").unwrap();
    assert_eq!(call(&load(&file, "starts").unwrap(), 0, 0), 1);
}

/// Start-up code may start threads, and after that a child process cannot be made safely.
#[test]
fn every_library_is_tried_before_the_first_is_loaded() {
    let folder = Folder::new();
    let log = folder.path("log");
    let source = format!(
        "#include <stdio.h>\n#include <unistd.h>\n{ALL}\
         __attribute__((constructor)) static void start(void) {{\n\
         FILE *log = fopen(\"{}\", \"a\"); fprintf(log, \"%d\\n\", (int)getpid()); fclose(log); }}\n",
        log.display()
    );
    let files = ["libone.so", "libtwo.so"].map(|name| folder.library(name, &source, &[]));
    let places = files.map(|file| Place::new(file, "count").unwrap());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    assert!(loaded::load(&[&places[0], &places[1]]).iter().all(Result::is_ok));
    let log = fs::read_to_string(log).unwrap();
    let own = std::process::id().to_string();
    let is_own: Vec<bool> = log.lines().map(|process| process == own).collect();
    assert_eq!(is_own, [false, false, true, true]);
}

#[test]
fn a_file_that_is_no_library_is_named_for_what_it_is() {
    let folder = Folder::new();
    let object = folder.compile("all.o", ALL, &["-c"]);
    refused(&object, "count", &["it is an object file", "cc -shared"]);
    let program =
        folder.compile("all", &format!("{ALL}int main(void) {{ return 0; }}"), &["-no-pie"]);
    refused(&program, "count", &["it is a program", "-shared"]);
    let pie = folder.compile(
        "pie",
        &format!("{ALL}int main(void) {{ return 0; }}"),
        &["-pie", "-rdynamic"],
    );
    refused(&pie, "count", &["position-independent executable"]);
    for (name, bytes, words) in [
        ("text.so", &b"/* no library */"[..], "does not begin as an ELF file"),
        ("empty.so", b"", "does not begin as an ELF file"),
        ("static.a", b"!<arch>\n", "it is a static library"),
        ("short.so", b"\x7fELF\x02\x01\x01", "damaged ELF file"),
    ] {
        refused(&folder.file(name, bytes), "count", &[words]);
    }
    refused(folder.0.path(), "count", &["not a regular file"]);
    let absent = refused(&folder.path("libnone.so"), "count", &["could not be read: No such file"]);
    assert!(absent.is_absent);
}

#[test]
fn a_library_for_another_machine_is_named_with_both() {
    let folder = Folder::new();
    let mut bytes = fs::read(folder.library("liball.so", ALL, &[])).unwrap();
    // e_machine of the ELF header: 243 is RISC-V.
    bytes[18..20].copy_from_slice(&[243, 0]);
    let file = folder.file("libother.so", &bytes);
    let error = refused(&file, "count", &["it is for Riscv64, and this pi is for"]);
    assert!(!error.is_absent);
}

#[test]
fn a_damaged_library_is_an_error_and_no_crash() {
    let folder = Folder::new();
    let bytes = fs::read(folder.library("liball.so", ALL, &[])).unwrap();
    // The sections at the end are missing, then the tables in the middle too.
    for (number, length) in [bytes.len() - 1, bytes.len() / 2, 1000, 64].into_iter().enumerate() {
        let file = folder.file(&format!("libcut{number}.so"), &bytes[..length]);
        refused(&file, "count", &[]);
    }
}

#[test]
fn a_function_that_is_not_there_is_named_with_those_that_are() {
    let folder = Folder::new();
    let file =
        folder.library("liball.so", &format!("{ALL}int amount = 3;\nvoid count_(void) {{}}"), &[]);
    refused(&file, "counts", &["it has no function counts: its functions are count, count_"]);
    refused(&file, "unt_", &["its functions are count_, count"]);
    refused(&file, "amount", &["amount is data, and not a function"]);
    // Functions of the libraries that it needs are not its own.
    refused(&file, "printf", &["it has no function printf"]);
    let hidden = folder.library("libhidden.so", ALL, &["-fvisibility=hidden"]);
    refused(&hidden, "count", &["it exports none", "extern \"C\""]);
}

#[test]
fn a_library_that_needs_another_is_told_which() {
    let folder = Folder::new();
    let needed = folder.library("libneeded.so", "int needed(void) { return 1; }", &[]);
    let source = format!("{ALL}int needed(void);\nint uses(void) {{ return needed(); }}");
    let file =
        folder.library("libneeds.so", &source, &["-Wl,--no-as-needed", needed.to_str().unwrap()]);
    fs::remove_file(&needed).unwrap();
    let error =
        refused(&file, "count", &["it needs the library", "libneeded.so", "LD_LIBRARY_PATH"]);
    assert!(error.is_absent);
    let undefined = folder.library("libundefined.so", &source, &[]);
    refused(&undefined, "count", &["undefined symbol: needed", "link it with"]);
}

#[test]
fn start_up_code_that_ends_the_process_is_an_error() {
    let folder = Folder::new();
    for (name, does, words) in [
        ("libexits.so", "exit(0);", "ended the process with exit code 0"),
        ("libfails.so", "exit(3);", "ended the process with exit code 3"),
        ("libaborts.so", "abort();", "ended the process by SIGABRT"),
        ("libcrashes.so", "*(volatile int *)8 = 1;", "ended the process by SIGSEGV"),
    ] {
        let source = format!(
            "#include <stdlib.h>\n{ALL}__attribute__((constructor)) static void start(void) {{ {does} }}"
        );
        let file = folder.library(name, &source, &[]);
        refused(&file, "count", &["its start-up code (a constructor)", words]);
    }
}
