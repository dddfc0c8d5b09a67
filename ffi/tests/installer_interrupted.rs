//! Kills tools/install.sh at every command that changes something. Afterwards an uninstallation
//! leaves nothing of libpi and everything of others.

mod building;
mod installing;

use building::{outcome, run};
use installing::{listing, script, write_program, write_stage};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

const FILES: [(&str, &str); 3] = [
    ("bin/pi", "the command"),
    ("lib/libpi.so", "-> libpi.so.0.1.0"),
    ("lib/pkgconfig/libpi.pc", "prefix=${pcfiledir}/../@UP@\n"),
];
const OLDER: [(&str, &str); 2] = [("bin/pi", "the old command"), ("share/libpi/old", "old")];

/// The commands by which the script changes files.
const COMMANDS: [&str; 7] = ["mktemp", "mkdir", "cp", "mv", "rm", "rmdir", "sed"];

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        write_stage(&place.target(), &FILES, "");
        fs::create_dir(place.tools()).unwrap();
        for command in COMMANDS {
            let real = run(Command::new("which").arg(command));
            let text = format!(
                "{} \"$@\"\nstatus=$?\nread -r left <'{counter}'\n\
                 echo $((left - 1)) >'{counter}'\n[ $left -ne 1 ] || kill -KILL 0\nexit $status",
                real.trim(),
                counter = place.counter().display()
            );
            write_program(&place.tools().join(command), &text);
        }
        // What others have in the prefix.
        for (path, text) in [("bin/other", "other"), ("lib/libpi.so.9", "other")] {
            let path = place.prefix().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir(place.prefix().join("include")).unwrap();
        place
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("prefix")
    }

    fn tools(&self) -> PathBuf {
        self.folder.path().join("tools")
    }

    fn counter(&self) -> PathBuf {
        self.folder.path().join("counter")
    }

    fn script(&self, step: &str) -> Command {
        script(step, &self.target(), &self.prefix())
    }

    fn listing(&self) -> BTreeMap<PathBuf, String> {
        listing(&self.prefix())
    }

    /// Runs a step and kills it after so many commands. Returns whether it was killed.
    fn is_killed(&self, step: &str, commands: u32) -> bool {
        fs::write(self.counter(), format!("{commands}\n")).unwrap();
        let mut script = self.script(step);
        let path = format!("{}:{}", self.tools().display(), std::env::var("PATH").unwrap());
        // The commands kill the group of the script.
        let output = outcome(script.env("PATH", path).process_group(0));
        assert!(output.status.success() || output.status.code().is_none(), "{output:?}");
        !output.status.success()
    }
}

/// Kills a step after each of its commands, and tries what must be possible then. `prepare` makes
/// the state before the step, from one in which libpi is not installed.
fn kill_at_every_command(step: &str, prepare: impl Fn(&Place)) {
    let place = Place::new();
    let before = place.listing();
    let mut commands = 1;
    loop {
        prepare(&place);
        if !place.is_killed(step, commands) {
            break;
        }
        // Every second time, the step is repeated first.
        if commands % 2 == 0 {
            // An uninstallation may already have been complete.
            let repeated = outcome(&mut place.script(step)).status.success();
            assert!(repeated || step == "uninstall", "after {commands} commands");
        }
        outcome(&mut place.script("uninstall"));
        assert_eq!(place.listing(), before, "{step}, killed after {commands} commands");
        commands += 1;
    }
    assert!(commands > 10, "only {commands} commands were counted");
}

fn install(place: &Place, files: &[(&str, &str)]) {
    write_stage(&place.target(), files, "");
    run(&mut place.script("install"));
}

#[test]
fn an_interrupted_installation_can_be_removed() {
    kill_at_every_command("install", |_| {});
}

#[test]
fn an_interrupted_update_can_be_removed() {
    kill_at_every_command("install", |place| {
        install(place, &OLDER);
        write_stage(&place.target(), &FILES, "");
    });
}

#[test]
fn an_interrupted_removal_can_be_repeated() {
    kill_at_every_command("uninstall", |place| install(place, &FILES));
}

/// An error in the middle, such as a full disk, is not taken for success, and can be mended.
#[test]
fn a_failure_in_the_middle_is_said() {
    let place = Place::new();
    let before = place.listing();
    let real = run(Command::new("which").arg("mv"));
    let text = format!("case $3 in */bin/pi) exit 1 ;; esac\nexec {} \"$@\"", real.trim());
    write_program(&place.tools().join("mv"), &text);
    fs::write(place.counter(), "1000\n").unwrap();
    let path = format!("{}:{}", place.tools().display(), std::env::var("PATH").unwrap());
    let output = outcome(place.script("install").env("PATH", path));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("is not complete"), "{said}");
    assert!(!place.prefix().join("bin/pi").exists());
    run(&mut place.script("uninstall"));
    assert_eq!(place.listing(), before);
}
