//! The control groups of this process, versions 1 and 2: where they are mounted, their CPU quotas,
//! and how often a quota stopped their processes.
//!
//! Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst (`cpu.max`, `cpu.stat`),
//! Documentation/scheduler/sched-bwc.rst (`cpu.cfs_quota_us`), proc(5) and cgroups(7).

use crate::cpus::source::{Role, Source};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

/// For each cgroup version, the smallest quota in CPUs.
pub(crate) fn quotas(root: &Path) -> Vec<Source> {
    let quota = |version: Version, quota: fn(&Path) -> Option<f64>| {
        smallest(version.quota_name(), root, Hierarchy::of_this_process(root, version), quota)
    };
    vec![quota(Version::One, quota_v1), quota(Version::Two, quota_v2)]
}

/// How often a CPU quota has stopped the processes of this process's control group since the group
/// was created; none if the system does not report it.
pub fn throttled_periods() -> Option<u64> {
    throttled_periods_in(Path::new("/"))
}

fn throttled_periods_in(root: &Path) -> Option<u64> {
    let hierarchies =
        [Version::One, Version::Two].map(|version| Hierarchy::of_this_process(root, version));
    let stat = hierarchies.into_iter().flatten().find_map(|hierarchy| {
        // If the group has no such file, the nearest group above it that has one counts.
        hierarchy.groups().find_map(|group| read(&root.join(group).join("cpu.stat")))
    })?;
    stat.lines().find_map(|line| line.strip_prefix("nr_throttled "))?.trim().parse().ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Version {
    fn quota_name(self) -> &'static str {
        match self {
            Self::One => "cgroup v1 quota",
            Self::Two => "cgroup v2 quota",
        }
    }

    /// The type of a file system that shows this version.
    fn file_system(self) -> &'static [u8] {
        match self {
            Self::One => b"cgroup",
            Self::Two => b"cgroup2",
        }
    }

    /// Whether the hierarchy with these controllers has the CPU quotas. In version 1 that is the
    /// hierarchy with the controller `cpu`. Version 2 has one hierarchy only, whose list is empty.
    fn has_quotas(self, controllers: &[u8]) -> bool {
        match self {
            Self::One => controllers.split(|&byte| byte == b',').any(|name| name == b"cpu"),
            Self::Two => controllers.is_empty(),
        }
    }
}

/// A mounted hierarchy and the process's group in it.
struct Hierarchy {
    /// The mount point, without the leading `/`.
    mount: PathBuf,
    /// The path of the process's group below the mount point.
    group: PathBuf,
}

impl Hierarchy {
    /// The hierarchy with the CPU quotas, if it is mounted.
    ///
    /// If there are several mounts, this takes one whose root contains the process's group. Among
    /// those it takes the mount that shows the most groups above the process's group.
    fn of_this_process(root: &Path, version: Version) -> Option<Self> {
        // The files are read as bytes, because names need not be UTF-8.
        let bytes = |path: &str| fs::read(root.join(path)).unwrap_or_default();
        let path = group_of_process(&bytes("proc/self/cgroup"), version)?;
        let mounts = mounts(&bytes("proc/self/mountinfo"), version);
        let holding = mounts.iter().filter(|mount| path.starts_with(&mount.root));
        let mount = holding
            .min_by_key(|mount| mount.root.components().count())
            // In a namespace the group may be outside all mounts. Then a mount's root is the
            // nearest group that can be read.
            .or(mounts.first())?;
        let group = path.strip_prefix(&mount.root).unwrap_or(Path::new(""));
        let is_visible = group.components().all(|part| matches!(part, Component::Normal(_)));
        Some(Self {
            mount: mount.point.strip_prefix("/").unwrap_or(&mount.point).to_owned(),
            group: if is_visible { group.to_owned() } else { PathBuf::new() },
        })
    }

    /// The folders of the process's group and of the groups above it, up to the mount point.
    fn groups(&self) -> impl Iterator<Item = PathBuf> {
        self.group.ancestors().map(|group| self.mount.join(group))
    }
}

/// Reads the process's group from the lines `id:controllers:/path` of /proc/self/cgroup.
fn group_of_process(text: &[u8], version: Version) -> Option<PathBuf> {
    text.split(|&byte| byte == b'\n').find_map(|line| {
        let mut fields = line.splitn(3, |&byte| byte == b':').skip(1);
        let controllers = fields.next()?;
        fields.next().filter(|_| version.has_quotas(controllers)).map(path)
    })
}

/// A mount: `root` is the group that it shows, and `point` is where it is mounted.
struct Mount {
    root: PathBuf,
    point: PathBuf,
}

/// Reads the mounts of the hierarchy from the lines of /proc/self/mountinfo. A line is `id parent
/// device root mount-point options… - type source super-options`.
fn mounts(text: &[u8], version: Version) -> Vec<Mount> {
    let mount = |line: &[u8]| {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let dash = fields.iter().skip(6).position(|field| *field == b"-")? + 6;
        let [kind, _source, options] = fields.get(dash + 1..dash + 4)? else { return None };
        let is_wanted = *kind == version.file_system()
            && (version == Version::Two || version.has_quotas(options));
        is_wanted.then(|| Mount {
            root: path(&unescaped(fields[3])),
            point: path(&unescaped(fields[4])),
        })
    };
    text.split(|&byte| byte == b'\n').filter_map(mount).collect()
}

fn path(bytes: &[u8]) -> PathBuf {
    OsString::from_vec(bytes.to_vec()).into()
}

/// Decodes a field of mountinfo, where blanks, tabs, newlines and backslashes are written in octal:
/// a blank is `\040`.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(octal.unwrap_or(first));
        rest = if octal.is_some() { &after[3..] } else { after };
    }
    bytes
}

/// The smallest quota of the process's group and the groups above it, up to the mount point.
fn smallest(
    name: &'static str,
    root: &Path,
    hierarchy: Option<Hierarchy>,
    quota: impl Fn(&Path) -> Option<f64>,
) -> Source {
    let none =
        |detail: &str| Source { name, role: Role::Limit, value: None, detail: detail.into() };
    let Some(hierarchy) = hierarchy else {
        return none("not mounted");
    };
    let found = hierarchy
        .groups()
        .filter_map(|group| Some((quota(&root.join(&group))?, group)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    match found {
        None => none("no quota"),
        Some((cpus, group)) => Source {
            name,
            role: Role::Limit,
            value: Some(cpus),
            detail: format!("{cpus} CPUs by /{}", group.display()),
        },
    }
}

/// Reads `cpu.max`, which is `max PERIOD` or `QUOTA PERIOD` in microseconds.
fn quota_v2(group: &Path) -> Option<f64> {
    let text = read(&group.join("cpu.max"))?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota, period)
}

/// Reads `cpu.cfs_quota_us`, which is −1 if there is no quota, and `cpu.cfs_period_us`.
fn quota_v1(group: &Path) -> Option<f64> {
    let read = |file| read(&group.join(file));
    ratio(read("cpu.cfs_quota_us")?.trim(), read("cpu.cfs_period_us")?.trim())
}

fn read(file: &Path) -> Option<String> {
    fs::read_to_string(file).ok()
}

fn ratio(quota: &str, period: &str) -> Option<f64> {
    let (quota, period) = (quota.parse::<u64>().ok()?, period.parse::<u64>().ok()?);
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes_become_bytes() {
        for (field, expected) in [
            (&br"/a\040b\134\011"[..], &b"/a b\\\t"[..]),
            (br"/a\04", br"/a\04"),
            (br"\089\", br"\089\"),
            (br"\400", br"\400"),
            (b"\xff\\377", b"\xff\xff"),
        ] {
            assert_eq!(unescaped(field), expected, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn throttling_is_that_of_the_group_or_the_nearest_above() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/self/cgroup", "0::/a b/job\n");
        write("proc/self/mountinfo", "1 0 0:1 /a\\040b /groups rw - cgroup2 cgroup2 rw\n");
        assert_eq!(throttled_periods_in(root.path()), None);
        write("groups/cpu.stat", "nr_periods 9\nnr_throttled 4\n");
        assert_eq!(throttled_periods_in(root.path()), Some(4));
        write("groups/job/cpu.stat", "nr_throttled 2\n");
        assert_eq!(throttled_periods_in(root.path()), Some(2));
    }
}
