//! A library cannot save the mask before `main`. Its worker threads still get all CPUs of the
//! process, which are the CPUs of the OpenMP runtime's places.

mod child;
mod recorder;

use libpi::cpus::{CpuCount, CpuMask};
use libpi::{BLOCK, Catalog, Samples};

#[test]
#[ignore = "the other tests run it in a child process"]
fn child_reports_usable_cpus_and_its_workers() {
    child::report(&CpuCount::of_this_process().usable.to_string());
    for driver in ["threads", "rayon"] {
        let driver = Catalog::here().driver(driver).unwrap();
        let (_, calls) = recorder::run(driver, Samples::new(0, 2 * BLOCK).unwrap(), 2);
        calls.iter().for_each(|call| child::report(&call.cpus.to_string()));
    }
}

#[test]
fn workers_get_the_cpus_of_all_places() {
    let start = CpuMask::of_this_thread();
    let expected = [vec![start.count().to_string()], vec![start.to_string(); 4]].concat();
    for variables in [
        &[][..],
        &[("OMP_PLACES", "cores"), ("OMP_PROC_BIND", "close")],
        &[("OMP_PROC_BIND", "true")],
    ] {
        let reports = child::run("child_reports_usable_cpus_and_its_workers", variables, &[]);
        assert_eq!(reports, expected, "{variables:?}");
    }
}

#[test]
fn workers_stay_on_the_cpus_that_taskset_gave() {
    let one = child::one_cpu().to_string();
    for variables in [&[][..], &[("OMP_PROC_BIND", "true")]] {
        let wrapper = ["taskset", "-c", &one];
        let reports = child::run("child_reports_usable_cpus_and_its_workers", variables, &wrapper);
        assert_eq!(reports, [vec!["1".to_owned()], vec![one.clone(); 4]].concat(), "{variables:?}");
    }
}
