//! How many CPUs may be used, read from made-up systems, and which CPUs, read from the real system.

mod child;

use libpi::Error;
use libpi::cpus::{CpuCount, CpuMask, System};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

/// A line of mountinfo for a cgroup hierarchy with this root, mount point, type and options.
fn mount(root: &str, point: &str, kind: &str, options: &str) -> String {
    format!("30 24 0:27 {root} {point} rw,nosuid shared:9 - {kind} {kind} rw,{options}\n")
}

fn v2() -> String {
    mount("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate")
}

fn v1(root: &str) -> String {
    mount(root, "/sys/fs/cgroup/memory", "cgroup", "memory")
        + &mount(root, "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct")
}

/// A made-up machine with 8 CPUs.
#[derive(Default)]
struct Machine<'a> {
    groups: &'a str,
    mounts: &'a str,
    /// Files below `sys/fs/cgroup`.
    files: &'a [(&'a str, &'a str)],
    variables: &'a [(&'a str, &'a str)],
}

impl Machine<'_> {
    fn read(&self) -> CpuCount {
        let root = tempfile::tempdir().unwrap();
        let own = [("proc/self/cgroup", self.groups), ("proc/self/mountinfo", self.mounts)];
        let own = own.map(|(path, text)| (path.to_owned(), text));
        let files = self.files.iter().map(|(path, text)| (format!("sys/fs/cgroup/{path}"), *text));
        for (path, text) in own.into_iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        CpuCount::read(&System {
            affinity: (0..8).collect(),
            openmp: None,
            root: root.path(),
            variable: &|name| {
                let variable = self.variables.iter().find(|(variable, _)| *variable == name);
                variable.map(|(_, value)| (*value).into())
            },
        })
    }

    /// The number of usable CPUs and the source that decided.
    fn usable(&self) -> (u32, &'static str) {
        let count = self.read();
        assert_eq!((count.threads, count.threads_by), (count.usable, count.usable_by));
        (count.usable, count.usable_by)
    }

    /// The number of threads to start and the source that decided.
    fn threads(&self) -> (u32, &'static str) {
        let count = self.read();
        (count.threads, count.threads_by)
    }
}

const MASK: (u32, &str) = (8, "affinity mask");

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

/// The table has the quotas of cgroup v2 at `user/job`, at `user` and at the root, and the expected
/// number of CPUs.
#[test]
fn the_smallest_quota_from_the_group_to_the_root_counts() {
    let by_quota = |usable| (usable, "cgroup v2 quota");
    for (job, user, root, expected) in [
        ("300000 100000", "max 100000", "max 100000", by_quota(3)),
        ("max 100000", "200000 100000", "max 100000", by_quota(2)),
        ("400000 100000", "200000 100000", "300000 100000", by_quota(2)),
        ("300000 100000", "200000 50000", "max 100000", by_quota(3)),
        ("max 100000", "max 100000", "500000 100000", by_quota(5)),
        ("max 100000", "max 100000", "max 100000", MASK),
        ("900000 100000", "max 100000", "max 100000", MASK),
        ("150000 100000", "max 100000", "max 100000", by_quota(1)),
        ("299999 100000", "max 100000", "max 100000", by_quota(2)),
        ("50000 100000", "max 100000", "max 100000", by_quota(1)),
        ("nonsense", "0 100000", "100000 0", MASK),
    ] {
        let with_newlines = [job, user, root].map(|text| format!("{text}\n"));
        let machine = Machine {
            groups: "0::/user/job\n",
            mounts: &v2(),
            files: &[
                ("user/job/cpu.max", &with_newlines[0]),
                ("user/cpu.max", &with_newlines[1]),
                ("cpu.max", &with_newlines[2]),
            ],
            ..Machine::default()
        };
        assert_eq!(machine.usable(), expected, "{job}, {user}, {root}");
    }
}

#[test]
fn a_fraction_of_a_quota_is_kept_in_its_source() {
    let machine = Machine {
        groups: "0::/job\n",
        mounts: &v2(),
        files: &[("job/cpu.max", "150000 100000\n")],
        ..Machine::default()
    };
    let sources = machine.read().sources;
    let quota = sources.iter().find(|source| source.name == "cgroup v2 quota").unwrap();
    assert_eq!(quota.value, Some(1.5));
    assert!(quota.detail.contains("/sys/fs/cgroup/job"), "{}", quota.detail);
}

/// Neither the root nor a group between two others needs a quota file.
#[test]
fn groups_without_files_have_no_quota() {
    let machine = Machine {
        groups: "0::/a/b/c\n",
        mounts: &v2(),
        files: &[("a/cpu.max", "200000 100000\n")],
        ..Machine::default()
    };
    assert_eq!(machine.usable(), (2, "cgroup v2 quota"));
}

#[test]
fn quotas_of_version_1() {
    let groups = "9:memory:/elsewhere\n4:cpu,cpuacct:/docker/id\n1:name=systemd:/x\n";
    for (quota, parent, expected) in [
        ("200000", "-1", (2, "cgroup v1 quota")),
        ("-1", "300000", (3, "cgroup v1 quota")),
        ("150000", "-1", (1, "cgroup v1 quota")),
        ("-1", "-1", MASK),
    ] {
        let machine = Machine {
            groups,
            mounts: &v1("/"),
            files: &[
                ("cpu,cpuacct/docker/id/cpu.cfs_quota_us", &format!("{quota}\n")),
                ("cpu,cpuacct/docker/id/cpu.cfs_period_us", "100000\n"),
                ("cpu,cpuacct/docker/cpu.cfs_quota_us", &format!("{parent}\n")),
                ("cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n"),
                ("memory/elsewhere/cpu.cfs_quota_us", "100000\n"),
                ("memory/elsewhere/cpu.cfs_period_us", "100000\n"),
            ],
            ..Machine::default()
        };
        assert_eq!(machine.usable(), expected, "{quota}, {parent}");
    }
}

/// Both versions are mounted, as in systemd's hybrid mode. The CPU controller is in version 1.
#[test]
fn quotas_of_hybrid_hierarchies() {
    let mounts = v1("/") + &mount("/", "/sys/fs/cgroup/unified", "cgroup2", "nsdelegate");
    for (old, new, expected) in [
        ("300000", "max 100000", (3, "cgroup v1 quota")),
        ("-1", "200000 100000", (2, "cgroup v2 quota")),
        ("500000", "400000 100000", (4, "cgroup v2 quota")),
    ] {
        let machine = Machine {
            groups: "4:cpu,cpuacct:/job\n0::/job\n",
            mounts: &mounts,
            files: &[
                ("cpu,cpuacct/job/cpu.cfs_quota_us", old),
                ("cpu,cpuacct/job/cpu.cfs_period_us", "100000"),
                ("unified/job/cpu.max", new),
            ],
            ..Machine::default()
        };
        assert_eq!(machine.usable(), expected, "{old}, {new}");
    }
}

/// In a container without a cgroup namespace, the root of the mount is the process's group or a
/// group above it.
#[test]
fn quotas_in_a_container() {
    let old = Machine {
        groups: "4:cpu,cpuacct:/docker/id\n",
        mounts: &v1("/docker/id"),
        files: &[
            ("cpu,cpuacct/cpu.cfs_quota_us", "200000\n"),
            ("cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
        ],
        ..Machine::default()
    };
    assert_eq!(old.usable(), (2, "cgroup v1 quota"));
    let new = Machine {
        groups: "0::/docker/id/child\n",
        mounts: &mount("/docker/id", "/sys/fs/cgroup", "cgroup2", "nsdelegate"),
        files: &[("child/cpu.max", "300000 100000\n"), ("cpu.max", "400000 100000\n")],
        ..Machine::default()
    };
    assert_eq!(new.usable(), (3, "cgroup v2 quota"));
}

/// A cgroup namespace shows a group outside it as `/../…`. The quotas of that group cannot be read,
/// so the quotas of the mounted root count.
#[test]
fn groups_outside_of_the_namespace() {
    for (groups, root) in
        [("0::/../../job\n", "/"), ("0::/elsewhere\n", "/docker/id"), ("0::/..\n", "/..")]
    {
        let machine = Machine {
            groups,
            mounts: &mount(root, "/sys/fs/cgroup", "cgroup2", "nsdelegate"),
            files: &[("cpu.max", "300000 100000\n"), ("../../job/cpu.max", "100000 100000\n")],
            ..Machine::default()
        };
        assert_eq!(machine.usable(), (3, "cgroup v2 quota"), "{groups}");
    }
}

/// Among several mounts, one whose root contains the process's group counts. Among those, the mount
/// that shows the most groups above it counts.
#[test]
fn the_mount_is_one_that_holds_the_group() {
    let other = mount("/other", "/sys/fs/cgroup/other", "cgroup2", "nsdelegate");
    let job = mount("/user/job", "/sys/fs/cgroup/job", "cgroup2", "nsdelegate");
    let user = mount("/user", "/sys/fs/cgroup/user", "cgroup2", "nsdelegate");
    let files = [
        ("cpu.max", "100000 100000\n"),
        ("other/cpu.max", "100000 100000\n"),
        ("job/cpu.max", "400000 100000\n"),
        ("user/job/cpu.max", "400000 100000\n"),
        ("user/cpu.max", "300000 100000\n"),
    ];
    for (mounts, expected) in [
        (other.clone() + &job + &user, 3),
        (user.clone() + &other + &job, 3),
        (other.clone() + &job, 4),
    ] {
        let machine = Machine {
            groups: "0::/user/job\n",
            mounts: &mounts,
            files: &files,
            ..Machine::default()
        };
        assert_eq!(machine.usable(), (expected, "cgroup v2 quota"), "{mounts}");
    }
    let old = mount("/elsewhere", "/sys/fs/cgroup/one", "cgroup", "cpu")
        + &mount("/", "/sys/fs/cgroup/two", "cgroup", "cpu");
    let machine = Machine {
        groups: "3:cpu:/job\n",
        mounts: &old,
        files: &[
            ("one/cpu.cfs_quota_us", "100000\n"),
            ("one/cpu.cfs_period_us", "100000\n"),
            ("two/job/cpu.cfs_quota_us", "300000\n"),
            ("two/job/cpu.cfs_period_us", "100000\n"),
        ],
        ..Machine::default()
    };
    assert_eq!(machine.usable(), (3, "cgroup v1 quota"));
}

/// Paths are compared by whole names: `/user` does not contain `/username`.
#[test]
fn a_prefix_of_a_name_is_not_an_ancestor() {
    let machine = Machine {
        groups: "0::/username\n",
        mounts: &(mount("/user", "/sys/fs/cgroup/user", "cgroup2", "x") + &v2()),
        files: &[("user/cpu.max", "100000 100000\n"), ("username/cpu.max", "300000 100000\n")],
        ..Machine::default()
    };
    assert_eq!(machine.usable(), (3, "cgroup v2 quota"));
}

/// mountinfo writes blanks, tabs, newlines and backslashes in octal.
#[test]
fn mount_points_and_groups_may_have_blanks() {
    let machine = Machine {
        groups: "0::/my job/a\\b\n",
        mounts: &mount("/my\\040job", "/sys/fs/cgroup/my\\040groups", "cgroup2", "x"),
        files: &[("my groups/a\\b/cpu.max", "300000 100000\n")],
        ..Machine::default()
    };
    assert_eq!(machine.usable(), (3, "cgroup v2 quota"));
}

#[test]
fn a_hierarchy_that_is_not_mounted_has_no_quota() {
    let machine = Machine {
        groups: "4:cpu,cpuacct:/job\n0::/job\n",
        mounts: "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n",
        files: &[("job/cpu.max", "100000 100000\n")],
        ..Machine::default()
    };
    assert_eq!(machine.usable(), MASK);
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
    assert!(error.starts_with("LIBPI_NUM_THREADS=4\u{fffd}: "), "{error}");
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
    let narrowed = child::run("child_reports_its_cpus", &[], &["taskset", "-c", &one]);
    assert_eq!(narrowed, [one, "1".to_owned()]);
    let whole = CpuMask::of_this_thread().to_string();
    assert_eq!(child::run("child_reports_its_cpus", &[], &[])[0], whole);
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
