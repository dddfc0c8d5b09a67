//! The languages of `pi new`: the files of each, and its compiler.

use clap::ValueEnum;
use libpi::Level;
use pi_harness::clone::clone_folder;
use pi_harness::process::{LONGEST_ASKING, first_line_of, is_installed};
use std::path::Path;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    C,
    #[value(name = "c++")]
    Cpp,
    Fortran,
    Rust,
    Zig,
    D,
    Ada,
    Go,
    Nim,
    Pascal,
    Numba,
}

/// The parts of a project that depend on the language.
pub(super) struct Parts {
    pub(super) title: &'static str,
    /// The rules of the Makefile that build the library.
    pub(super) build: &'static str,
    /// The compiler's usual name.
    pub(super) usual_tool: &'static str,
    /// Debian's package, or what else to install.
    package: &'static str,
    /// The files of a kernel of philox. The first one holds the function.
    pub(super) philox: &'static [(&'static str, &'static str)],
    /// The files of a problem of the user's own.
    pub(super) problem: &'static [(&'static str, &'static str)],
}

/// A file of `bench/pi/new`.
macro_rules! file {
    ($path:literal) => {
        include_str!(concat!("../../../new/", $path))
    };
}

/// The kernel of the gallery, which keeps one source for each language.
macro_rules! gallery {
    ($path:literal) => {
        include_str!(concat!("../../../../gallery/", $path))
    };
}

impl Language {
    pub(super) fn parts(self) -> &'static Parts {
        match self {
            Self::C => &Parts {
                title: "C",
                build: file!("c/build.mk"),
                usual_tool: "cc",
                package: "the package gcc",
                philox: &[("kernel.c", file!("c/philox.c"))],
                problem: &[("kernel.c", file!("c/problem.c"))],
            },
            Self::Cpp => &Parts {
                title: "C++",
                build: file!("c++/build.mk"),
                usual_tool: "c++",
                package: "the package g++",
                philox: &[("kernel.cpp", gallery!("c++/kernel.cpp"))],
                problem: &[("kernel.cpp", file!("c++/problem.cpp"))],
            },
            Self::Fortran => &Parts {
                title: "Fortran",
                build: file!("fortran/build.mk"),
                usual_tool: "gfortran",
                package: "the package gfortran",
                philox: &[("kernel.f90", file!("fortran/philox.f90"))],
                problem: &[("kernel.f90", file!("fortran/problem.f90"))],
            },
            Self::Rust => &Parts {
                title: "Rust",
                build: file!("rust/build.mk"),
                usual_tool: "rustc",
                package: "Rust, with rustup",
                philox: &[("kernel.rs", file!("rust/philox.rs"))],
                problem: &[("kernel.rs", file!("rust/problem.rs"))],
            },
            Self::Zig => &Parts {
                title: "Zig",
                build: file!("zig/build.mk"),
                usual_tool: "zig",
                package: "Zig: pip install ziglang, or make setup-languages in the clone of libpi",
                philox: &[("kernel.zig", gallery!("zig/kernel.zig"))],
                problem: &[("kernel.zig", file!("zig/problem.zig"))],
            },
            Self::D => &Parts {
                title: "D",
                build: file!("d/build.mk"),
                usual_tool: "ldc2",
                package: "the package ldc",
                philox: &[("kernel.d", gallery!("d/kernel.d"))],
                problem: &[("kernel.d", file!("d/problem.d"))],
            },
            Self::Ada => &Parts {
                title: "Ada",
                build: file!("ada/build.mk"),
                usual_tool: "gnatgcc",
                package: "the package gnat",
                philox: &[
                    ("kernel.adb", gallery!("ada/kernel.adb")),
                    ("kernel.ads", gallery!("ada/kernel.ads")),
                ],
                problem: &[
                    ("kernel.adb", file!("ada/problem.adb")),
                    ("kernel.ads", file!("ada/problem.ads")),
                ],
            },
            Self::Go => &Parts {
                title: "Go",
                build: file!("go/build.mk"),
                usual_tool: "go",
                package: "the package golang",
                philox: &[("kernel.go", gallery!("go/kernel.go"))],
                problem: &[("kernel.go", file!("go/problem.go"))],
            },
            Self::Nim => &Parts {
                title: "Nim",
                build: file!("nim/build.mk"),
                usual_tool: "nim",
                package: "the package nim",
                philox: &[("kernel.nim", gallery!("nim/kernel.nim"))],
                problem: &[("kernel.nim", file!("nim/problem.nim"))],
            },
            Self::Pascal => &Parts {
                title: "Pascal",
                build: file!("pascal/build.mk"),
                usual_tool: "fpc",
                package: "the package fp-compiler",
                philox: &[("kernel.pas", gallery!("pascal/kernel.pas"))],
                problem: &[("kernel.pas", file!("pascal/problem.pas"))],
            },
            Self::Numba => &Parts {
                title: "Python",
                build: file!("numba/build.mk"),
                usual_tool: "python3",
                package: "Numba: pip install numba, or make setup in the clone of libpi",
                philox: &[("kernel.py", gallery!("numba/kernel.py"))],
                problem: &[("kernel.py", file!("numba/problem.py"))],
            },
        }
    }

    /// The option that makes the compiler use the instructions of the level that libpi takes.
    pub(super) fn target(self) -> String {
        let level = Level::best().name();
        if !level.starts_with("x86-64") {
            // There is one level, for which every compiler compiles without an option.
            return if self == Self::Numba { "generic".to_owned() } else { String::new() };
        }
        match self {
            // libpi prefers vectors of 512 bits at this level.
            Self::C | Self::Cpp | Self::Fortran | Self::Ada | Self::Nim if level == "x86-64-v4" => {
                format!("-march={level} -mprefer-vector-width=512")
            }
            Self::C | Self::Cpp | Self::Fortran | Self::Ada | Self::Nim => {
                format!("-march={level}")
            }
            Self::Rust => format!("-C target-cpu={level}"),
            Self::Zig => format!("-mcpu={}", level.replacen('-', "_", 1).replace("-v", "_v")),
            Self::D => format!("-mcpu={level}"),
            Self::Go => format!("GOAMD64={}", level.strip_prefix("x86-64-").unwrap_or("v1")),
            Self::Pascal => match level {
                "x86-64" => String::new(),
                _ => "-CpCOREAVX2".to_owned(),
            },
            Self::Numba => level.to_owned(),
        }
    }

    /// The command of the compiler.
    ///
    /// # Errors
    /// What to install, if there is none.
    pub(super) fn tool(self) -> Result<String, String> {
        let Parts { usual_tool, package, title, .. } = *self.parts();
        let own = clone_folder().map(|folder| folder.join(".venv/bin/python"));
        let in_venv = |module: &str| {
            let python = own.as_ref().filter(|python| has_module(python, module))?;
            python.to_str().filter(|path| !path.contains([' ', '$', '#', '\n'])).map(str::to_owned)
        };
        let found = match self {
            Self::Zig => in_venv("ziglang").map(|python| format!("{python} -m ziglang")),
            Self::Numba => in_venv("numba"),
            _ => None,
        };
        let works = || match self {
            Self::Numba => imports_numba(usual_tool),
            _ => is_installed(usual_tool),
        };
        let usual = || works().then(|| usual_tool.to_owned());
        found.or_else(usual).ok_or_else(|| {
            format!("there is no {usual_tool}, the compiler of {title}: install {package}")
        })
    }
}

/// Whether this Python has Numba.
fn imports_numba(python: &str) -> bool {
    let command = [python, "-c", "import numba"].map(Into::into);
    first_line_of(&command, LONGEST_ASKING, &AtomicBool::new(false)).is_ok()
}

/// Whether a virtual environment has a module.
fn has_module(python: &Path, module: &str) -> bool {
    let venv = python.parent().and_then(Path::parent);
    let versions = venv.and_then(|venv| venv.join("lib").read_dir().ok());
    let mut versions = versions.into_iter().flatten().flatten();
    versions.any(|version| version.path().join("site-packages").join(module).is_dir())
}
