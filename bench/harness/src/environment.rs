//! The environment of a measurement: machine, system, build, sources; and what would spoil it. This
//! is what `pi info --json` prints and what every result begins with.

use crate::built::Build;
use crate::number::counted;
use crate::process::cpus_of_others;
use crate::shown::readable;
use libpi::Level;
use libpi::build_info::WARNINGS;
use libpi::cpus::{CpuCount, CpuMask, Role, by_core, mask_at_start, place_in_core};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

#[derive(Debug, Serialize)]
pub struct Environment {
    pub version: &'static str,
    pub cpus: Cpus,
    pub machine: Machine,
    pub system: System,
    pub build: Build,
    pub sources: Sources,
    pub command: Vec<String>,
    pub openmp_runtimes_loaded: Vec<String>,
    /// What the launcher of MPI jobs says of its version.
    pub mpi_launcher: Option<String>,
    pub warnings: Vec<String>,
}

/// Which CPUs may be used, and which rule decided.
#[derive(Debug, Serialize)]
pub struct Cpus {
    pub usable: u32,
    pub usable_by: &'static str,
    pub threads: u32,
    pub threads_by: &'static str,
    pub mask_at_start: String,
    pub mask_of_main_thread: String,
    pub sources: Vec<SourceRow>,
}

#[derive(Debug, Serialize)]
pub struct SourceRow {
    pub name: &'static str,
    pub role: &'static str,
    pub value: Option<f64>,
    pub detail: String,
}

/// Long enough to see whether a CPU is busy, short enough to wait for.
const MOMENT: Duration = Duration::from_millis(200);

/// What does not change while the machine runs.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub cpu: String,
    pub architecture: &'static str,
    pub best_level: &'static str,
    /// The level at which LIBPI_LEVEL caps it, if that is set.
    pub level_cap: Option<&'static str>,
    pub cpus_online: String,
    /// Whether cores run two threads at a time: on, off, …; none where the system does not say.
    pub smt: Option<String>,
    pub caches: Vec<Cache>,
    pub memory_bytes: Option<u64>,
    pub operating_system: String,
    /// Which hypervisor or container this runs in, as far as can be seen.
    pub virtualisation: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Cache {
    pub level: u32,
    pub kind: String,
    pub size: String,
    pub shared_by_cpus: String,
}

/// What the machine is set to and busy with.
#[derive(Debug, Serialize)]
pub struct System {
    pub governors: Vec<String>,
    /// Whether the clock may rise above its base, where the system says so.
    pub boost: Option<bool>,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Vec<f64>,
    /// How many of the usable CPUs others use at this moment; none where the system does not say.
    pub cpus_of_others: Option<f64>,
    /// How often the control group's quota has stopped its processes.
    pub throttled_periods: Option<u64>,
    pub variables: BTreeMap<String, String>,
}

/// Where the command comes from.
#[derive(Debug, Serialize)]
pub struct Sources {
    /// The revision that was built, and whether the sources were changed since.
    pub built_revision: Option<&'static str>,
    pub built_dirty: bool,
    /// SHA-256 of the executable.
    pub binary_sha256: Option<String>,
}

impl Environment {
    /// Of this process, now. `mpi_launcher` is what the launcher of MPI jobs says of its version,
    /// `mpi_library` is the library that this process is linked to.
    pub fn here(mpi_launcher: Option<String>, mpi_library: Option<String>) -> Self {
        let count = CpuCount::of_this_process();
        let mut environment = Self {
            version: env!("CARGO_PKG_VERSION"),
            cpus: Cpus::of(count),
            machine: Machine::here(),
            system: System::here(),
            build: Build::with(mpi_library),
            sources: Sources::here(),
            command: std::env::args_os().map(readable).collect(),
            openmp_runtimes_loaded: openmp_runtimes(),
            mpi_launcher,
            warnings: Vec::new(),
        };
        environment.warnings = environment.warnings();
        environment
    }

    /// What would spoil a measurement, each with what to do about it.
    fn warnings(&self) -> Vec<String> {
        let Cpus { usable, threads, threads_by, mask_at_start, mask_of_main_thread, .. } =
            &self.cpus;
        let mut warnings: Vec<String> =
            WARNINGS.iter().map(|&warning| warning.to_owned()).collect();
        if let Some(invalid) = &CpuCount::of_this_process().invalid {
            warnings.push(invalid.to_string());
        }
        if threads > usable {
            warnings.push(format!(
                "{threads} threads by {threads_by} on {}: they will take turns; set it to {usable} or \
                 less",
                counted(*usable, "usable CPU")
            ));
        }
        if mask_at_start != mask_of_main_thread {
            warnings.push(format!(
                "the OpenMP runtime has narrowed the main thread from CPUs {mask_at_start} to \
                 {mask_of_main_thread} (OMP_PLACES or OMP_PROC_BIND); std threads and rayon get \
                 {mask_at_start} back"
            ));
        }
        if self.openmp_runtimes_loaded.len() > 1 {
            warnings.push(format!(
                "two OpenMP runtimes are loaded ({}): build C and Fortran with compilers of one kind",
                self.openmp_runtimes_loaded.join(", ")
            ));
        }
        warnings.extend(self.machine.warnings(*usable));
        warnings.extend(self.system.warnings(*usable));
        warnings
    }
}

impl Cpus {
    fn of(count: &CpuCount) -> Self {
        let row = |source: &libpi::cpus::Source| SourceRow {
            name: source.name,
            role: match source.role {
                Role::Limit => "limit",
                Role::Request => "request",
            },
            value: source.value,
            detail: source.detail.clone(),
        };
        Self {
            usable: count.usable,
            usable_by: count.usable_by,
            threads: count.threads,
            threads_by: count.threads_by,
            mask_at_start: mask_at_start().to_string(),
            mask_of_main_thread: CpuMask::of_this_thread().to_string(),
            sources: count.sources.iter().map(row).collect(),
        }
    }
}

impl Machine {
    fn here() -> Self {
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

    fn warnings(&self, usable: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        let cores = cpus_in_order(u32::MAX).into_iter().filter(|&cpu| place_in_core(cpu) == 0);
        let cores = cores.count();
        // None is told of where the system does not say on which CPUs this process may run.
        if cores > 0 && usable as usize > cores {
            warnings.push(format!(
                "{usable} usable CPUs are {cores} cores with SMT: two threads on one core slow each \
                 other down; use --threads {cores}, or switch SMT off"
            ));
        }
        if let Some(hypervisor) = self.virtualisation.iter().find(|kind| kind.contains("machine")) {
            warnings.push(format!(
                "this is a {hypervisor}: others may take its CPUs without a trace; compare only what \
                 was measured in one session, or use a machine of your own"
            ));
        }
        warnings
    }
}

impl System {
    fn here() -> Self {
        let cpu = Path::new("/sys/devices/system/cpu");
        let governor = |number| read(&cpu.join(format!("cpu{number}/cpufreq/scaling_governor")));
        let mut governors: Vec<String> = mask_at_start().cpus().filter_map(governor).collect();
        governors.sort();
        governors.dedup();
        let no_turbo = read(&cpu.join("intel_pstate/no_turbo")).map(|value| value == "0");
        let boost = read(&cpu.join("cpufreq/boost")).map(|value| value == "1");
        Self {
            governors,
            boost: no_turbo.or(boost),
            load: load(),
            cpus_of_others: cpus_of_others(&mask_at_start(), MOMENT),
            throttled_periods: libpi::cpus::throttled_periods(),
            variables: variables(),
        }
    }

    fn warnings(&self, usable: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        let governors: Vec<&str> =
            self.governors.iter().map(|g| &**g).filter(|g| *g != "performance").collect();
        if !governors.is_empty() {
            warnings.push(format!(
                "the CPUs' clock is governed by {}: it changes while one measures; as root, \
                 `cpupower frequency-set -g performance`",
                governors.join(", ")
            ));
        }
        // Half of a CPU is what a desktop at rest may need; more is somebody's work.
        if let Some(busy) = self.cpus_of_others.filter(|busy| *busy > 0.5) {
            warnings.push(format!(
                "others are at work, and use {busy:.1} of the {usable} usable CPUs: wait until they \
                 are done"
            ));
        }
        if let Some(periods) = self.throttled_periods.filter(|periods| *periods > 0) {
            warnings.push(format!(
                "the control group's CPU quota has stopped its processes {} since it was made: \
                 use fewer threads than the quota, or raise it",
                counted(periods, "time")
            ));
        }
        warnings
    }
}

impl Sources {
    fn here() -> Self {
        let built = Some(env!("PI_BUILT_REVISION")).filter(|revision| !revision.is_empty());
        // The file that runs, whatever stands at its path by now.
        let executable = fs::read("/proc/self/exe").ok();
        Self {
            built_revision: built,
            built_dirty: env!("PI_BUILT_DIRTY") == "true",
            binary_sha256: executable.map(|bytes| hexadecimal(&Sha256::digest(bytes))),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The CPUs that may be used, at most so many, in the order in which workers get them: one of every
/// core before the second of any.
pub fn cpus_in_order(most: u32) -> Vec<usize> {
    let mut cpus = by_core(&mask_at_start());
    cpus.truncate(most as usize);
    cpus
}

/// A file's text without the spaces around it.
fn read(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
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

/// The CPU says if a hypervisor is above it, the firmware's tables often whose; containers leave
/// files.
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

/// The load averages over 1, 5 and 15 minutes.
pub fn load() -> Vec<f64> {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).filter_map(|number| number.parse().ok()).collect()
}

/// The variables that change how the runtimes behave.
fn variables() -> BTreeMap<String, String> {
    const PREFIXES: [&str; 8] =
        ["OMP_", "GOMP_", "KMP_", "LIBPI_", "RAYON_", "SLURM_CPUS", "MALLOC_", "LD_PRELOAD"];
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The OpenMP runtimes mapped into this process.
fn openmp_runtimes() -> Vec<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut runtimes: Vec<String> = maps
        .lines()
        .filter_map(|line| line.rsplit_once('/'))
        .map(|(_, file)| file.to_owned())
        .filter(|file| ["libgomp", "libomp", "libiomp"].iter().any(|name| file.starts_with(name)))
        .collect();
    runtimes.sort();
    runtimes.dedup();
    runtimes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system() -> System {
        System {
            governors: vec!["performance".to_owned()],
            boost: Some(false),
            load: vec![3.0, 3.0, 3.0],
            cpus_of_others: Some(0.2),
            throttled_periods: Some(0),
            variables: BTreeMap::new(),
        }
    }

    fn machine() -> Machine {
        Machine { virtualisation: Vec::new(), ..Machine::here() }
    }

    #[test]
    fn a_quiet_machine_is_not_warned_of() {
        assert_eq!(system().warnings(2), [""; 0]);
        assert_eq!(machine().warnings(1), [""; 0]);
    }

    #[test]
    fn what_spoils_a_measurement_is_told_with_its_remedy() {
        let governed = System { governors: vec!["powersave".to_owned()], ..system() };
        let busy = System { cpus_of_others: Some(1.5), ..system() };
        let throttled = System { throttled_periods: Some(7), ..system() };
        for (system, words) in [
            (governed, ["powersave", "cpupower"]),
            (busy, ["1.5 of the 2 usable CPUs", "wait"]),
            (throttled, ["7 times", "raise it"]),
        ] {
            let warnings = system.warnings(2);
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(words.iter().all(|word| warnings[0].contains(word)), "{warnings:?}");
        }
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

    /// SHA-256 of the empty string, from FIPS 180-4's examples.
    #[test]
    fn hashes_are_written_in_hexadecimal() {
        assert!(hexadecimal(&Sha256::digest(b"")).starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }
}
