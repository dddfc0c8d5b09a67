//! Compiles the callers and callees in C and Fortran with the flags of the core's base level, and
//! the callee in Rust to an object like theirs. One program is linked to the objects of the
//! callees, the other to a shared library made from them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

fn main() {
    for source in ["build.rs", "c", "fortran", "rust/callee.rs", "../../c/kernels.h"] {
        println!("cargo::rerun-if-changed={source}");
    }
    for interface in [
        "libpi.h",
        "libpi.f90",
        "libpi_types.f90",
        "libpi_c.f90",
        "libpi_errors.f90",
        "symbols.txt",
    ] {
        println!("cargo::rerun-if-changed=../../ffi/{interface}");
    }
    println!("cargo::rustc-check-cfg=cfg(built_fortran)");

    let without_fortran = env::var("DEP_PI_KERNELS_WITHOUT_FORTRAN").ok();
    let build = Build { out: variable("OUT_DIR").into(), fortran: without_fortran.is_none() };
    let Objects { mut callers, callee } = build.c();
    let mut callees = vec![build.rust_callee(), callee];
    match without_fortran {
        None => {
            println!("cargo::rustc-cfg=built_fortran");
            let fortran = build.fortran();
            callers.extend(fortran.callers);
            callees.push(fortran.callee);
        }
        Some(reason) => println!("cargo::rustc-env=LIBPI_WITHOUT_FORTRAN={reason}"),
    }
    // The linker takes the callers of libpi.so from the archive only for the program that uses
    // them.
    cc::Build::new().objects(&callers).compile("pi_crossings_callers");
    for object in &callees {
        println!("cargo::rustc-link-arg-bin=pi-crossings={}", object.display());
        println!("cargo::rustc-link-arg-benches={}", object.display());
        println!("cargo::rustc-link-arg-cdylib={}", object.display());
    }
    build.link_shared(&callees);
}

/// The objects of one language.
struct Objects {
    callers: Vec<PathBuf>,
    callee: PathBuf,
}

struct Build {
    out: PathBuf,
    /// Whether there is a Fortran compiler.
    fortran: bool,
}

impl Build {
    fn c(&self) -> Objects {
        let compile = |stem: &str| {
            let object = self.object(stem, "c");
            let mut command = compiler("C");
            command.args(["-I", "../../c", "-I", "../../ffi"]);
            command.args(self.fortran.then_some("-DBUILT_FORTRAN"));
            run(command.arg("-c").arg(format!("c/{stem}.c")).arg("-o").arg(&object));
            object
        };
        Objects { callers: vec![compile("caller"), compile("checked")], callee: compile("callee") }
    }

    fn fortran(&self) -> Objects {
        let compile = |source: &str| {
            let stem = Path::new(source).file_stem().expect("a source has a name");
            let object = self.object(&stem.to_string_lossy(), "fortran");
            let mut command = compiler("Fortran");
            // The folder to which module files are written and from which they are read.
            command.arg("-J").arg(&self.out).arg("-I").arg(&self.out);
            run(command.arg("-c").arg(source).arg("-o").arg(&object));
            object
        };
        let module = compile("../../ffi/libpi.f90");
        Objects {
            callers: vec![compile("fortran/caller.f90"), compile("fortran/checked.f90"), module],
            callee: compile("fortran/callee.f90"),
        }
    }

    /// Compiles the callee in Rust with rustc directly. If it were part of a crate, rustc could
    /// inline it into the caller in Rust.
    fn rust_callee(&self) -> PathBuf {
        let object = self.object("callee", "rust");
        let mut emit = OsString::from("--emit=obj=");
        emit.push(&object);
        run(Command::new(variable("RUSTC"))
            .args(["rust/callee.rs", "--crate-type=rlib", "--edition=2024"])
            .args(["-Copt-level=3", "-Ccodegen-units=1", "-Cdebuginfo=line-tables-only"])
            .arg(format!("--target={}", variable("TARGET")))
            .arg(emit));
        object
    }

    /// Makes the shared libraries for the second program. The library with the callees stays in the
    /// build folder. The program looks for libpi.so beside itself. Cargo may build libpi.so later,
    /// so the linker gets a stand-in: an empty library with the same symbols.
    fn link_shared(&self, callees: &[PathBuf]) {
        let library = self.out.join("libpi_callees.so");
        run(compiler("C").arg("-shared").args(callees).arg("-o").arg(&library));

        let stand_in = self.out.join("stand_in.c");
        let symbols = fs::read_to_string("../../ffi/symbols.txt");
        let symbols = symbols.unwrap_or_else(|error| fail(&format!("ffi/symbols.txt: {error}")));
        let functions = symbols.lines().map(|name| format!("void {name}(void) {{}}\n"));
        let source: String = functions.collect();
        fs::write(&stand_in, source)
            .unwrap_or_else(|error| fail(&format!("{}: {error}", stand_in.display())));
        let libpi = stand_in.with_extension("so");
        run(compiler("C")
            .args(["-shared", "-Wl,-soname,libpi.so"])
            .arg(&stand_in)
            .arg("-o")
            .arg(&libpi));

        for argument in [
            library.display().to_string(),
            libpi.display().to_string(),
            "-Wl,-rpath,$ORIGIN".to_owned(),
        ] {
            println!("cargo::rustc-link-arg-bin=pi-crossings-shared={argument}");
        }
    }

    fn object(&self, stem: &str, language: &str) -> PathBuf {
        self.out.join(format!("{stem}-{language}.o"))
    }
}

/// A compiler, with the flags that the core's build script used at the base level.
fn compiler(language: &str) -> Command {
    let name = language.to_uppercase();
    let compiler = variable(&format!("DEP_PI_KERNELS_{name}_COMPILER"));
    // The first words may be a wrapper such as ccache.
    let mut words = compiler.split('\x1f');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command.args(variable(&format!("DEP_PI_KERNELS_{name}_FLAGS")).split_whitespace());
    command
}

/// Runs a compiler and passes its messages on to cargo.
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| fail(&format!("{command:?}: {error}")));
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        fail(&format!("{command:?} ended with {}: {said}", output.status));
    }
    for line in said.lines() {
        println!("cargo::warning={line}");
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| fail(&format!("{name}: {error}")))
}

/// Ends the build with a message of one line and no backtrace.
fn fail(message: &str) -> ! {
    println!("cargo::error={}", message.replace('\n', " "));
    exit(1);
}
