//! Compiles c/ and fortran/, the kernels once per instruction-set level, and records with which
//! compilers and flags. What cannot be built is left out with one line that says why, unless
//! `LIBPI_REQUIRE` names it.
//!
//! Variables: `CC` and `FC` choose the compilers, `LIBPI_CFLAGS` and `LIBPI_FFLAGS` are added to
//! their flags, `LIBPI_REQUIRE=fortran,openmp,mpi` turns what is missing into an error.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

const GENERATORS: [&str; 3] = ["philox", "npb", "xoshiro"];

/// Said of all compilers alike: speed from one optimisation level, exactness from no contraction
/// of products and sums.
const COMMON_FLAGS: [&str; 4] = ["-O3", "-fPIC", "-g", "-ffp-contract=off"];

/// A level's name in symbols and its flags.
type Level = (&'static str, &'static [&'static str]);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-changed=fortran");
    for name in ["built_fortran", "built_openmp_c", "built_openmp_fortran"] {
        println!("cargo::rustc-check-cfg=cfg({name})");
    }
    let required = required();
    let mut build = Build::new();

    let c = build.c();
    let fortran = build.fortran();
    build.openmp(&c, fortran.as_ref().ok());
    for (part, missing) in &build.missing {
        if required.iter().any(|name| name == part) {
            fail(&format!("LIBPI_REQUIRE names {part}, but {missing}"));
        }
        println!("cargo::warning=built without {part}: {missing}");
    }
    build.archive();
    build.record_rust();
    build.write_info();
    build.tell_dependents();
    #[cfg(feature = "bindgen")]
    write_bindings();
}

/// The parts that must not be missing. Whether there is an MPI is for the command's build to say.
fn required() -> Vec<String> {
    let text = variable("LIBPI_REQUIRE");
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if let Some(name) = names.iter().find(|n| !["fortran", "openmp", "mpi"].contains(&n.as_str())) {
        fail(&format!("LIBPI_REQUIRE={text}: '{name}' is none of fortran, openmp, mpi"));
    }
    names
}

/// A compiler as it was used.
struct Compiler {
    language: &'static str,
    command: PathBuf,
    version: String,
    /// What was compiled, and with which flags.
    flags: Vec<(String, String)>,
}

impl Compiler {
    /// The compiler, if it can be run at all.
    fn find(language: &'static str, command: &Path) -> Option<Self> {
        let version = first_line(command, &["--version"])?;
        Some(Self { language, command: command.to_owned(), version, flags: Vec::new() })
    }

    /// Whether its OpenMP runtime is LLVM's.
    fn is_llvm(&self) -> bool {
        ["clang", "flang"].iter().any(|name| self.version.contains(name))
    }
}

struct Build {
    out: PathBuf,
    levels: &'static [Level],
    objects: Vec<PathBuf>,
    compilers: Vec<Compiler>,
    /// What was left out, and why.
    missing: Vec<(&'static str, String)>,
    openmp_runtime: Option<&'static str>,
}

impl Build {
    fn new() -> Self {
        let levels: &[Level] = match variable("CARGO_CFG_TARGET_ARCH").as_str() {
            "x86_64" => &[
                ("base", &["-march=x86-64"]),
                ("v3", &["-march=x86-64-v3"]),
                ("v4", &["-march=x86-64-v4", "-mprefer-vector-width=512"]),
            ],
            _ => &[("base", &[])],
        };
        Self {
            out: variable("OUT_DIR").into(),
            levels,
            objects: Vec::new(),
            compilers: Vec::new(),
            missing: Vec::new(),
            openmp_runtime: None,
        }
    }

    /// The C kernels. C is needed: without it there is nothing to compare.
    fn c(&mut self) -> PathBuf {
        let command = cc::Build::new().get_compiler().path().to_owned();
        refuse_flags("CC", "LIBPI_CFLAGS");
        let Some(compiler) = Compiler::find("C", &command) else {
            fail(&format!(
                "the C compiler {} cannot be run: install one (Debian: apt-get install gcc) or set CC",
                command.display()
            ));
        };
        self.compilers.push(compiler);
        let own = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic"].map(str::to_owned);
        for &(level, march) in self.levels {
            let flags =
                [strings(&COMMON_FLAGS), own.to_vec(), words("LIBPI_CFLAGS"), strings(march)];
            let flags = flags.concat();
            let textbook = (level == "base").then_some("textbook");
            for kernel in GENERATORS.into_iter().chain(textbook) {
                let defines = [format!("-DLIBPI_LEVEL={level}")];
                self.compile(&format!("c/{kernel}.c"), level, &flags, &defines)
                    .unwrap_or_else(|error| fail(&error));
            }
            self.record(level, &flags);
        }
        command
    }

    /// The Fortran kernels, if there is a compiler.
    fn fortran(&mut self) -> Result<PathBuf, ()> {
        let command = PathBuf::from(env::var_os("FC").unwrap_or_else(|| "gfortran".into()));
        println!("cargo::rerun-if-env-changed=FC");
        let reason = if env::var_os("CARGO_FEATURE_FORTRAN").is_none() {
            Some(feature_off("fortran"))
        } else {
            refuse_flags("FC", "LIBPI_FFLAGS");
            match Compiler::find("Fortran", &command) {
                Some(compiler) => {
                    self.compilers.push(compiler);
                    self.fortran_kernels(&command).err()
                }
                None => Some(format!(
                    "the Fortran compiler {} cannot be run: install one (Debian: apt-get install \
                     gfortran) or set FC, then build again",
                    command.display()
                )),
            }
        };
        if let Some(reason) = reason {
            println!("cargo::rustc-env=LIBPI_WITHOUT_FORTRAN={reason}");
            self.missing.push(("fortran", reason));
            return Err(());
        }
        println!("cargo::rustc-cfg=built_fortran");
        Ok(command)
    }

    fn fortran_kernels(&mut self, command: &Path) -> Result<(), String> {
        for &(level, march) in self.levels {
            let flags = self.fortran_flags(march);
            let textbook = (level == "base").then_some("textbook");
            for kernel in GENERATORS.into_iter().chain(textbook) {
                // Each level has modules of its own, in a folder of its own: two objects with the
                // same module would link without a word and run the wrong level.
                let defines = [
                    format!("-DLIBPI_LEVEL={}", level.trim_start_matches('v').replace("base", "1")),
                    format!("-DLIBPI_MODULE=libpi_{kernel}_{level}"),
                    format!("-DLIBPI_SYMBOL=\"libpi_k_{kernel}_fortran_{level}\""),
                ];
                self.compile(&format!("fortran/{kernel}.F90"), level, &flags, &defines)?;
            }
            self.record(level, &flags);
        }
        let is_flang = self.compilers.last().is_some_and(Compiler::is_llvm);
        let runtime: &[&str] =
            if is_flang { &["FortranRuntime", "FortranDecimal"] } else { &["gfortran"] };
        for library in runtime {
            link_runtime(command, library);
        }
        Ok(())
    }

    /// The flags of the Fortran compiler, which was added last.
    fn fortran_flags(&self, march: &[&str]) -> Vec<String> {
        let is_flang = self.compilers.last().is_some_and(Compiler::is_llvm);
        let own: &[&str] = if is_flang {
            // Its integers wrap and its procedures are recursive without being told.
            &["-cpp", "-std=f2018"]
        } else {
            // Wrapping arithmetic, since Fortran has no unsigned integers; recursive, since large
            // local arrays would otherwise be static and threads would share them.
            &["-cpp", "-std=f2018", "-fwrapv", "-frecursive", "-Wall", "-Wextra"]
        };
        // Flang cannot be told how wide vectors shall be.
        let march = march.iter().filter(|flag| !is_flang || flag.starts_with("-march"));
        let march: Vec<&str> = march.copied().collect();
        [strings(&COMMON_FLAGS), strings(own), words("LIBPI_FFLAGS"), strings(&march)].concat()
    }

    /// The OpenMP drivers, compiled once at the base level, linked to one runtime: two of them in
    /// a process may each run a loop and double its result.
    fn openmp(&mut self, c: &Path, fortran: Option<&PathBuf>) {
        let off = env::var_os("CARGO_FEATURE_OPENMP").is_none();
        let llvm = self.compilers.iter().any(Compiler::is_llvm);
        let runtime = if llvm { "omp" } else { "gomp" };
        let in_c = if off { Err(feature_off("openmp")) } else { self.openmp_c(c, runtime) };
        let in_fortran = match (fortran, &in_c) {
            (None, _) => Err("there is no Fortran in this build (see the kernels)".to_owned()),
            // The runtime is the same: what keeps it from C keeps it from Fortran.
            (_, Err(reason)) => Err(reason.clone()),
            (Some(_), Ok(())) => self.openmp_fortran(),
        };
        // That there is no OpenMP where there is no Fortran was said of Fortran.
        let missing =
            if fortran.is_some() { in_c.clone().and(in_fortran.clone()) } else { in_c.clone() };
        self.missing.extend(missing.err().map(|reason| ("openmp", reason)));
        for (result, name, variable) in [
            (in_c, "built_openmp_c", "LIBPI_WITHOUT_OPENMP_C"),
            (in_fortran, "built_openmp_fortran", "LIBPI_WITHOUT_OPENMP_FORTRAN"),
        ] {
            match result {
                Ok(()) => println!("cargo::rustc-cfg={name}"),
                Err(reason) => {
                    println!("cargo::rustc-env={variable}={reason}");
                }
            }
        }
    }

    fn openmp_c(&mut self, command: &Path, runtime: &'static str) -> Result<(), String> {
        let llvm = self.compilers.iter().any(|c| c.language == "C" && c.is_llvm());
        let probe = self.out.join("openmp_probe");
        let source = probe.with_extension("c");
        fs::write(&source, "int main(void) { return 0; }\n").map_err(|error| error.to_string())?;
        let links = Command::new(command)
            .arg(&source)
            .arg("-o")
            .arg(&probe)
            .arg(if runtime == "omp" && !llvm { "-lomp" } else { "-fopenmp" })
            .output()
            .is_ok_and(|output| output.status.success());
        if !links {
            return Err(format!(
                "{} cannot link the OpenMP runtime lib{runtime}: install it (Debian: apt-get \
                 install {}) and build again",
                command.display(),
                if runtime == "omp" { "libomp-dev" } else { "gcc" },
            ));
        }
        let base = self.levels[0].1;
        let own = ["-std=c11", "-fopenmp", "-Wall", "-Wextra", "-Wpedantic"];
        let flags = [strings(&COMMON_FLAGS), strings(&own), words("LIBPI_CFLAGS"), strings(base)];
        self.compile("c/openmp.c", "base", &flags.concat(), &[])?;
        link_runtime(command, runtime);
        self.openmp_runtime = Some(runtime);
        Ok(())
    }

    fn openmp_fortran(&mut self) -> Result<(), String> {
        let flags = [self.fortran_flags(self.levels[0].1), strings(&["-fopenmp"])].concat();
        self.compile("fortran/openmp.F90", "base", &flags, &[])
    }

    /// Compiles one file with the compiler added last for its language.
    fn compile(
        &mut self,
        file: &str,
        level: &str,
        flags: &[String],
        defines: &[String],
    ) -> Result<(), String> {
        println!("cargo::rerun-if-env-changed=LIBPI_CFLAGS");
        println!("cargo::rerun-if-env-changed=LIBPI_FFLAGS");
        let language = if file.starts_with("c/") { "C" } else { "Fortran" };
        let compiler = self.compilers.iter().find(|compiler| compiler.language == language);
        let command = &compiler.expect("compilers are found before they are used").command;
        let folder = self.out.join(format!("{}-{level}", language.to_lowercase()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let stem = Path::new(file).file_stem().expect("a source has a name");
        let object = folder.join(stem).with_extension("o");
        // Run by hand, not through the crate cc: that adds flags of its own and those of CFLAGS,
        // which would not be recorded and would lift or lower the level of one language only.
        let mut run = Command::new(command);
        run.args(flags).args(defines).arg("-c").arg(file).arg("-o").arg(&object);
        if language == "Fortran" {
            run.arg("-J").arg(&folder);
        }
        let output = run.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("{} could not compile {file}: {said}", command.display()));
        }
        for line in said.lines() {
            println!("cargo::warning={line}");
        }
        self.objects.push(object);
        Ok(())
    }

    /// Remembers the flags of a level for the compiler added last.
    fn record(&mut self, level: &str, flags: &[String]) {
        let compiler = self.compilers.last_mut().expect("a compiler was added");
        compiler.flags.push((level.to_owned(), flags.join(" ")));
    }

    fn archive(&self) {
        cc::Build::new().objects(&self.objects).compile("pi_kernels");
    }

    /// The Rust compiler with what decides over its code, and a warning where the caller's flags
    /// lift the level of Rust alone.
    fn record_rust(&mut self) {
        let rustc = PathBuf::from(variable("RUSTC"));
        let version = first_line(&rustc, &["--version"]).unwrap_or_default();
        let mut flags = format!("-C opt-level={}", variable("OPT_LEVEL"));
        let given = variable("CARGO_ENCODED_RUSTFLAGS").replace('\x1f', " ");
        if !given.is_empty() {
            write!(flags, " {given}").expect("a string can be written to");
        }
        let flags =
            self.levels.iter().map(|(level, _)| ((*level).to_owned(), flags.clone())).collect();
        self.compilers.insert(0, Compiler { language: "Rust", command: rustc, version, flags });
    }

    /// What the build script of a dependent needs to compile C and Fortran in the same way, as
    /// variables `DEP_PI_KERNELS_<KEY>`.
    fn tell_dependents(&self) {
        for compiler in self.compilers.iter().filter(|compiler| compiler.language != "Rust") {
            let language = compiler.language.to_lowercase();
            println!("cargo::metadata={language}_compiler={}", compiler.command.display());
            println!("cargo::metadata={language}_flags={}", compiler.flags[0].1);
        }
        if let Some((_, reason)) = self.missing.iter().find(|(part, _)| *part == "fortran") {
            println!("cargo::metadata=without_fortran={reason}");
        }
    }

    /// What makes the levels of the languages unequal.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let features = variable("CARGO_CFG_TARGET_FEATURE");
        let base = ["fxsr", "sse", "sse2", "x87"];
        let extra: Vec<&str> =
            features.split(',').filter(|f| !f.is_empty() && !base.contains(f)).collect();
        if variable("CARGO_CFG_TARGET_ARCH") == "x86_64" && !extra.is_empty() {
            warnings.push(format!(
                "Rust was told to use {} at every level (target-cpu or target-feature in \
                 RUSTFLAGS?): its levels are not those of C and Fortran; build without",
                extra.join(", ")
            ));
        }
        let opt_level = variable("OPT_LEVEL");
        let given = variable("CARGO_ENCODED_RUSTFLAGS");
        if opt_level != "3" || given.contains("opt-level") {
            warnings.push(format!(
                "Rust was built at opt-level {opt_level} (RUSTFLAGS: '{}'), C and Fortran at 3: \
                 build with --release and without RUSTFLAGS",
                given.replace('\x1f', " ")
            ));
        }
        for (name, language) in [("LIBPI_CFLAGS", "C"), ("LIBPI_FFLAGS", "Fortran")] {
            let unequal = ["-m", "-O", "-f"];
            if words(name).iter().any(|flag| unequal.iter().any(|start| flag.starts_with(start))) {
                warnings.push(format!(
                    "{name}={} may change the levels, the optimisation or the arithmetic of \
                     {language} alone: build without to compare",
                    variable(name)
                ));
            }
        }
        for warning in &warnings {
            println!("cargo::warning={warning}");
        }
        if variable("PROFILE") == "debug" {
            warnings.push(
                "this is a debug build: do not measure with it; build with --release".to_owned(),
            );
        }
        warnings
    }

    /// The Rust source that rust/build_info.rs includes.
    fn write_info(&self) {
        let mut text = String::from(
            "/// The compilers, as they were used.\npub const COMPILERS: &[Compiler] = &[\n",
        );
        for Compiler { language, command, version, flags } in &self.compilers {
            let command = command.display().to_string();
            writeln!(
                text,
                "    Compiler {{ language: {language:?}, command: {command:?}, version: {version:?}, flags: &{flags:?} }},"
            )
            .expect("a string can be written to");
        }
        let warnings = self.warnings();
        write!(
            text,
            "];\n\
             /// What makes the languages' levels unequal in this build.\n\
             pub const WARNINGS: &[&str] = &{warnings:?};\n\
             /// The OpenMP runtime that all OpenMP drivers share, if there are any.\n\
             pub const OPENMP_RUNTIME: Option<&str> = {:?};\n\
             /// The target triple.\n\
             pub const TARGET: &str = {:?};\n\
             /// The cargo profile: release or debug.\n\
             pub const PROFILE: &str = {:?};\n",
            self.openmp_runtime.map(|name| format!("lib{name}")).as_deref(),
            variable("TARGET"),
            variable("PROFILE"),
        )
        .expect("a string can be written to");
        fs::write(self.out.join("build_info.rs"), text).unwrap_or_else(|error| {
            fail(&format!("could not write into {}: {error}", self.out.display()))
        });
    }
}

/// Why a part is missing that its cargo feature leaves out.
fn feature_off(feature: &str) -> String {
    format!("the cargo feature {feature} is off: build with --features {feature}")
}

/// Ends the build if a compiler's variable has flags in it, which would be lost.
fn refuse_flags(compiler: &str, flags: &str) {
    let command = variable(compiler);
    if !Path::new(&command).exists() && command.split_whitespace().any(|word| word.starts_with('-'))
    {
        fail(&format!(
            "{compiler}={command}: it names a compiler, without flags; put flags into {flags}"
        ));
    }
}

/// Links a language's runtime library, from where its compiler keeps it: gcc and gfortran tell for
/// a file, clang and flang tell where they are installed, and the libraries are beside.
fn link_runtime(compiler: &Path, library: &str) {
    let file = first_line(compiler, &[&format!("-print-file-name=lib{library}.so")]);
    let beside_file = file.as_deref().and_then(|file| Path::new(file).parent().map(Path::to_owned));
    let installed = output_of(compiler, &["--version"]).and_then(|text| {
        let folder = text.lines().find_map(|line| line.strip_prefix("InstalledDir: "))?;
        Some(Path::new(folder).join("../lib"))
    });
    for folder in installed.into_iter().chain(beside_file).filter(|folder| folder.is_absolute()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    println!("cargo::rustc-link-lib={library}");
}

/// Makes the bindings of c/kernels.h anew, to be compared with the committed ones or to be used.
#[cfg(feature = "bindgen")]
fn write_bindings() {
    let bindings = bindgen::Builder::default()
        .header("c/kernels.h")
        .allowlist_item("libpi_.*")
        .use_core()
        .disable_header_comment()
        .merge_extern_blocks(true)
        .raw_line("// Made from c/kernels.h by `make bindings`: do not edit.")
        .formatter(bindgen::Formatter::Prettyplease)
        .generate()
        .unwrap_or_else(|error| fail(&format!("bindgen could not read c/kernels.h: {error}")));
    let file = Path::new(&variable("OUT_DIR")).join("kernels.rs");
    bindings
        .write_to_file(&file)
        .unwrap_or_else(|error| fail(&format!("could not write {}: {error}", file.display())));
}

/// The first line that a command prints, if it runs well.
fn first_line(command: &Path, arguments: &[&str]) -> Option<String> {
    let text = output_of(command, arguments)?;
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// What a command prints, if it runs well.
fn output_of(command: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn variable(name: &str) -> String {
    if name.starts_with("LIBPI_") {
        println!("cargo::rerun-if-env-changed={name}");
    }
    env::var(name).unwrap_or_default()
}

/// The words of a variable with flags.
fn words(name: &str) -> Vec<String> {
    variable(name).split_whitespace().map(str::to_owned).collect()
}

fn strings(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|&flag| flag.to_owned()).collect()
}

/// Ends the build with one line instead of a backtrace.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1);
}
