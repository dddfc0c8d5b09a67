//! The machine: facts that do not change while it runs.

use super::cpus::cpus_in_order;
use super::file::read;
use libpi::Level;
use libpi::cpus::place_in_core;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Facts that do not change while the machine runs.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub cpu: String,
    pub architecture: &'static str,
    pub best_level: &'static str,
    /// The highest level that LIBPI_LEVEL allows, if it is set.
    pub level_cap: Option<&'static str>,
    pub cpus_online: String,
    /// Whether a core runs several threads at a time: on, off, …. None if the system does not say.
    pub smt: Option<String>,
    pub caches: Vec<Cache>,
    pub memory_bytes: Option<u64>,
    pub operating_system: String,
    /// The hypervisor and the container in which this process runs, as far as it can tell.
    pub virtualisation: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Cache {
    pub level: u32,
    pub kind: String,
    pub size: String,
    pub shared_by_cpus: String,
}

impl Machine {
    pub(super) fn here() -> Self {
        let cpu = Path::new("/sys/devices/system/cpu");
        Self {
            cpu: cpu_info("model name").unwrap_or_else(|| "unknown".to_owned()),
            architecture: std::env::consts::ARCH,
            best_level: Level::best().name(),
            level_cap: Level::cap().ok().flatten().map(Level::name),
            cpus_online: read(&cpu.join("online")).unwrap_or_default(),
            smt: read(&cpu.join("smt/control")),
            caches: caches(&cpu.join("cpu0/cache")),
            memory_bytes: memory(&fs::read_to_string("/proc/meminfo").unwrap_or_default()),
            operating_system: operating_system(),
            virtualisation: virtualisation(),
        }
    }

    pub(super) fn warnings(&self, usable: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        let cores = cpus_in_order(u32::MAX).into_iter().filter(|&cpu| place_in_core(cpu) == 0);
        let cores = cores.count();
        // There are no cores here if the system does not say on which CPUs this process may run.
        if cores > 0 && usable as usize > cores {
            warnings.push(format!(
                "the {usable} usable CPUs belong to {cores} cores with SMT: two threads on one core slow \
                 each other down; use --threads {cores}, or switch SMT off"
            ));
        }
        if let Some(hypervisor) = self.virtualisation.iter().find(|kind| kind.contains("machine")) {
            warnings.push(format!(
                "this is a {hypervisor}: other machines may take its CPUs without a trace; compare only \
                 measurements of one session, or use a machine of your own"
            ));
        }
        warnings
    }
}

/// The value of a key in /proc/cpuinfo.
fn cpu_info(key: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn caches(folder: &Path) -> Vec<Cache> {
    let cache = |index: u32| {
        let file = |name: &str| read(&folder.join(format!("index{index}/{name}")));
        Some(Cache {
            level: file("level")?.parse().ok()?,
            kind: file("type")?,
            size: file("size")?,
            shared_by_cpus: file("shared_cpu_list")?,
        })
    };
    (0..).map_while(cache).collect()
}

fn memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

fn operating_system() -> String {
    let read = |file: &str| fs::read_to_string(format!("/proc/sys/kernel/{file}"));
    match (read("ostype"), read("osrelease")) {
        (Ok(name), Ok(release)) => format!("{} {}", name.trim(), release.trim()),
        _ => std::env::consts::OS.to_owned(),
    }
}

/// The virtual machine and the container, if any. A CPU flag shows a hypervisor, the tables of the
/// firmware often name it, and containers leave files.
fn virtualisation() -> Vec<String> {
    let mut found = Vec::new();
    if cpu_info("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")) {
        let product = read(Path::new("/sys/class/dmi/id/product_name"));
        let whose = product.filter(|name| !name.is_empty());
        found.push(format!(
            "virtual machine{}",
            whose.map(|name| format!(" ({name})")).unwrap_or_default()
        ));
    }
    let containers =
        [("/.dockerenv", "container (docker)"), ("/run/.containerenv", "container (podman)")];
    found.extend(
        containers
            .iter()
            .filter(|(file, _)| Path::new(file).exists())
            .map(|(_, n)| (*n).to_owned()),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine { virtualisation: Vec::new(), ..Machine::here() }
    }

    #[test]
    fn a_real_machine_with_free_cores_gives_no_warning() {
        assert_eq!(machine().warnings(1), [""; 0]);
    }

    #[test]
    fn what_spoils_a_measurement_gives_a_warning_with_a_remedy() {
        let virtual_machine =
            Machine { virtualisation: vec!["virtual machine (KVM)".to_owned()], ..machine() };
        assert!(virtual_machine.warnings(1)[0].contains("virtual machine (KVM)"));
        assert!(machine().warnings(5000)[0].contains("SMT"));
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(memory("MemTotal:       16 kB\nMemFree: 1 kB\n"), Some(16384));
        assert_eq!(memory(""), None);
    }
}
