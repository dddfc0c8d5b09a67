//! Tests that libpi_mpi does what libpi_mpi.h promises, in C and in Fortran, on one to four ranks,
//! and that the tests catch mutants of it.
//!
//! `LIBPI_MPI` chooses the MPI: openmpi or mpich. By default it is the first MPI that is found.
//! Without an MPI the tests do nothing, unless `LIBPI_REQUIRE` names mpi: then they fail.

mod building;

use building::{here, link, outcome, run};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

const IN_C: &str = "all as the header says\n";
const IN_FORTRAN: &str = "all as the module says\n";

const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// One MPI, whose programs are mpicc, mpifort and mpiexec with this ending.
struct Mpi {
    ending: String,
    is_open_mpi: bool,
}

impl Mpi {
    /// Finds the MPI to test with.
    fn find() -> Option<Self> {
        let wanted = env::var("LIBPI_MPI").unwrap_or_default();
        let endings = match wanted.as_str() {
            "" => ["", ".openmpi", ".mpich"].map(str::to_owned).to_vec(),
            name => vec![format!(".{name}"), String::new()],
        };
        let found = endings.into_iter().find_map(Self::with_ending);
        let missing = match &found {
            None if wanted.is_empty() => {
                "no MPI here: neither mpicc, mpicc.openmpi nor mpicc.mpich can be run".to_owned()
            }
            None => format!("LIBPI_MPI={wanted}, but neither mpicc.{wanted} nor mpicc can be run"),
            Some(mpi) if !wanted.is_empty() && mpi.is_open_mpi != (wanted == "openmpi") => {
                format!("LIBPI_MPI={wanted}, but mpicc belongs to another MPI")
            }
            Some(_) => return found,
        };
        let required = env::var("LIBPI_REQUIRE").unwrap_or_default();
        let is_required =
            !wanted.is_empty() || required.split(',').any(|part| part.trim() == "mpi");
        assert!(!is_required, "{missing}");
        println!("not tested: {missing}");
        None
    }

    fn with_ending(ending: String) -> Option<Self> {
        let launcher = Command::new(format!("mpiexec{ending}")).arg("--version").output().ok()?;
        Command::new(format!("mpicc{ending}")).arg("--version").output().ok()?;
        let said = String::from_utf8_lossy(&launcher.stdout);
        let is_open_mpi = said.contains("Open MPI") || said.contains("OpenRTE");
        Some(Self { ending, is_open_mpi })
    }

    fn compiler(&self, name: &str) -> Command {
        let mut compiler = Command::new(format!("{name}{}", self.ending));
        compiler.arg("-I").arg(here()).arg("-I").arg(here().join("mpi"));
        compiler
    }

    /// Compiles a C program with these flags, together with this copy of libpi_mpi.c.
    fn c_program(&self, folder: &Path, library: &Path, source: &str, flags: &[&str]) -> PathBuf {
        let mut compiler = self.compiler("mpicc");
        compiler.arg("-std=c11").args(WARNINGS).args(flags).arg(library).arg(here().join(source));
        link(&mut compiler, folder, "program-in-c").get_program().into()
    }

    /// Compiles the test program in C with the real libpi_mpi.c.
    fn c_contract(&self, folder: &Path, flags: &[&str]) -> PathBuf {
        let library = here().join("mpi/libpi_mpi.c");
        self.c_program(folder, &library, "tests/consumer/mpi.c", flags)
    }

    /// Compiles the test program in Fortran.
    fn fortran_contract(&self, folder: &Path) -> PathBuf {
        let object = folder.join("libpi_mpi.o");
        let source = here().join("mpi/libpi_mpi.c");
        run(self.compiler("mpicc").arg("-c").arg(source).arg("-o").arg(&object));
        let mut compiler = self.compiler("mpifort");
        compiler.current_dir(folder).args(["-std=f2018", "-fcheck=all"]).args(WARNINGS);
        for source in ["libpi.f90", "mpi/libpi_mpi.f90", "tests/consumer/mpi.f90"] {
            compiler.arg(here().join(source));
        }
        link(compiler.arg(object), folder, "program-in-fortran").get_program().into()
    }

    /// Returns mpiexec under `timeout`, which ends the job after a minute.
    fn launcher(&self) -> Command {
        let mut launcher = Command::new("timeout");
        launcher.args(["--kill-after=5", "60"]).arg(format!("mpiexec{}", self.ending));
        if self.is_open_mpi {
            // Tests may start more ranks than there are CPUs, and may run as root.
            launcher.arg("--oversubscribe");
            launcher.env("OMPI_ALLOW_RUN_AS_ROOT", "1");
            launcher.env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        }
        // MPIs leak memory. Waiting OpenMP threads must not occupy the CPUs of other ranks.
        launcher.env("ASAN_OPTIONS", "detect_leaks=0").env("OMP_WAIT_POLICY", "passive");
        for variable in ["LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"] {
            launcher.env_remove(variable);
        }
        launcher
    }

    /// Runs a part of a program on so many ranks, and returns its output and exit status.
    fn outcome(&self, ranks: u32, program: &Path, part: &str) -> Output {
        outcome(self.launcher().args(["-n", &ranks.to_string()]).arg(program).arg(part))
    }

    /// Runs a part of a program on so many ranks, all of which must succeed, and returns what it
    /// prints.
    fn run(&self, ranks: u32, program: &Path, part: &str) -> String {
        run(self.launcher().args(["-n", &ranks.to_string()]).arg(program).arg(part))
    }
}

/// Whether any process runs this program.
fn is_running(program: &Path) -> bool {
    let processes = fs::read_dir("/proc").unwrap();
    processes.flatten().any(|entry| {
        fs::read_link(entry.path().join("exe")).is_ok_and(|running| running == program)
    })
}

/// Checks that all processes of a job end within ten seconds.
#[track_caller]
fn assert_all_ended(program: &Path) {
    let program = fs::canonicalize(program).unwrap();
    for _ in 0..100 {
        if !is_running(&program) {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{program:?} still runs after its job ended");
}

#[test]
fn answers_and_errors_in_c_on_one_to_four_ranks() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_contract(folder.path(), &[]);
    for ranks in 1..=4 {
        assert_eq!(mpi.run(ranks, &program, "contract"), IN_C);
    }
}

#[test]
fn answers_and_errors_in_c_under_sanitizers() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_contract(folder.path(), &SANITIZERS);
    assert_eq!(mpi.run(2, &program, "contract"), IN_C);
}

#[test]
fn known_counts_for_ranks_threads_drivers_and_kernels() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_contract(folder.path(), &["-O2"]);
    for ranks in 1..=4 {
        assert_eq!(mpi.run(ranks, &program, "product"), IN_C);
    }
}

#[test]
fn a_failure_on_one_rank_reaches_all_ranks_before_the_work_if_possible() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_contract(folder.path(), &[]);
    for ranks in [1, 3] {
        assert_eq!(mpi.run(ranks, &program, "failure-before-work"), IN_C);
        assert_eq!(mpi.run(ranks, &program, "failure-at-work"), IN_C);
    }
}

#[test]
fn a_rank_that_dies_ends_the_job_and_leaves_no_process() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.c_contract(folder.path(), &[]);
    assert!(is_running(&env::current_exe().unwrap()), "/proc shows no processes");
    let output = mpi.outcome(3, &program, "death");
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap();
    // `timeout` exits with 124 if it had to end the job.
    assert!(![0, 124].contains(&code), "{code}: {said}");
    assert_all_ended(&program);
}

#[test]
fn answers_and_errors_in_fortran() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = mpi.fortran_contract(folder.path());
    for ranks in [1, 2, 3] {
        assert_eq!(mpi.run(ranks, &program, "contract"), IN_FORTRAN);
    }
    // If no rank passes stat, an error stops all ranks with libpi's message.
    let output = mpi.outcome(2, &program, "stop");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ERROR STOP on rank 0 of 2: seed 2 does not suit"), "{said}");
    assert!(!said.contains("check failed"), "{said}");
    assert_all_ended(&program);
}

#[test]
fn programs_in_c_and_fortran_count_together_in_one_job() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let in_c = mpi.c_contract(folder.path(), &[]);
    let in_fortran = mpi.fortran_contract(folder.path());
    for (first, second, said) in [(&in_c, &in_fortran, IN_C), (&in_fortran, &in_c, IN_FORTRAN)] {
        let mut job = mpi.launcher();
        job.args(["-n", "1"]).arg(first).arg("together");
        job.args([":", "-n", "2"]).arg(second).arg("together");
        assert_eq!(run(&mut job), said);
    }
}

/// Replaces one piece of the library's code and checks that the test program then fails.
#[track_caller]
fn assert_caught(mpi: &Mpi, part: &str, code: &str, mutant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let source = include_str!("../mpi/libpi_mpi.c");
    assert_eq!(source.matches(code).count(), 1, "libpi_mpi.c must contain this code once: {code}");
    let library = folder.path().join("libpi_mpi.c");
    fs::write(&library, source.replace(code, mutant)).unwrap();
    let program = mpi.c_program(folder.path(), &library, "tests/consumer/mpi.c", &[]);
    let output = mpi.outcome(3, &program, part);
    assert!(!output.status.success(), "the tests pass with this mutant: {mutant}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("mpi.c:") || said.contains("instead of"), "{mutant}: {said}");
}

#[test]
fn mutants_of_the_split_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught = |code, mutant| assert_caught(&mpi, "product", code, mutant);
    // Two ranks count the same range.
    caught("(uint64_t)ranks.rank, &part_first", "(uint64_t)ranks.rank / 2, &part_first");
    // The end of the range, or of a part, is not counted.
    caught(
        "(uint64_t)ranks.size, (uint64_t)ranks.rank, &part_first,",
        "(uint64_t)ranks.size + 1, (uint64_t)ranks.rank, &part_first,",
    );
    caught("part_first, part_count, threads", "part_first, part_count / 2 * 2, threads");
    // The total is the largest count and not the sum.
    caught("MPI_UINT64_T, MPI_SUM", "MPI_UINT64_T, MPI_MAX");
    // Only rank 0 gets the total, or only its count is added.
    caught("    *hits = total;", "    *hits = ranks.rank == 0 ? total : part;");
    caught("    uint64_t total = 0;", "    uint64_t total = 0;\n    part *= ranks.rank == 0;");
}

#[test]
fn mutants_of_the_errors_are_caught() {
    let Some(mpi) = Mpi::find() else { return };
    let caught = |code, mutant| assert_caught(&mpi, "contract", code, mutant);
    // The message of a failed rank, or its failure, does not reach the other ranks.
    caught(
        "    TRY(MPI_Bcast, last_error, sizeof last_error, MPI_CHAR, failed, ranks->comm);\n",
        "",
    );
    caught("MPI_INT, MPI_MIN", "MPI_INT, MPI_MAX");
    // The ranks disagree about count, and no rank checks it.
    caught("for (int i = 0; i < 4; i++)", "for (int i = 0; i < 3; i++)");
    // A success keeps the message of an earlier error.
    caught("    last_error[0] = '\\0';\n", "");
    // hits is written although another rank may still fail.
    caught("hits == NULL ? NULL : &part", "hits");
}

#[test]
fn header_compiles_in_every_dialect() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = "#include \"libpi_mpi.h\"\n#include \"libpi_mpi.h\"\n\
                  libpi_status (*used)(MPI_Fint, libpi_generator, uint64_t, uint64_t, uint64_t,\n\
                  int32_t, uint64_t *) = libpi_mpi_hits_fint;\n";
    for (compiler, standard, name) in [
        ("mpicc", "-std=c99", "c99.c"),
        ("mpicc", "-std=c2x", "c23.c"),
        ("mpicxx", "-std=c++11", "cpp11.cpp"),
        ("mpicxx", "-std=c++20", "cpp20.cpp"),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, source).unwrap();
        // Leave out MPI's old C++ interface, because it causes warnings.
        let flags = ["-Wall", "-Wextra", "-Werror", "-DOMPI_SKIP_MPICXX", "-DMPICH_SKIP_MPICXX"];
        run(mpi.compiler(compiler).arg(standard).args(flags).arg("-fsyntax-only").arg(file));
    }
}

#[test]
fn parameters_of_the_module_are_the_constants_of_the_header() {
    let mut in_c: Vec<(&str, &str)> = include_str!("../mpi/libpi_mpi.h")
        .lines()
        .filter_map(|line| line.strip_prefix("#define LIBPI_MPI_ERROR_")?.split_once(' '))
        .collect();
    let mut in_fortran: Vec<(&str, &str)> = include_str!("../mpi/libpi_mpi.f90")
        .lines()
        .filter_map(|line| line.split_once(":: LIBPI_MPI_ERROR_")?.1.split_once(" = "))
        .collect();
    in_c.sort_unstable();
    in_fortran.sort_unstable();
    assert_eq!(in_fortran, in_c);
    assert_eq!(in_c.len(), 4);
}

/// Builds and installs libpi with this MPI.
fn install(mpi: &str, prefix: &Path) {
    // One test at a time, because a build replaces the files that an installation copies.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    for step in ["build", "install"] {
        run(Command::new("sh")
            .arg(here().join("../tools/install.sh"))
            .arg(step)
            .env("CARGO", env!("CARGO"))
            .env("PROFILE", "dev")
            .env("PREFIX", prefix)
            .env("MPI", mpi)
            .env_remove("DESTDIR")
            .env_remove("LIBDIR"));
    }
}

fn pkg_config(prefix: &Path, arguments: &[&str]) -> Vec<String> {
    let said = run(Command::new("pkg-config")
        .args(arguments)
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
    said.split_whitespace().map(str::to_owned).collect()
}

/// Builds an example with the flags of an installation, runs it on three ranks, and returns what it
/// prints.
fn example(mpi: &Mpi, prefix: &Path, compiler: &str, source: &str, libraries: &[String]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("mixed");
    run(Command::new(format!("{compiler}{}", mpi.ending))
        .current_dir(&folder)
        .arg(here().join(source))
        .args(libraries)
        .arg("-o")
        .arg(&program));
    run(mpi.launcher().args(["-n", "3"]).arg(program).env("LD_LIBRARY_PATH", prefix.join("lib")))
}

#[test]
fn examples_mix_three_languages_where_it_is_installed() {
    let Some(mpi) = Mpi::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("moved");
    let first = folder.path().join("first");
    let name = if mpi.is_open_mpi { "openmpi" } else { "mpich" };
    install(name, &first);
    fs::rename(&first, &prefix).unwrap();

    let library = prefix.join(format!("lib/libpi_mpi-{name}.so"));
    let dynamic = run(Command::new("readelf").arg("-d").arg(&library));
    assert!(dynamic.contains(&format!("soname: [libpi_mpi-{name}.so.1]")), "{dynamic}");
    assert!(dynamic.contains("[libpi.so.1]") && dynamic.contains("[libmpi"), "{dynamic}");
    let listing =
        run(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(&library));
    let exported: Vec<&str> = listing.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(
        exported,
        [
            "libpi_mpi_hits",
            "libpi_mpi_hits_fint",
            "libpi_mpi_hits_with",
            "libpi_mpi_hits_with_fint",
            "libpi_mpi_last_error"
        ]
    );

    let expected = "7855825 hits, from rust under openmp-c on rank 0 of 3\n\
                    7855825 hits, from c under openmp-fortran on rank 0 of 3\n\
                    7855825 hits, from fortran under rayon on rank 0 of 3\n\
                    the next 10000000 samples: pi = 3.141335, standard error 0.000519\n";
    let c = pkg_config(&prefix, &["--cflags", "--libs", "libpi_mpi"]);
    assert_eq!(example(&mpi, &prefix, "mpicc", "mpi/examples/mixed.c", &c), expected);
    let fortran = pkg_config(&prefix, &["--cflags", "--libs", "libpi_mpi-fortran"]);
    assert_eq!(example(&mpi, &prefix, "mpifort", "mpi/examples/mixed.f90", &fortran), expected);
    // Name both archives, because -lpi would link the shared libraries.
    let mut archives = pkg_config(&prefix, &["--static", "--cflags", "--libs", "libpi_mpi"]);
    for library in &mut archives {
        if let Some(name) = library.strip_prefix("-lpi") {
            *library = format!("-l:libpi{name}.a");
        }
    }
    assert_eq!(example(&mpi, &prefix, "mpicc", "mpi/examples/mixed.c", &archives), expected);
}

#[test]
fn two_mpis_are_installed_side_by_side() {
    let both = [".openmpi", ".mpich"].map(|ending| Mpi::with_ending(ending.to_owned()));
    let [Some(open_mpi), Some(mpich)] = both else {
        println!("not tested: this needs both mpicc.openmpi and mpicc.mpich");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path();
    install("openmpi", prefix);
    install("mpich", prefix);
    for (package, mpi) in [("libpi_mpi-openmpi", open_mpi), ("libpi_mpi", mpich)] {
        let libraries = pkg_config(prefix, &["--cflags", "--libs", package]);
        let said = example(&mpi, prefix, "mpicc", "mpi/examples/mixed.c", &libraries);
        assert!(said.starts_with("7855825 hits"), "{package}: {said}");
    }
    run(Command::new("sh")
        .arg(here().join("../tools/install.sh"))
        .arg("uninstall")
        .env("PREFIX", prefix)
        .env_remove("DESTDIR")
        .env_remove("LIBDIR"));
    assert!(fs::read_dir(prefix).unwrap().next().is_none());
}
