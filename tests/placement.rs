//! Worker threads get the affinity mask with which the process was started, even if libgomp has
//! pinned the thread that starts them.

mod child;
mod recorder;

use libpi::cpus::CpuMask;
use libpi::{BLOCK, Catalog, Samples};

libpi::save_cpu_mask!();

/// The variables that make libgomp pin the initial thread before `main`.
const PINNED: [(&str, &str); 2] = [("OMP_PLACES", "cores"), ("OMP_PROC_BIND", "close")];

/// Reports the mask of the thread that starts the workers, then those of the workers.
#[test]
#[ignore = "the other tests run it in a child process"]
fn child_reports_the_workers_cpus() {
    child::report(&CpuMask::of_this_thread().to_string());
    for driver in ["threads", "rayon"] {
        for threads in 1..=3 {
            let driver = Catalog::here().driver(driver).unwrap();
            let (_, calls) = recorder::run(driver, Samples::new(0, 30 * BLOCK).unwrap(), threads);
            assert_eq!(calls.len(), threads as usize);
            for call in calls {
                child::report(&call.cpus.to_string());
            }
        }
    }
}

/// The masks in a child process: that of its main thread, and that of its workers, which all have
/// the same mask.
fn masks(variables: &[(&str, &str)], wrapper: &[&str]) -> (String, String) {
    let masks = child::run("child_reports_the_workers_cpus", variables, wrapper);
    let (main, workers) = masks.split_first().expect("the child reports");
    assert_eq!(workers.len(), 2 * (1 + 2 + 3));
    assert!(workers.iter().all(|mask| mask == &workers[0]), "{workers:?}");
    (main.clone(), workers[0].clone())
}

#[test]
fn workers_get_the_cpus_that_libgomp_took() {
    let start = CpuMask::of_this_thread();
    let (main, workers) = masks(&PINNED, &[]);
    assert_eq!(workers, start.to_string());
    if libpi::build_info::OPENMP_RUNTIME == Some("libgomp") && start.count() > 1 {
        assert_ne!(main, start.to_string(), "libgomp did not pin, so this test proves nothing");
    }
}

#[test]
fn workers_keep_the_cpus_of_a_process_that_is_not_pinned() {
    let start = CpuMask::of_this_thread().to_string();
    assert_eq!(masks(&[], &[]), (start.clone(), start));
}

/// libpi never widens a mask that the user set.
#[test]
fn workers_stay_on_the_cpus_that_taskset_gave() {
    let one = child::one_cpu().to_string();
    for variables in [&[][..], &PINNED] {
        let masks = masks(variables, &["taskset", "-c", &one]);
        assert_eq!(masks, (one.clone(), one.clone()));
    }
}

#[test]
#[ignore = "a_mask_set_later_holds_for_workers_too runs it in a child process"]
fn child_moves_itself_to_one_cpu() {
    child::one_cpu().apply_to_this_thread().unwrap();
    for driver in ["threads", "rayon"] {
        let driver = Catalog::here().driver(driver).unwrap();
        let (_, calls) = recorder::run(driver, Samples::new(0, 2 * BLOCK).unwrap(), 2);
        calls.iter().for_each(|call| child::report(&call.cpus.to_string()));
    }
}

#[test]
fn a_mask_set_later_holds_for_workers_too() {
    let one = child::one_cpu().to_string();
    assert_eq!(child::run("child_moves_itself_to_one_cpu", &[], &[]), vec![one; 4]);
}

#[test]
#[ignore = "the_caller_of_openmp_keeps_its_mask runs it in a child process"]
fn child_calls_openmp_with_all_cpus() {
    let all: CpuMask = (0..8192).collect();
    all.apply_to_this_thread().unwrap();
    let before = CpuMask::of_this_thread();
    for driver in Catalog::here().drivers.iter().filter(|d| d.missing().is_none()) {
        recorder::run(driver, Samples::new(0, 2 * BLOCK).unwrap(), 1 + !driver.is_serial() as u32);
        assert_eq!(CpuMask::of_this_thread(), before, "after {}", driver.name());
    }
}

#[test]
fn the_caller_of_openmp_keeps_its_mask() {
    child::run("child_calls_openmp_with_all_cpus", &PINNED, &[]);
}
