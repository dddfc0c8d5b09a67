//! Compiles c/ and fortran/ and records the compilers and flags. Each kernel of rust/table.rs is
//! compiled once for each instruction-set level. A part that cannot be built is left out, with one
//! line that says why, unless `LIBPI_REQUIRE` names it.
//!
//! Variables: `CC` and `FC` choose the compilers (`CC_<target>` and `FC_<target>` those of a cross
//! build), `LIBPI_CFLAGS` and `LIBPI_FFLAGS` are added to their flags, and
//! `LIBPI_REQUIRE=fortran,openmp,mpi` makes a missing part an error. `LIBPI_ALSO=clang-19,flang-19`
//! names further compilers, which compile the plain kernels again.

#[path = "tools/build/also.rs"]
mod also;
#[path = "c/build.rs"]
mod c;
#[path = "tools/build/compiler.rs"]
mod compiler;
#[path = "fortran/build.rs"]
mod fortran;
#[path = "tools/build/info.rs"]
mod info;
#[path = "tools/build/say.rs"]
mod say;
#[path = "rust/table.rs"]
mod table;
#[path = "tools/build/target.rs"]
mod target;

use also::Also;
use compiler::Compiler;
use say::{fail, feature_off, variable};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    for source in ["build.rs", "c", "fortran", "rust/table.rs", "tools/build"] {
        println!("cargo::rerun-if-changed={source}");
    }
    for name in ["built_openmp_c", "built_openmp_fortran"] {
        println!("cargo::rustc-check-cfg=cfg({name})");
    }
    let required = required();
    let out = PathBuf::from(variable("OUT_DIR"));

    let mut c = c::find(&out);
    let mut objects = c::compile(&mut c, &out).unwrap_or_else(|error| fail(&error));
    let fortran = fortran::find(&c, &out).and_then(|mut compiler| {
        objects.extend(fortran::compile(&mut compiler, &out)?);
        fortran::link_runtime(&compiler);
        Ok(compiler)
    });
    let also = also::compile(&c, &out);
    objects.extend(also.iter().filter_map(Also::objects).flatten().cloned());
    let openmp = OpenMp::compile(&c, fortran.as_ref().ok(), &out);
    objects.extend([&openmp.c, &openmp.fortran].into_iter().flatten().cloned());

    let without_fortran = fortran.as_ref().err().map(String::as_str);
    let missing = [("fortran", without_fortran), ("openmp", openmp.missing(fortran.is_ok()))];
    for (part, reason) in missing {
        let Some(reason) = reason else { continue };
        if required.iter().any(|name| name == part) {
            fail(&format!("LIBPI_REQUIRE names {part}, but {reason}"));
        }
        println!("cargo::warning=built without {part}: {reason}");
        watch_installations();
    }
    for (kernel, reason) in also.iter().filter_map(Also::missing) {
        println!("cargo::warning=built without {kernel}: {reason}");
        watch_installations();
    }
    openmp.tell_the_crate();
    cc::Build::new().objects(&objects).compile("pi_kernels");

    let rust = info::rust();
    let foreign: Vec<&Compiler> = [&c].into_iter().chain(&fortran).collect();
    let also_built = also.iter().filter_map(Also::compiler);
    let compilers: Vec<&Compiler> =
        [&rust].into_iter().chain(foreign.iter().copied()).chain(also_built).collect();
    write(&out, "build_info.rs", &info::build_info(&compilers, openmp.runtime()));
    write(&out, "catalog_rows.rs", &info::catalog_rows(without_fortran, &also));
    info::tell_dependents(&foreign, without_fortran);
    #[cfg(feature = "bindgen")]
    c::write_bindings(&out);
}

/// The parts that must not be missing. The build of the command checks whether there is an MPI.
fn required() -> Vec<String> {
    let text = variable("LIBPI_REQUIRE");
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if let Some(name) = names.iter().find(|n| !["fortran", "openmp", "mpi"].contains(&n.as_str())) {
        fail(&format!("LIBPI_REQUIRE={text}: '{name}' is not one of fortran, openmp, mpi"));
    }
    names
}

/// Lets cargo run this script again after something was installed, because it may be the missing
/// part: if the folders of programs have changed, or Debian's list of packages.
fn watch_installations() {
    println!("cargo::rerun-if-env-changed=PATH");
    let folders = env::var_os("PATH").unwrap_or_default();
    let packages = PathBuf::from("/var/lib/dpkg/status");
    for path in env::split_paths(&folders).chain([packages]) {
        if path.is_absolute() && path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

/// The OpenMP drivers: for each, its object file or the reason why it was not built. Both are
/// linked to the same runtime, because two runtimes in one process may each run a loop and double
/// its result.
struct OpenMp {
    library: &'static str,
    c: Result<PathBuf, String>,
    fortran: Result<PathBuf, String>,
}

impl OpenMp {
    fn compile(c: &Compiler, fortran: Option<&Compiler>, out: &Path) -> Self {
        let is_llvm = c.is_llvm() || fortran.is_some_and(Compiler::is_llvm);
        let library = if is_llvm { "omp" } else { "gomp" };
        let in_c = if env::var_os("CARGO_FEATURE_OPENMP").is_none() {
            Err(feature_off("openmp"))
        } else {
            c::openmp(c, library, out)
        };
        let in_fortran = match (fortran, &in_c) {
            (None, _) => Err("this build has no Fortran (its kernels say why)".to_owned()),
            // Both drivers need the same runtime, so the reason is the same.
            (_, Err(reason)) => Err(reason.clone()),
            (Some(compiler), Ok(_)) => fortran::openmp(compiler, out),
        };
        Self { library, c: in_c, fortran: in_fortran }
    }

    /// Why a driver is missing. A build without Fortran reports that on a line of its own, so its
    /// missing Fortran driver does not count here.
    fn missing(&self, has_fortran: bool) -> Option<&str> {
        let in_fortran = self.fortran.as_ref().err().filter(|_| has_fortran);
        self.c.as_ref().err().or(in_fortran).map(String::as_str)
    }

    fn runtime(&self) -> Option<&'static str> {
        self.c.is_ok().then_some(self.library)
    }

    fn tell_the_crate(&self) {
        for (result, name, variable) in [
            (&self.c, "built_openmp_c", "LIBPI_WITHOUT_OPENMP_C"),
            (&self.fortran, "built_openmp_fortran", "LIBPI_WITHOUT_OPENMP_FORTRAN"),
        ] {
            match result {
                Ok(_) => println!("cargo::rustc-cfg={name}"),
                Err(reason) => println!("cargo::rustc-env={variable}={reason}"),
            }
        }
    }
}

/// Writes a Rust source file that the crate includes.
fn write(out: &Path, name: &str, text: &str) {
    let file = out.join(name);
    fs::write(&file, text)
        .unwrap_or_else(|error| fail(&format!("could not write {}: {error}", file.display())));
}
