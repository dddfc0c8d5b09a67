//! CPU quotas of control groups, versions 1 and 2, over the whole chain of groups from the
//! process's own up to the root it can see.
//!
//! Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst (`cpu.max`),
//! Documentation/scheduler/sched-bwc.rst (`cpu.cfs_quota_us`), proc(5) and cgroups(7).

use crate::cpus::{Role, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// The smallest quota of each cgroup version, in CPUs.
pub(crate) fn quotas(root: &Path) -> Vec<Source> {
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let groups = read("proc/self/cgroup");
    let mounts = read("proc/self/mountinfo");
    let v1 = hierarchy(&groups, &mounts, "cgroup", Some("cpu"));
    let v2 = hierarchy(&groups, &mounts, "cgroup2", None);
    vec![
        smallest("cgroup v1 quota", root, v1, quota_v1),
        smallest("cgroup v2 quota", root, v2, quota_v2),
    ]
}

/// A mounted hierarchy and the process's group in it.
struct Hierarchy {
    mount: PathBuf,
    group: PathBuf,
}

/// Finds the hierarchy of a file system type, for version 1 the one with the controller.
///
/// `groups` has lines `id:controllers:/path`, version 2's with id 0 and no controllers. `mounts`
/// has lines `id parent device root mount-point options… - type source super-options`, where root
/// is the group that is mounted: in a container often the process's own.
fn hierarchy(
    groups: &str,
    mounts: &str,
    kind: &str,
    controller: Option<&str>,
) -> Option<Hierarchy> {
    let path = groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let controllers = fields.next()?;
        let wanted = match controller {
            Some(name) => controllers.split(',').any(|c| c == name),
            None => controllers.is_empty(),
        };
        fields.next().filter(|_| wanted)
    })?;
    let (mounted, mount) = mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut after = after.split(' ');
        let wanted = after.next() == Some(kind)
            && controller
                .is_none_or(|name| after.nth(1).unwrap_or("").split(',').any(|o| o == name));
        let mut before = before.split(' ').skip(3);
        wanted.then_some((before.next()?, before.next()?))
    })?;
    // A group outside of what is mounted cannot be seen; the mounted root is the nearest to it.
    let group = Path::new(path).strip_prefix(mounted).unwrap_or(Path::new(""));
    let visible = group.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    Some(Hierarchy {
        mount: mount.trim_start_matches('/').into(),
        group: if visible { group.into() } else { PathBuf::new() },
    })
}

/// The smallest quota on the way from the process's group up to the mounted root.
fn smallest(
    name: &'static str,
    root: &Path,
    hierarchy: Option<Hierarchy>,
    quota: impl Fn(&Path) -> Option<f64>,
) -> Source {
    let none =
        |detail: &str| Source { name, role: Role::Limit, value: None, detail: detail.into() };
    let Some(Hierarchy { mount, group }) = hierarchy else {
        return none("not mounted");
    };
    let chain = group.ancestors().map(|group| mount.join(group));
    let found = chain
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

/// `cpu.max` is `max PERIOD` or `QUOTA PERIOD`, in microseconds.
fn quota_v2(group: &Path) -> Option<f64> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota, period)
}

/// `cpu.cfs_quota_us` is −1 without a quota.
fn quota_v1(group: &Path) -> Option<f64> {
    let read = |file| fs::read_to_string(group.join(file)).ok();
    ratio(read("cpu.cfs_quota_us")?.trim(), read("cpu.cfs_period_us")?.trim())
}

fn ratio(quota: &str, period: &str) -> Option<f64> {
    let (quota, period) = (quota.parse::<u64>().ok()?, period.parse::<u64>().ok()?);
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}
