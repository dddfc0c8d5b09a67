//! Which of the sources decides how many CPUs are usable, and how many threads are started.

use crate::machine::{MASK, Machine, v2};
use libpi::Error;
use libpi::cpus::{CpuCount, CpuMask, System};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

#[test]
fn without_anything_else_the_mask_decides() {
    assert_eq!(Machine::default().usable(), MASK);
}

#[test]
fn without_proc_the_mask_decides() {
    let nowhere = tempfile::tempdir().unwrap();
    let system = System {
        affinity: (3..6).collect(),
        openmp: None,
        root: nowhere.path(),
        variable: &|_| None,
    };
    assert_eq!(CpuCount::read(&system).usable, 3);
}

#[test]
fn the_openmp_runtime_may_know_of_more_cpus_than_a_narrowed_mask() {
    let nowhere = tempfile::tempdir().unwrap();
    for (openmp, usable) in [(Some(4), 4), (Some(1), 2), (None, 2)] {
        let affinity = (0..2).collect();
        let system = System { affinity, openmp, root: nowhere.path(), variable: &|_| None };
        assert_eq!(CpuCount::read(&system).usable, usable, "{openmp:?}");
    }
}

#[test]
fn without_a_mask_there_is_one_cpu() {
    let nowhere = tempfile::tempdir().unwrap();
    let affinity = CpuMask::from_iter([]);
    let system = System { affinity, openmp: None, root: nowhere.path(), variable: &|_| None };
    let count = CpuCount::read(&system);
    assert_eq!((count.usable, count.threads, count.usable_by), (1, 1, "nothing known"));
}

#[test]
fn slurm() {
    const TASK: &str = "SLURM_CPUS_PER_TASK";
    const NODE: &str = "SLURM_CPUS_ON_NODE";
    let cases: [(&[(&str, &str)], _); 7] = [
        (&[(TASK, "4")], (4, TASK)),
        (&[(NODE, "6")], (6, NODE)),
        (&[(TASK, "4"), (NODE, "2")], (4, TASK)),
        (&[(TASK, "16"), (NODE, "2")], MASK),
        (&[(TASK, "many"), (NODE, "2")], (2, NODE)),
        (&[(TASK, "0")], MASK),
        (&[(TASK, "")], MASK),
    ];
    for (variables, expected) in cases {
        let machine = Machine { variables, ..Machine::default() };
        assert_eq!(machine.usable(), expected, "{variables:?}");
    }
}

#[test]
fn requests() {
    const OWN: &str = "LIBPI_NUM_THREADS";
    const OMP: &str = "OMP_NUM_THREADS";
    const RAYON: &str = "RAYON_NUM_THREADS";
    let cases: [(&[(&str, &str)], _); 11] = [
        (&[(OWN, "3"), (OMP, "4"), (RAYON, "5")], (3, OWN)),
        (&[(OMP, "4"), (RAYON, "5")], (4, OMP)),
        (&[(RAYON, "5")], (5, RAYON)),
        (&[(OMP, "4,2")], (4, OMP)),
        (&[(OMP, " 4 ")], (4, OMP)),
        (&[(OWN, "1024")], (1024, OWN)),
        (&[(OMP, "12"), ("SLURM_CPUS_PER_TASK", "2")], (12, OMP)),
        (&[(OMP, "many"), (RAYON, "5")], (5, RAYON)),
        (&[(OMP, "0")], MASK),
        (&[(OMP, "-1"), (RAYON, "0")], MASK),
        (&[(OMP, "1025")], MASK),
    ];
    for (variables, expected) in cases {
        let machine = Machine { variables, ..Machine::default() };
        assert_eq!(machine.threads(), expected, "{variables:?}");
        let count = machine.read();
        assert!(count.usable <= 8, "requests do not change what is usable: {variables:?}");
    }
}

#[test]
fn what_is_ignored_is_named() {
    let variables = [("OMP_NUM_THREADS", "many"), ("SLURM_CPUS_PER_TASK", "some")];
    let count = Machine { variables: &variables, ..Machine::default() }.read();
    for (name, value) in variables {
        let source = count.sources.iter().find(|source| source.name == name).unwrap();
        assert!(source.detail.contains("ignored") && source.detail.contains(value), "{source:?}");
    }
}

#[test]
fn own_variable_must_make_sense() {
    for value in ["0", "1025", "-1", "1.5", "many", " "] {
        let variables = [("LIBPI_NUM_THREADS", value), ("OMP_NUM_THREADS", "4")];
        let count = Machine { variables: &variables, ..Machine::default() }.read();
        let expected = Error::Variable {
            variable: "LIBPI_NUM_THREADS",
            value: value.to_owned(),
            rule: "a whole number from 1 to 1024".to_owned(),
        };
        assert_eq!(count.threads(), Err(expected));
        assert_eq!(count.usable, 8, "the number of usable CPUs is valid all the same");
    }
}

#[test]
fn own_variable_counts_as_unset_if_it_is_empty() {
    let variables = [("LIBPI_NUM_THREADS", ""), ("OMP_NUM_THREADS", "4")];
    let count = Machine { variables: &variables, ..Machine::default() }.read();
    assert_eq!(count.threads(), Ok(4));
}

/// A value that is not UTF-8 is treated like any other invalid value.
#[test]
fn variables_need_not_be_utf_8() {
    let nowhere = tempfile::tempdir().unwrap();
    let read = |wanted: &str| {
        let wanted = wanted.to_owned();
        CpuCount::read(&System {
            affinity: (0..8).collect(),
            openmp: None,
            root: nowhere.path(),
            variable: &|name| (name == wanted).then(|| OsString::from_vec(b"4\xff".to_vec())),
        })
    };
    let error = read("LIBPI_NUM_THREADS").threads().unwrap_err().to_string();
    assert!(error.starts_with("LIBPI_NUM_THREADS=4\\xff: "), "{error}");
    for name in ["OMP_NUM_THREADS", "RAYON_NUM_THREADS", "SLURM_CPUS_PER_TASK"] {
        let count = read(name);
        assert_eq!(count.threads(), Ok(8), "{name}");
        let source = count.sources.iter().find(|source| source.name == name).unwrap();
        assert!(source.detail.contains("ignored"), "{source:?}");
    }
}

#[test]
fn the_smallest_of_different_limits_decides() {
    let variables = [("SLURM_CPUS_PER_TASK", "3")];
    for (quota, expected) in
        [("200000 100000", (2, "cgroup v2 quota")), ("400000 100000", (3, "SLURM_CPUS_PER_TASK"))]
    {
        let machine = Machine {
            groups: "0::/\n",
            mounts: &v2(),
            files: &[("cpu.max", quota)],
            variables: &variables,
        };
        assert_eq!(machine.usable(), expected);
    }
}
