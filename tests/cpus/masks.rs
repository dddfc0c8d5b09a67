//! Masks: as they are written, and those of the system.

use crate::child;
use libpi::cpus::{CpuCount, CpuMask};

#[test]
fn masks_are_shown_as_lists() {
    for (cpus, text) in [
        (&[][..], ""),
        (&[4], "4"),
        (&[0, 1, 4], "0-1,4"),
        (&[4, 1, 0, 1], "0-1,4"),
        (&[0, 1, 2, 62, 63, 64, 65, 8191], "0-2,62-65,8191"),
    ] {
        let mask: CpuMask = cpus.iter().copied().collect();
        assert_eq!(mask.to_string(), text);
        assert_eq!(format!("{mask:?}"), format!("CpuMask({text})"));
    }
    assert_eq!(format!("{:>5}", CpuMask::from_iter([1])), "    1");
}

#[test]
fn masks_keep_their_cpus() {
    let cpus = [0, 5, 63, 64, 127, 128, 8191];
    let mask = CpuMask::from_iter(cpus);
    assert_eq!((mask.cpus().collect::<Vec<_>>(), mask.count()), (cpus.to_vec(), 7));
    assert_eq!(mask.cpus().collect::<CpuMask>(), mask);
    assert_eq!(CpuMask::from_iter([1, 8192, 100_000]), CpuMask::from_iter([1]));
}

#[test]
#[ignore = "masks_are_those_of_the_system runs it in a child process"]
fn child_reports_its_cpus() {
    child::report(&CpuMask::of_this_thread().to_string());
    child::report(&CpuCount::of_this_process().usable.to_string());
}

/// The mask is the one that `taskset` sets, in the format of `taskset`.
#[test]
fn masks_are_those_of_the_system() {
    let one = child::one_cpu().to_string();
    let narrowed = child::run("masks::child_reports_its_cpus", &[], &["taskset", "-c", &one]);
    assert_eq!(narrowed, [one, "1".to_owned()]);
    let whole = CpuMask::of_this_thread().to_string();
    assert_eq!(child::run("masks::child_reports_its_cpus", &[], &[])[0], whole);
}

/// The mask that a thread reads is the one that it applied.
#[test]
fn masks_can_be_applied() {
    std::thread::spawn(|| {
        let one = child::one_cpu();
        one.apply_to_this_thread().unwrap();
        assert_eq!(CpuMask::of_this_thread(), one);
        assert!(CpuMask::from_iter([]).apply_to_this_thread().is_err());
    })
    .join()
    .unwrap();
}
