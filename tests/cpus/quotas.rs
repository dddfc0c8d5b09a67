//! Quotas of cgroups.

use crate::machine::{MASK, Machine, mount, v1, v2};

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
