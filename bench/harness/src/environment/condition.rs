//! The settings of the machine, and what it is busy with.

use super::file::read;
use crate::number::counted;
use crate::process::cpus_of_others;
use libpi::cpus::mask_at_start;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// This time is long enough to see whether a CPU is busy, and short enough to wait for.
const MOMENT: Duration = Duration::from_millis(200);

/// The settings of the machine, and what it is busy with.
#[derive(Debug, Serialize)]
pub struct Condition {
    pub governors: Vec<String>,
    /// Whether the clock may rise above its base frequency. None if the system does not say.
    pub boost: Option<bool>,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Vec<f64>,
    /// The number of usable CPUs that other processes use now. None if the system does not say.
    pub cpus_of_others: Option<f64>,
    /// How often the CPU quota has stopped the processes of the control group.
    pub throttled_periods: Option<u64>,
    pub variables: BTreeMap<String, String>,
}

impl Condition {
    pub(super) fn here() -> Self {
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

    pub(super) fn warnings(&self, usable: u32) -> Vec<String> {
        let mut warnings = Vec::new();
        let governors: Vec<&str> =
            self.governors.iter().map(|g| &**g).filter(|g| *g != "performance").collect();
        if !governors.is_empty() {
            warnings.push(format!(
                "the frequency governor is {}: the CPUs' clock changes during a measurement; as root, run \
                 `cpupower frequency-set -g performance`",
                governors.join(", ")
            ));
        }
        // An idle desktop may need half of a CPU. Anything more is other work.
        if let Some(busy) = self.cpus_of_others.filter(|busy| *busy > 0.5) {
            warnings.push(format!(
                "other processes use {busy:.1} of the {usable} usable CPUs: wait until they are done"
            ));
        }
        if let Some(periods) = self.throttled_periods.filter(|periods| *periods > 0) {
            warnings.push(format!(
                "the CPU quota has stopped the processes of this control group {} since the group was \
                 created: use fewer threads than the quota, or raise it",
                counted(periods, "time")
            ));
        }
        warnings
    }
}

/// The load averages over 1, 5 and 15 minutes.
pub fn load() -> Vec<f64> {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).filter_map(|number| number.parse().ok()).collect()
}

/// The variables that change how the runtimes behave.
fn variables() -> BTreeMap<String, String> {
    const PREFIXES: [&str; 11] = [
        "OMP_",
        "GOMP_",
        "KMP_",
        "LIBPI_",
        "RAYON_",
        "SLURM_CPUS",
        "MALLOC_",
        "GLIBC_TUNABLES",
        "LD_PRELOAD",
        "LD_AUDIT",
        "LD_BIND_NOW",
    ];
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system() -> Condition {
        Condition {
            governors: vec!["performance".to_owned()],
            boost: Some(false),
            load: vec![3.0, 3.0, 3.0],
            cpus_of_others: Some(0.2),
            throttled_periods: Some(0),
            variables: BTreeMap::new(),
        }
    }

    #[test]
    fn a_quiet_system_gives_no_warning() {
        assert_eq!(system().warnings(2), [""; 0]);
    }

    #[test]
    fn what_spoils_a_measurement_gives_a_warning_with_a_remedy() {
        let governed = Condition { governors: vec!["powersave".to_owned()], ..system() };
        let busy = Condition { cpus_of_others: Some(1.5), ..system() };
        let throttled = Condition { throttled_periods: Some(7), ..system() };
        for (system, words) in [
            (governed, ["powersave", "cpupower"]),
            (busy, ["1.5 of the 2 usable CPUs", "wait"]),
            (throttled, ["7 times", "raise it"]),
        ] {
            let warnings = system.warnings(2);
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(words.iter().all(|word| warnings[0].contains(word)), "{warnings:?}");
        }
    }
}
