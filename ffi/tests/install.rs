//! Tests that an installation by tools/install.sh works from any folder and after a move, and that
//! it can be removed.

mod building;
mod installing;

use building::{here, outcome, run};
use installing::{build, check_versions, install, is_empty, pkg_config, script};
use std::fs;
use std::path::Path;
use std::process::Command;

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

#[test]
fn an_installation_works_also_after_a_move_and_uninstall_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    install(&first);
    check_versions(&first);
    use_it(&first);

    fs::rename(&first, &second).unwrap();
    use_it(&second);

    run(&mut script("uninstall", Path::new("/nowhere"), &second));
    assert!(is_empty(&second), "{:?}", fs::read_dir(&second).unwrap().collect::<Vec<_>>());
}

#[test]
fn the_installed_files_name_the_native_libraries_that_rustc_names() {
    let folder = tempfile::tempdir().unwrap();
    install(folder.path());
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

#[test]
#[ignore = "needs cmake, clang and flang: see make test-all"]
fn cmake_finds_libpi_for_gfortran_and_flang_also_after_a_move() {
    let folder = tempfile::tempdir().unwrap();
    for (c, fortran, other) in
        [("gcc", "gfortran", "flang-new-19"), ("clang-19", "flang-new-19", "gfortran")]
    {
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        let target = build(fortran, &[("FC", fortran)]);
        run(&mut script("install", &target, &first));
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
