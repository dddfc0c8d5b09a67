//! What tools/install.sh installs can be used from anywhere, also after it was moved, and removed.

#[allow(dead_code, reason = "each test takes of it what it needs")]
mod building;

use building::{here, outcome, run};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

const AS_EXPECTED: &str = "all as the header says\n";

/// The script, for the build that tests use.
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

fn pkg_config(prefix: &Path, arguments: &[&str]) -> Vec<String> {
    let said = run(Command::new("pkg-config")
        .args(arguments)
        .arg("libpi")
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
    said.split_whitespace().map(str::to_owned).collect()
}

/// C programs by pkg-config and by CMake, shared and static, from an empty folder.
fn use_it(prefix: &Path) {
    let source = here().join("tests/consumer/contract.c");
    let folder = tempfile::tempdir().unwrap();
    let compile = |libraries: &[String]| {
        run(Command::new("cc")
            .current_dir(&folder)
            .args(["-std=c11", "-pthread", "-o", "program"])
            .arg(&source)
            .args(pkg_config(prefix, &["--cflags"]))
            .args(libraries)
            .arg("-lm"));
        let mut program = Command::new(folder.path().join("program"));
        program.env_remove("LIBPI_NUM_THREADS");
        program
    };

    let mut shared = compile(&pkg_config(prefix, &["--libs"]));
    assert_eq!(run(shared.env("LD_LIBRARY_PATH", prefix.join("lib"))), AS_EXPECTED);
    // With both libraries there -lpi means the shared one, and -static fails: there is no static
    // libgcc_s, which Rust asks for. So libpi.a is named.
    let mut libraries = pkg_config(prefix, &["--static", "--libs"]);
    for library in &mut libraries {
        if library == "-lpi" {
            *library = "-l:libpi.a".to_owned();
        }
    }
    let mut with_archive = compile(&libraries);
    assert_eq!(run(&mut with_archive), AS_EXPECTED);

    if Command::new("cmake").arg("--version").output().is_err() {
        println!("not tried: there is no cmake here");
        return;
    }
    fs::write(
        folder.path().join("CMakeLists.txt"),
        format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(consumer C)\n\
             find_package(libpi {} REQUIRED)\nfind_package(Threads REQUIRED)\n\
             foreach(kind shared static)\n  add_executable(${{kind}} {source:?})\n  \
             target_link_libraries(${{kind}} libpi::${{kind}} Threads::Threads m)\nendforeach()\n",
            env!("CARGO_PKG_VERSION")
        ),
    )
    .unwrap();
    let path = format!("-DCMAKE_PREFIX_PATH={}", prefix.display());
    run(Command::new("cmake").current_dir(&folder).args(["-S", ".", "-B", "made", &path]));
    run(Command::new("cmake").current_dir(&folder).args(["--build", "made"]));
    for kind in ["shared", "static"] {
        assert_eq!(run(&mut Command::new(folder.path().join("made").join(kind))), AS_EXPECTED);
        let needed =
            run(Command::new("readelf").arg("-d").arg(folder.path().join("made").join(kind)));
        assert_eq!(needed.contains("libpi.so.1"), kind == "shared", "{needed}");
    }
}

#[test]
fn it_works_where_it_was_installed_and_where_it_was_moved_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    install(&mut script("install", &first));
    // Over an older installation, which had a file more.
    let list = first.join("lib/libpi/install_manifest.txt");
    fs::write(&list, fs::read_to_string(&list).unwrap() + "lib/libpi.so.0.0.1\n").unwrap();
    fs::write(first.join("lib/libpi.so.0.0.1"), "").unwrap();
    install(&mut script("install", &first));
    assert!(!first.join("lib/libpi.so.0.0.1").exists());

    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(pkg_config(&first, &["--modversion"]), [version]);
    let library = fs::canonicalize(first.join("lib/libpi.so")).unwrap();
    assert!(library.ends_with(format!("libpi.so.{version}")), "{library:?}");
    let says = |path: &str, text: String| {
        assert!(fs::read_to_string(first.join(path)).unwrap().contains(&text), "{path}: {text}");
    };
    says("include/libpi.h", format!("LIBPI_VERSION \"{version}\""));
    says("lib/cmake/libpi/libpiConfigVersion.cmake", format!("PACKAGE_VERSION \"{version}\""));
    assert_eq!(run(Command::new(first.join("bin/pi")).arg("--version")), format!("pi {version}\n"));
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
fn a_prefix_that_cannot_be_written_is_said_in_one_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let prefix = file.path().join("below");
    install(&mut Command::new("true"));
    let output = outcome(&mut script("install", &prefix));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.starts_with("error: cannot write to ") && said.lines().count() == 1, "{said}");
}
