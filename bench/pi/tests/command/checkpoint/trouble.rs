//! Disks that are full, folders that cannot be written or vanish, files that are taken away: the run goes
//! on, says so, and does not claim to have kept what it could not keep.

use crate::place::Place;
use crate::run::json;
use crate::running::{answer, said, sample, send, start, wait_until};
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Child;

/// Limits the size of the files that the process writes from now on. A full disk is like that.
fn limit_files(pid: Option<Pid>, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(pid, Resource::Fsize, limit).expect("a process of this user");
}

/// Starts a run with a checkpoint that is written after every span.
fn started(place: &Place) -> Child {
    let child = start(&format!("-n 1e15 --checkpoint {} --every 1ms --threads 1", place.shown()));
    wait_until("something is done", || place.done() > 0);
    child
}

/// What a run says in the end, with the exit code, after it was asked to stop.
fn stopped(child: Child, code: i32) -> String {
    send(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    let count = answer(&output)["count"].as_u64().unwrap();
    assert_eq!(answer(&output)["hits"], json(&format!("sample -n {count}"))["hits"]);
    said(&output, code)
}

#[test]
fn where_nothing_can_be_kept_the_answer_comes_and_the_run_has_failed() {
    let place = Place::new();
    let mut command = sample(&format!("-n 1e7 --checkpoint {}", place.shown()));
    // SAFETY: the limit is set by a system call alone.
    unsafe {
        command.pre_exec(|| {
            limit_files(None, Some(0));
            Ok(())
        });
    }
    let output = command.output().unwrap();
    let told = said(&output, 1);
    assert_eq!(answer(&output)["hits"], 7_855_825);
    assert!(told.contains("the count goes on"), "{told}");
    assert!(
        told.contains("complete, but nothing that this run has counted could be kept"),
        "{told}"
    );
    assert!(told.contains("File too large"), "{told}");
    assert!(place.files().is_empty());
}

/// Root may write everywhere, unless it gives up that right.
#[test]
fn a_folder_that_may_not_be_written_is_said() {
    let place = Place::new();
    fs::set_permissions(place.folder(), Permissions::from_mode(0o555)).unwrap();
    let mut command = sample(&format!("-n 1e7 --checkpoint {}", place.shown()));
    let drop_right = || -> io::Result<()> {
        const CAP_DAC_OVERRIDE: libc::c_ulong = 1;
        // SAFETY: this is a system call without pointers. It fails for those who lack the right anyway.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) };
        Ok(())
    };
    // SAFETY: only a system call is made.
    unsafe { command.pre_exec(drop_right) };
    let output = command.output().unwrap();
    let told = said(&output, 1);
    assert_eq!(answer(&output)["hits"], 7_855_825);
    assert!(told.contains("Permission denied") && told.contains("the count goes on"), "{told}");
}

#[test]
fn a_disk_that_becomes_full_leaves_the_last_checkpoint() {
    let place = Place::new();
    let child = started(&place);
    let pid = Some(Pid::from_child(&child));
    limit_files(pid, Some(0));
    // Two spans later nothing has changed.
    let cannot = || {
        let before = place.done();
        std::thread::sleep(std::time::Duration::from_millis(50));
        place.done() == before
    };
    wait_until("it cannot be written", cannot);
    let kept = place.done();
    let told = stopped(child, 75);
    assert_eq!(told.matches("the count goes on").count(), 1, "it is said once: {told}");
    assert!(told.contains(&format!("of which {} keeps {kept} ", place.shown())), "{told}");
    assert_eq!((place.done(), place.files()), (kept, vec!["run.json".to_owned()]));
    let resumed = start(&format!("--resume {}", place.shown()));
    stopped(resumed, 75);
}

/// What was in the file before is not what this run has kept. A job that is queued again whenever something
/// was kept would run forever.
#[test]
fn a_run_that_keeps_nothing_has_failed_though_its_file_is_whole() {
    let place = Place::new();
    let begin = |amount: &str| start(&format!("{amount} --every 1h --threads 1"));
    let none = begin(&format!("-n 1e15 --checkpoint {}", place.shown()));
    wait_until("the file is there", || place.file().exists());
    limit_files(Some(Pid::from_child(&none)), Some(0));
    let words = "nothing that this run has counted could be kept";
    let told = stopped(none, 1);
    assert!(told.contains(words) && told.contains("to count the rest: "), "{told}");
    assert_eq!(place.done(), 0);

    let resume = format!("--resume {}", place.shown());
    stopped(begin(&resume), 75);
    let kept = place.done();
    let more = begin(&resume);
    limit_files(Some(Pid::from_child(&more)), Some(0));
    let told = stopped(more, 1);
    assert!(told.contains(words), "{told}");
    assert_eq!((place.done(), place.files()), (kept, vec!["run.json".to_owned()]));
}

#[test]
fn a_complete_count_says_how_much_of_it_is_kept() {
    let place = Place::new();
    let child = start(&format!("-n 3e9 --checkpoint {} --every 1ms --threads 1", place.shown()));
    wait_until("something is done", || place.done() > 0);
    limit_files(Some(Pid::from_child(&child)), Some(0));
    let told = said(&child.wait_with_output().unwrap(), 0);
    let keeps = format!("keeps only {} of 3000000000 samples", place.done());
    assert!(told.contains(&keeps), "{told}");
}

#[test]
fn a_folder_that_vanishes_is_said_and_when_it_comes_back_it_is_used() {
    let place = Place::new();
    let away = tempfile::tempdir().unwrap();
    let moved = away.path().join("moved");
    let child = started(&place);
    fs::rename(place.folder(), &moved).unwrap();
    let told = stopped(child, 1);
    assert!(told.contains("No such file or directory"), "{told}");
    assert!(told.contains("could be kept") && told.contains("-n 9999"), "{told}");

    fs::rename(&moved, place.folder()).unwrap();
    let child = start(&format!("--resume {} --every 1ms", place.shown()));
    let before = place.done();
    wait_until("more is done", || place.done() > before);
    fs::rename(place.folder(), &moved).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    fs::rename(&moved, place.folder()).unwrap();
    let before = place.done();
    wait_until("it is written again", || place.done() > before);
    stopped(child, 75);
}

#[test]
fn a_file_that_is_removed_is_written_again() {
    let place = Place::new();
    let child = started(&place);
    fs::remove_file(place.file()).unwrap();
    wait_until("it is there again", || place.file().exists());
    stopped(child, 75);
    assert_eq!(place.files(), ["run.json"]);
}

#[test]
fn a_file_that_somebody_puts_in_its_place_is_left_alone() {
    let place = Place::new();
    let child = started(&place);
    let other = place.folder().join("other");
    fs::write(&other, "somebody's").unwrap();
    fs::rename(&other, place.file()).unwrap();
    let told = stopped(child, 1);
    assert!(told.contains("another file has taken its place"), "{told}");
    assert_eq!(fs::read(place.file()).unwrap(), b"somebody's");
    assert_eq!(place.files(), ["run.json"]);
}
