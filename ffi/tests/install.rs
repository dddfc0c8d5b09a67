//! Tests that an installation by tools/install.sh works from any folder and after a move, and that
//! it can be removed.

mod building;
mod page;

use building::{here, outcome, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The first lines that examples/estimate_pi prints in every language.
const ESTIMATE: &str = "785987 hits of 1000000 samples\npi = 3.143948, standard error 0.001641\n";

/// Returns the command for a step of the script, with the build that the tests use.
fn script(step: &str, prefix: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .arg(here().join("../tools/install.sh"))
        .arg(step)
        .env("CARGO", env!("CARGO"))
        .env("PROFILE", "dev")
        .env("PREFIX", prefix)
        .env_remove("DESTDIR")
        .env_remove("LIBDIR");
    command
}

fn install(command: &mut Command) {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| drop(run(&mut script("build", Path::new("/nowhere")))));
    run(command);
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

fn pkg_config(prefix: &Path, arguments: &[&str], package: &str) -> Vec<String> {
    let said = run(Command::new("pkg-config")
        .args(arguments)
        .arg(package)
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
    said.split_whitespace().map(str::to_owned).collect()
}

/// Runs the contract in C and in Fortran, built in an empty folder with pkg-config's flags, with
/// the shared library and with libpi.a.
fn use_it(prefix: &Path) {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, flags, source, package, expected) in [
        ("cc", &["-std=c11", "-pthread"][..], "contract.c", "libpi", "all as the header says\n"),
        ("gfortran", &["-std=f2018"], "contract.f90", "libpi-fortran", "all as the module says\n"),
    ] {
        for library in ["-lpi", "-l:libpi.a"] {
            let mut libraries = pkg_config(prefix, &["--cflags", "--static", "--libs"], package);
            let pi = libraries.iter_mut().find(|flag| *flag == "-lpi").expect("libpi itself");
            library.clone_into(pi);
            run(Command::new(compiler)
                .current_dir(&folder)
                .args(flags)
                .args(["-o", "program"])
                .arg(here().join("tests/consumer").join(source))
                .args(libraries));
            let program = folder.path().join("program");
            let needed = run(Command::new("readelf").arg("-d").arg(&program));
            assert_eq!(needed.contains("[libpi.so.1]"), library == "-lpi", "{needed}");
            let mut program = Command::new(program);
            program.env("LD_LIBRARY_PATH", prefix.join("lib")).env_remove("LIBPI_NUM_THREADS");
            assert_eq!(run(&mut program), expected);
        }
    }
}

/// Runs the contract in C and in Fortran, built in an empty folder by CMake with these compilers.
fn use_it_by_cmake(prefix: &Path, c: &str, fortran: &str) {
    let folder = tempfile::tempdir().unwrap();
    let consumer = here().join("tests/consumer");
    let project = format!(
        "cmake_minimum_required(VERSION 3.20)\nproject(consumer C Fortran)\n\
         find_package(libpi {} REQUIRED COMPONENTS Fortran)\nfind_package(Threads REQUIRED)\n\
         foreach(kind shared static)\n  add_executable(${{kind}} {:?})\n  \
         target_link_libraries(${{kind}} libpi::${{kind}} Threads::Threads)\nendforeach()\n\
         add_executable(fortran {:?})\ntarget_link_libraries(fortran libpi::fortran)\n",
        env!("CARGO_PKG_VERSION"),
        consumer.join("contract.c"),
        consumer.join("contract.f90"),
    );
    fs::write(folder.path().join("CMakeLists.txt"), project).unwrap();
    run(&mut configure(folder.path(), prefix, c, fortran));
    run(Command::new("cmake").current_dir(&folder).args(["--build", "made"]));
    for (program, says) in [("shared", "header"), ("static", "header"), ("fortran", "module")] {
        let program = folder.path().join("made").join(program);
        let needed = run(Command::new("readelf").arg("-d").arg(&program));
        assert_eq!(needed.contains("[libpi.so.1]"), !program.ends_with("static"), "{needed}");
        let mut program = Command::new(program);
        let said = run(program.env_remove("LIBPI_NUM_THREADS"));
        assert_eq!(said, format!("all as the {says} says\n"));
    }
}

fn configure(folder: &Path, prefix: &Path, c: &str, fortran: &str) -> Command {
    let mut command = Command::new("cmake");
    command.current_dir(folder).args(["-S", ".", "-B", "made"]).args([
        format!("-DCMAKE_PREFIX_PATH={}", prefix.display()),
        format!("-DCMAKE_C_COMPILER={c}"),
        format!("-DCMAKE_Fortran_COMPILER={fortran}"),
    ]);
    command
}

/// Checks that all installed and all committed files have the version of the package.
fn check_versions(prefix: &Path) {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(pkg_config(prefix, &["--modversion"], "libpi"), [version]);
    assert_eq!(pkg_config(prefix, &["--modversion"], "libpi-fortran"), [version]);
    let library = fs::canonicalize(prefix.join("lib/libpi.so")).unwrap();
    assert!(library.ends_with(format!("libpi.so.{version}")), "{library:?}");
    let root = here().join("..");
    for (file, text) in [
        (prefix.join("include/libpi.h"), format!("LIBPI_VERSION \"{version}\"")),
        (
            prefix.join("include/libpi/libpi_types.f90"),
            format!("LIBPI_MODULE_VERSION = \"{version}\""),
        ),
        (
            prefix.join("lib/cmake/libpi/libpiConfigVersion.cmake"),
            format!("PACKAGE_VERSION \"{version}\""),
        ),
        (root.join("Cargo.toml"), format!("\nversion = \"{version}\"\n")),
        (root.join("fpm.toml"), format!("\nversion = \"{version}\"\n")),
        (root.join("CITATION.cff"), format!("\nversion: {version}\n")),
    ] {
        assert!(fs::read_to_string(&file).unwrap().contains(&text), "{file:?}: {text}");
    }
    let said = run(Command::new(prefix.join("bin/pi")).arg("--version"));
    assert_eq!(said, format!("pi {version}\n"));
}

#[test]
fn an_installation_works_also_after_a_move_and_uninstall_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    install(&mut script("install", &first));
    // Install over an older installation, which had one more file.
    let list = first.join("lib/libpi/install_manifest.txt");
    fs::write(&list, fs::read_to_string(&list).unwrap() + "lib/libpi.so.0.0.1\n").unwrap();
    fs::write(first.join("lib/libpi.so.0.0.1"), "").unwrap();
    install(&mut script("install", &first));
    assert!(!first.join("lib/libpi.so.0.0.1").exists());

    check_versions(&first);
    use_it(&first);

    fs::rename(&first, &second).unwrap();
    use_it(&second);

    fs::write(second.join("share/other"), "not ours").unwrap();
    run(&mut script("uninstall", &second));
    fs::remove_file(second.join("share/other")).unwrap();
    fs::remove_dir(second.join("share")).unwrap();
    assert!(is_empty(&second), "{:?}", fs::read_dir(&second).unwrap().collect::<Vec<_>>());
}

#[test]
fn destdir_and_libdir_are_respected() {
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    let prefix = Path::new("/opt/libpi-for-a-test");
    let with = |step| {
        let mut command = script(step, prefix);
        command.env("DESTDIR", &stage).env("LIBDIR", "lib/here");
        command
    };
    install(&mut with("install"));
    assert!(!prefix.exists());
    let staged = stage.join("opt/libpi-for-a-test");
    assert!(staged.join("lib/here/libpi.so.1").exists());
    let include = run(Command::new("pkg-config")
        .args(["--variable=includedir", "libpi"])
        .env("PKG_CONFIG_PATH", staged.join("lib/here/pkgconfig")));
    assert!(Path::new(include.trim()).join("libpi.h").exists(), "{include}");
    run(&mut with("uninstall"));
    assert!(is_empty(&staged));
}

#[test]
fn an_unwritable_prefix_gives_an_error_of_one_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let prefix = file.path().join("below");
    install(&mut Command::new("true"));
    let output = outcome(&mut script("install", &prefix));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.starts_with("error: cannot write to ") && said.lines().count() == 1, "{said}");
}

#[test]
fn the_installed_files_name_the_native_libraries_that_rustc_names() {
    let folder = tempfile::tempdir().unwrap();
    install(&mut script("install", folder.path()));
    let output = outcome(Command::new(env!("CARGO")).args([
        "rustc",
        "--package",
        "libpi-ffi",
        "--lib",
        "--",
        "--print",
        "native-static-libs",
    ]));
    let said = String::from_utf8_lossy(&output.stderr);
    let libraries = said.lines().find_map(|line| line.strip_prefix("note: native-static-libs: "));
    let libraries = libraries.unwrap_or_else(|| panic!("{said}"));
    let read = |file| fs::read_to_string(folder.path().join(file)).unwrap();
    let pc = read("lib/pkgconfig/libpi.pc");
    assert!(pc.contains(&format!("\nLibs.private: {libraries}\n")), "{pc}");
    let list = format!("INTERFACE_LINK_LIBRARIES \"{}\"\n", libraries.replace(' ', ";"));
    assert!(read("lib/cmake/libpi/libpiConfig.cmake").contains(&list), "{list}");
}

/// Returns a folder that stays between runs of the tests, so that they reuse its virtual
/// environment. Removes the project of the last run.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let _ = fs::remove_dir_all(folder.join("consumer"));
    folder
}

/// Runs what the page says below a heading, and checks how often the estimate is printed.
fn page_estimates(heading: &str, folder: &Path, times: usize) {
    let prefix = tempfile::tempdir().unwrap();
    install(&mut script("install", prefix.path()));
    let said = page::follow(heading, prefix.path(), folder);
    assert_eq!(said.matches(ESTIMATE).count(), times, "{said}");
}

#[test]
fn page_from_c() {
    page_estimates("From C", tempfile::tempdir().unwrap().path(), 2);
}

#[test]
fn page_from_fortran() {
    page_estimates("From Fortran", tempfile::tempdir().unwrap().path(), 2);
}

#[test]
fn page_statically() {
    let folder = tempfile::tempdir().unwrap();
    page_estimates("Statically", folder.path(), 4);
    let last = run(Command::new("readelf").arg("-d").arg(folder.path().join("estimate_pi")));
    assert!(last.contains("There is no dynamic section"), "{last}");
}

#[test]
#[ignore = "needs cmake: see make test-all"]
fn page_with_cmake() {
    page_estimates("With CMake", tempfile::tempdir().unwrap().path(), 3);
}

#[test]
#[ignore = "needs fpm from PyPI: see make test-all"]
fn page_with_fpm() {
    page_estimates("With fpm", &kept("fpm"), 1);
}

#[test]
#[ignore = "needs cffi from PyPI: see make test-all"]
fn page_from_python() {
    page_estimates("From Python", &kept("cffi"), 1);
}

#[test]
#[ignore = "needs numpy from PyPI: see make test-all"]
fn page_from_python_through_fortran() {
    page_estimates("From Python through Fortran", &kept("f2py"), 1);
}

#[test]
fn page_which_abi() {
    let prefix = tempfile::tempdir().unwrap();
    install(&mut script("install", prefix.path()));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(page::follow("Which ABI", prefix.path(), folder.path()), "ABI 1, as compiled for\n");

    // The same program, compiled for an older ABI.
    let header = prefix.path().join("include/libpi.h");
    let older = fs::read_to_string(&header).unwrap().replace("ABI_VERSION 1\n", "ABI_VERSION 0\n");
    fs::write(header, older).unwrap();
    let commands = page::texts("Which ABI", "sh").concat();
    let commands = format!("{}{commands} 2>&1 || true", page::texts("Installing", "sh")[1]);
    let commands = commands.replace("./abi_version\n", "./abi_version");
    assert_eq!(
        page::type_in(&commands, prefix.path(), folder.path()),
        "libpi.so has ABI 1, this program was compiled for 0: compile it with the libpi.h of that \
         library\n"
    );
}

/// Types the commands as people do, which makes a release build.
#[test]
#[ignore = "makes a release build: see make test-all"]
fn page_installing() {
    let prefix = tempfile::tempdir().unwrap();
    let root = here().join("..");
    page::type_in(&page::texts("Installing", "sh").concat(), prefix.path(), &root);
    check_versions(prefix.path());
    page::type_in("make uninstall PREFIX=/some/place", prefix.path(), &root);
    assert!(is_empty(prefix.path()));
}

#[test]
#[ignore = "makes a release build: see make test-all"]
fn page_what_a_call_costs() {
    let commands = page::texts("What a call costs", "sh").concat();
    let said = page::type_in(&commands, Path::new("/nowhere"), &here().join(".."));
    assert_eq!(said.matches("libpi_hits").count(), 3, "{said}");
}

#[test]
fn page_excerpts_are_of_the_examples() {
    for language in ["c", "fortran"] {
        let excerpts = page::texts("Examples", language);
        assert!(!excerpts.is_empty(), "{language}");
        for excerpt in excerpts {
            let is_of = |file: &Path| {
                page::flat(&fs::read_to_string(file).unwrap()).contains(&page::flat(&excerpt))
            };
            let mut examples = fs::read_dir(here().join("examples")).unwrap();
            assert!(examples.any(|file| is_of(&file.unwrap().path())), "{excerpt}");
        }
    }
}

#[test]
fn page_has_a_test_for_every_heading() {
    let tests = include_str!("install.rs");
    for heading in page::headings() {
        assert!(tests.contains(&format!("(\"{heading}\", ")), "{heading}");
    }
}

#[test]
#[ignore = "needs cmake, clang and flang: see make test-all"]
fn cmake_finds_libpi_for_gfortran_and_flang_also_after_a_move() {
    let folder = tempfile::tempdir().unwrap();
    for (c, fortran, other) in
        [("gcc", "gfortran", "flang-new-19"), ("clang-19", "flang-new-19", "gfortran")]
    {
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        install(script("install", &first).env("FC", fortran));
        use_it_by_cmake(&first, c, fortran);
        fs::rename(&first, &second).unwrap();
        use_it_by_cmake(&second, c, fortran);

        let project = tempfile::tempdir().unwrap();
        fs::write(
            project.path().join("CMakeLists.txt"),
            "cmake_minimum_required(VERSION 3.20)\nproject(consumer C Fortran)\n\
             find_package(libpi REQUIRED COMPONENTS Fortran)\n",
        )
        .unwrap();
        let output = outcome(&mut configure(project.path(), &second, c, other));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("its module was compiled by"), "{said}");
        fs::remove_dir_all(&second).unwrap();
    }
}
