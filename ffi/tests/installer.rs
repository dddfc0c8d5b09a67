//! Tests tools/install.sh with a small stage: hostile values, files of others, older installations.

mod building;
mod installing;

use building::{here, outcome, run};
use installing::{clean, listing, script, write_program, write_stage};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Values that a shell, make, sed or a list would take apart.
const HOSTILE: [&str; 12] = [
    "two words",
    " blanks around ",
    "quotes'and\"quotes",
    "`touch hit`",
    "$(touch hit)$HOME$$",
    "a&b|c;d#e",
    "back\\slash\\1\\n",
    "new\nline",
    "*?[a-z]{b,c}~",
    "-n --help",
    "größe 円周率",
    "trailing/",
];

const FILES: [(&str, &str); 6] = [
    ("bin/pi", "the command"),
    ("include/libpi.h", "the header"),
    ("lib/libpi.so", "-> libpi.so.0.1.0"),
    ("lib/libpi.so.0.1.0", "the library"),
    ("lib/pkgconfig/libpi.pc", "prefix=${pcfiledir}/../@UP@\nlibdir=${prefix}/@LIBDIR@\n"),
    ("lib/cmake/libpi/libpiConfig.cmake", "../../@UP@ @LIBDIR@\n"),
];

/// A folder with a stage and a prefix.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        write_stage(&place.target(), &FILES, "");
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn target(&self) -> PathBuf {
        self.path().join("target")
    }

    fn prefix(&self) -> PathBuf {
        self.path().join("prefix")
    }

    fn script(&self, step: &str) -> Command {
        script(step, &self.target(), &self.prefix())
    }

    /// `make STEP` with these variables, typed after it.
    fn make(&self, step: &str, variables: &[(&str, &Path)]) -> Command {
        let mut make = clean("make");
        make.args(["-s", step]).env("CARGO", "no-cargo");
        make.env("CARGO_TARGET_DIR", self.target());
        for (name, value) in variables {
            make.arg(format!("{name}={}", value.to_str().unwrap()));
        }
        make
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.prefix().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Runs a command that must end with this exit code and say this in one line.
#[track_caller]
fn refuses(command: &mut Command, code: i32, words: &[&str]) {
    let output = outcome(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command:?}: {said}");
    assert!(said.starts_with("error: "), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

fn assert_installed(prefix: &Path) {
    let listing = listing(prefix);
    let text = |path: &str| listing.get(Path::new(path)).map(String::as_str);
    assert_eq!(text("bin/pi"), Some("the command"), "{listing:?}");
    assert_eq!(text("lib/libpi.so"), Some("-> libpi.so.0.1.0"));
    let pc = "prefix=${pcfiledir}/../..\nlibdir=${prefix}/lib\n";
    assert_eq!(text("lib/pkgconfig/libpi.pc"), Some(pc));
    assert_eq!(text("lib/cmake/libpi/libpiConfig.cmake"), Some("../../.. lib\n"));
    assert!(!listing.keys().any(|path| path.to_string_lossy().contains(".libpi-install")));
}

#[test]
fn a_prefix_may_contain_any_character() {
    let place = Place::new();
    for value in HOSTILE {
        let prefix = place.path().join("prefixes").join(value);
        // From the environment and as make's argument.
        run(place.make("install", &[]).env("PREFIX", &prefix));
        assert_installed(&prefix);
        run(&mut place.make("uninstall", &[("PREFIX", &prefix)]));
        assert!(listing(&prefix).is_empty(), "{value:?}");
        run(&mut place.make("install", &[("PREFIX", &prefix)]));
        assert_installed(&prefix);
    }
    assert!(!here().join("../hit").exists(), "a value was run");
    refuses(place.script("install").env("PREFIX", "some/place"), 2, &["PREFIX", "some/place"]);
}

#[test]
fn destdir_may_contain_any_character_and_be_relative_or_missing() {
    let place = Place::new();
    for value in HOSTILE {
        let destdir = place.path().join("stages").join(value);
        let variables = [("DESTDIR", destdir.as_path()), ("PREFIX", Path::new("/opt/a b"))];
        run(&mut place.make("install", &variables));
        assert_installed(&destdir.join("opt/a b"));
        run(&mut place.make("uninstall", &variables));
        assert!(listing(&destdir.join("opt/a b")).is_empty(), "{value:?}");

        let with = |step| {
            let mut command = clean("sh");
            command.arg(here().join("../tools/install.sh")).arg(step).current_dir(place.path());
            command.env("CARGO", "no-cargo").env("CARGO_TARGET_DIR", place.target());
            command.env("DESTDIR", format!("relative-{value}/and/missing")).env("PREFIX", "/usr/");
            command
        };
        run(&mut with("install"));
        let root = place.path().join(format!("relative-{value}/and/missing/usr"));
        assert_installed(&root);
        run(&mut with("uninstall"));
        assert!(listing(&root).is_empty(), "{value:?}");
    }
    assert!(!here().join("../hit").exists(), "a value was run");
}

#[test]
fn libdir_is_a_plain_folder_below_the_prefix() {
    let place = Place::new();
    for value in HOSTILE {
        let mut install = place.make("install", &[("LIBDIR", Path::new(value))]);
        install.env("PREFIX", place.prefix());
        if value == "trailing/" {
            run(&mut install);
            run(place.script("uninstall").env("LIBDIR", value));
        } else {
            // make adds a line of its own.
            let output = outcome(&mut install);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && said.contains("LIBDIR"), "{value:?}: {said}");
        }
    }
    for value in ["..", "lib/../..", "/elsewhere/lib", "lib//x", ".", "lib/./x"] {
        refuses(place.script("install").env("LIBDIR", value), 2, &["LIBDIR", value]);
    }
    assert!(listing(&place.prefix()).is_empty());
    let below = place.prefix().join("lib64").display().to_string();
    for (value, folder, up) in [
        ("lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "../../.."),
        ("share", "share", "../.."),
        (&below, "lib64", "../.."),
    ] {
        run(place.script("install").env("LIBDIR", value));
        let pc = place.prefix().join(folder).join("pkgconfig/libpi.pc");
        let text = format!("prefix=${{pcfiledir}}/{up}\nlibdir=${{prefix}}/{folder}\n");
        assert_eq!(fs::read_to_string(pc).unwrap(), text);
        run(place.script("uninstall").env("LIBDIR", value));
        assert!(listing(&place.prefix()).is_empty());
    }
}

#[test]
fn profiles_and_mpis_are_names() {
    let place = Place::new();
    for value in HOSTILE {
        let mut install = place.script("install");
        refuses(install.env("PROFILE", value), 2, &["PROFILE must be", value]);
        let mut install = place.script("install");
        refuses(install.env("MPI", value), 2, &["MPI must be openmpi or mpich", value]);
    }
    let nothing_built = ["nothing is built in", "run make build"];
    refuses(place.script("install").env("PROFILE", "dev"), 1, &nothing_built);
    assert!(listing(&place.prefix()).is_empty());
}

/// As under sudo, where cargo is not found, or with a cargo that must not run.
#[test]
fn what_is_built_is_installed_without_cargo() {
    let place = Place::new();
    let cargo = place.path().join("cargo");
    write_program(&cargo, "touch \"$0.was-run\"; exit 1");
    run(place.script("install").env("CARGO", &cargo));
    assert!(!cargo.with_extension("was-run").exists());
    assert_installed(&place.prefix());
    run(place.script("install").env("CARGO", "no-such-cargo"));

    // The sources are newer than the stage. With a cargo they are built, without one it is said.
    let values = place.target().join("install/release/values");
    run(Command::new("touch").args(["-d", "2001-01-01"]).arg(&values));
    let output = outcome(place.script("install").env("CARGO", "no-such-cargo"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("changed since the build"), "{said}");
    assert!(!outcome(place.script("install").env("CARGO", &cargo)).status.success());
    assert!(cargo.with_extension("was-run").exists());
}

#[test]
fn files_of_others_are_neither_overwritten_nor_removed() {
    for (path, text) in FILES {
        let place = Place::new();
        place.write(path, "of another package");
        place.write("lib/another", "of another package");
        let before = listing(&place.prefix());
        refuses(
            &mut place.script("install"),
            1,
            &[path, "is not of libpi", "choose another PREFIX"],
        );
        assert_eq!(listing(&place.prefix()), before, "{text}");
    }
    // A link to nowhere, a folder in the place of a file, and a file in the place of a folder.
    let place = Place::new();
    fs::create_dir_all(place.prefix().join("bin")).unwrap();
    let pi = place.prefix().join("bin/pi");
    std::os::unix::fs::symlink("nowhere", &pi).unwrap();
    refuses(&mut place.script("install"), 1, &["bin/pi"]);
    fs::remove_file(&pi).unwrap();
    fs::create_dir(&pi).unwrap();
    refuses(&mut place.script("install"), 1, &["bin/pi"]);
    fs::remove_dir(&pi).unwrap();
    place.write("lib", "a file");
    refuses(&mut place.script("install"), 1, &["lib is not a folder"]);
    fs::remove_file(place.prefix().join("lib")).unwrap();

    // Beside its own files, libpi leaves alone what is there and what comes later.
    place.write("lib/pkgconfig/other.pc", "other");
    fs::create_dir(place.prefix().join("include")).unwrap();
    let before = listing(&place.prefix());
    run(&mut place.script("install"));
    run(&mut place.script("install"));
    place.write("lib/libpi/notes", "mine");
    run(&mut place.script("uninstall"));
    let mut left = before;
    left.insert("lib/libpi".into(), "a folder".to_owned());
    left.insert("lib/libpi/notes".into(), "mine".to_owned());
    assert_eq!(listing(&place.prefix()), left);
    refuses(&mut place.script("uninstall"), 1, &["libpi is not installed in"]);
}

#[test]
fn a_new_version_replaces_an_older_one_that_had_more() {
    let place = Place::new();
    let older = [&FILES[..], &[("lib/libpi.so.0.0.9", "old"), ("share/doc/libpi/old", "old")]];
    write_stage(&place.target(), &older.concat(), "");
    run(&mut place.script("install"));
    place.write("share/doc/other", "of another package");
    write_stage(&place.target(), &FILES, "");
    run(&mut place.script("install"));
    assert_installed(&place.prefix());
    let now = listing(&place.prefix());
    assert!(!now.contains_key(Path::new("lib/libpi.so.0.0.9")), "{now:?}");
    run(&mut place.script("uninstall"));
    let left: Vec<PathBuf> = listing(&place.prefix()).into_keys().collect();
    assert_eq!(left, ["share", "share/doc", "share/doc/other"].map(PathBuf::from));
}

#[test]
fn files_for_the_other_mpi_stay() {
    let place = Place::new();
    for mpi in ["openmpi", "mpich"] {
        let library = format!("lib/libpi_mpi-{mpi}.so.1");
        let link = format!("-> libpi_mpi-{mpi}.so.1");
        let more = [(library.as_str(), mpi), ("lib/libpi_mpi.so", link.as_str())];
        write_stage(&place.target(), &[&FILES[..], &more].concat(), mpi);
        run(&mut place.script("install"));
    }
    let now = listing(&place.prefix());
    assert_eq!(now[Path::new("lib/libpi_mpi-openmpi.so.1")], "openmpi");
    assert_eq!(now[Path::new("lib/libpi_mpi.so")], "-> libpi_mpi-mpich.so.1");
    run(&mut place.script("uninstall"));
    assert!(listing(&place.prefix()).is_empty());
}

#[test]
fn a_list_that_leads_out_of_the_prefix_is_refused() {
    for line in ["../outside", "lib/../../outside", "..", "lib/..", "/etc/passwd", "lib//x", ""] {
        let place = Place::new();
        run(&mut place.script("install"));
        fs::write(place.path().join("outside"), "of others").unwrap();
        let list = place.prefix().join("lib/libpi/install_manifest.txt");
        fs::write(&list, fs::read_to_string(&list).unwrap() + line + "\n").unwrap();
        let before = listing(place.path());
        refuses(&mut place.script("uninstall"), 1, &["nothing was changed", line]);
        refuses(&mut place.script("install"), 1, &["nothing was changed", line]);
        assert_eq!(listing(place.path()), before);
    }
    // The last line of a list may lack its end.
    let place = Place::new();
    run(&mut place.script("install"));
    let list = place.prefix().join("lib/libpi/install_manifest.txt");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.trim_end()).unwrap();
    run(&mut place.script("uninstall"));
    assert!(listing(&place.prefix()).is_empty());
}

#[test]
fn a_prefix_that_cannot_be_written_gives_an_error_of_one_line() {
    let place = Place::new();
    fs::write(place.prefix(), "a file").unwrap();
    let mut install = script("install", &place.target(), &place.prefix().join("below"));
    refuses(&mut install, 1, &["cannot write to", "set PREFIX"]);
    let said = String::from_utf8(outcome(&mut install).stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn the_loader_is_told_where_it_looks_by_itself() {
    let place = Place::new();
    let tools = place.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    // A made-up ldconfig, whose loader looks into the libraries of the prefix.
    let ldconfig = |status| {
        let text = format!(
            "[ $# -eq 0 ] || {{ printf '/lib:\\n{}/lib: (from a list)\\n'; exit 0; }}\n\
             touch '{}/was-run'\nexit {status}",
            place.prefix().display(),
            place.path().display()
        );
        write_program(&tools.join("ldconfig"), &text);
    };
    let was_run = || fs::remove_file(place.path().join("was-run")).is_ok();
    ldconfig(0);
    assert!(run(place.script("install").env("PATH", &path)).ends_with("\nran ldconfig\n"));
    assert!(was_run());
    run(place.script("uninstall").env("PATH", &path));
    assert!(was_run());

    ldconfig(1);
    let output = outcome(place.script("install").env("PATH", &path));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("run ldconfig as root"), "{said}");
    run(place.script("uninstall").env("PATH", &path));
    was_run();

    // Not under DESTDIR, and not elsewhere.
    run(place.script("install").env("PATH", &path).env("DESTDIR", place.path().join("stage")));
    run(place.script("install").env("PATH", &path).env("PREFIX", place.path().join("other")));
    assert!(!was_run());
}
