//! A made-up machine.

use libpi::cpus::{CpuCount, System};
use std::fs;

/// A line of mountinfo for a cgroup hierarchy with this root, mount point, type and options.
pub fn mount(root: &str, point: &str, kind: &str, options: &str) -> String {
    format!("30 24 0:27 {root} {point} rw,nosuid shared:9 - {kind} {kind} rw,{options}\n")
}

pub fn v2() -> String {
    mount("/", "/sys/fs/cgroup", "cgroup2", "nsdelegate")
}

pub fn v1(root: &str) -> String {
    mount(root, "/sys/fs/cgroup/memory", "cgroup", "memory")
        + &mount(root, "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct")
}

/// A made-up machine with 8 CPUs.
#[derive(Default)]
pub struct Machine<'a> {
    pub groups: &'a str,
    pub mounts: &'a str,
    /// Files below `sys/fs/cgroup`.
    pub files: &'a [(&'a str, &'a str)],
    pub variables: &'a [(&'a str, &'a str)],
}

impl Machine<'_> {
    pub fn read(&self) -> CpuCount {
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
    pub fn usable(&self) -> (u32, &'static str) {
        let count = self.read();
        assert_eq!((count.threads, count.threads_by), (count.usable, count.usable_by));
        (count.usable, count.usable_by)
    }

    /// The number of threads to start and the source that decided.
    pub fn threads(&self) -> (u32, &'static str) {
        let count = self.read();
        (count.threads, count.threads_by)
    }
}

pub const MASK: (u32, &str) = (8, "affinity mask");
