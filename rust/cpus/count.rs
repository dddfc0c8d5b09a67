//! How many CPUs may be used and how many threads to start: all sources, and which one decides.

use crate::contract::MAX_THREADS;
use crate::cpus::cgroup;
use crate::cpus::mask::CpuMask;
use crate::cpus::source::{Role, Source};
use crate::cpus::start::{AT_START, mask_at_start};
#[cfg(built_openmp_c)]
use crate::cpus::workers::binds_threads;
use crate::error::{Error, Result, escaped};
use crate::fork::remember;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

/// What stands for the source of a number where no source has one.
pub const NOTHING_KNOWN: &str = "nothing known";

/// The number of CPUs that may be used, the number of threads to start, and their sources.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuCount {
    /// All sources, in the order in which they were read.
    pub sources: Vec<Source>,
    /// The number of CPUs that may be used: the smallest limit, rounded down, but at least 1.
    pub usable: u32,
    /// The source of `usable`.
    pub usable_by: &'static str,
    /// The number of threads to start if the caller gives none: the first request, else `usable`.
    pub threads: u32,
    /// The source of `threads`.
    pub threads_by: &'static str,
    /// The error in libpi's own variable, if its value is invalid. It does not matter to a caller
    /// that gives a number of threads.
    pub invalid: Option<Error>,
}

/// The system that [`CpuCount`] reads. Tests replace it.
pub struct System<'a> {
    /// The affinity mask.
    pub affinity: CpuMask,
    /// The number of processors that the OpenMP runtime reports, if it was asked.
    pub openmp: Option<u32>,
    /// The root of the file system, which contains `proc` and `sys`.
    pub root: &'a Path,
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

impl CpuCount {
    /// The numbers for this process, which are read once.
    pub fn of_this_process() -> &'static Self {
        static COUNT: OnceLock<CpuCount> = OnceLock::new();
        remember(&COUNT, Self::now)
    }

    /// The numbers for this process as they are now.
    pub fn now() -> Self {
        Self::read(&System {
            affinity: mask_at_start(),
            openmp: if AT_START.get().is_none() { openmp_processors() } else { None },
            root: Path::new("/"),
            variable: &|name| std::env::var_os(name),
        })
    }

    /// The number of threads to start if the caller gives none.
    ///
    /// # Errors
    /// [`Error::Variable`] if `LIBPI_NUM_THREADS` is not a number from 1 to [`MAX_THREADS`].
    pub fn threads(&self) -> Result<u32> {
        self.invalid.clone().map_or(Ok(self.threads), Err)
    }

    /// Reads the numbers from a system's files and variables.
    pub fn read(system: &System) -> Self {
        let limits = [
            vec![affinity(&system.affinity, system.openmp)],
            cgroup::quotas(system.root),
            slurm(system),
        ];
        let requests = [
            request(system, OWN_VARIABLE, |value| value),
            request(system, "OMP_NUM_THREADS", |value| value.split(',').next().unwrap_or("")),
            request(system, "RAYON_NUM_THREADS", |value| value),
        ];
        let sources: Vec<Source> = limits.into_iter().flatten().chain(requests).collect();

        let limits = sources.iter().filter(|source| source.role == Role::Limit);
        let (usable_by, limit) = limits
            .filter_map(|source| Some((source.name, source.value?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((NOTHING_KNOWN, 1.0));
        let usable = (limit as u32).max(1);
        let (threads_by, threads) = sources
            .iter()
            .filter(|source| source.role == Role::Request)
            .find_map(|source| Some((source.name, source.value? as u32)))
            .unwrap_or((usable_by, usable.min(MAX_THREADS)));
        let own = sources.iter().find(|source| source.name == OWN_VARIABLE);
        let invalid = text_of(system, OWN_VARIABLE)
            .filter(|_| own.is_none_or(|source| source.value.is_none()))
            .map(|value| Error::Variable {
                variable: OWN_VARIABLE,
                value: escaped(value),
                rule: format!("a whole number from 1 to {MAX_THREADS}"),
            });
        Self { usable, usable_by, threads, threads_by, invalid, sources }
    }
}

/// The number of CPUs in the mask, or the OpenMP runtime's number if that is larger. A library
/// cannot save the mask at the start of the process, so the runtime may have narrowed it since.
fn affinity(mask: &CpuMask, openmp: Option<u32>) -> Source {
    let (value, detail) = match (mask.count(), openmp.unwrap_or(0)) {
        (0, 0) => (None, "the system does not report it".to_owned()),
        (cpus, processors) if processors > cpus => {
            (Some(processors), format!("CPUs {mask}, but OpenMP reports {processors}"))
        }
        (cpus, _) => (Some(cpus), format!("CPUs {mask}")),
    };
    Source { name: "affinity mask", role: Role::Limit, value: value.map(f64::from), detail }
}

/// The number of CPUs that the OpenMP runtime found when it was loaded. It matters only if the
/// runtime binds threads; otherwise the mask of the calling thread is right, even if it was changed.
#[cfg(built_openmp_c)]
fn openmp_processors() -> Option<u32> {
    unsafe extern "C" {
        safe fn omp_get_num_procs() -> libc::c_int;
    }
    if binds_threads() { u32::try_from(omp_get_num_procs()).ok() } else { None }
}

#[cfg(not(built_openmp_c))]
fn openmp_processors() -> Option<u32> {
    None
}

/// The number of CPUs that Slurm gives this task or, if it sets none for tasks, the whole job on
/// this node. This is a limit because Slurm does not always bind tasks to their CPUs.
fn slurm(system: &System) -> Vec<Source> {
    let read = |name| {
        let text = text_of(system, name);
        let value = text.as_deref().and_then(whole_number);
        let detail = match (&text, value) {
            (None, _) => "not set".to_owned(),
            (Some(_), Some(_)) => "set by Slurm".to_owned(),
            (Some(text), None) => format!("ignored: '{}' is not a number of CPUs", escaped(text)),
        };
        Source { name, role: Role::Limit, value, detail }
    };
    let task = read("SLURM_CPUS_PER_TASK");
    let mut node = read("SLURM_CPUS_ON_NODE");
    if task.value.is_some() && node.value.take().is_some() {
        node.detail = "not used: SLURM_CPUS_PER_TASK is more precise".to_owned();
    }
    vec![task, node]
}

/// The value of a variable. An empty value counts as not set. Bytes that are not UTF-8 are escaped,
/// with a letter that no number has.
fn text_of(system: &System, name: &str) -> Option<String> {
    let value = (system.variable)(name).filter(|value| !value.is_empty())?;
    Some(value.into_string().unwrap_or_else(|value| escaped(&value)))
}

fn whole_number(text: &str) -> Option<f64> {
    text.trim().parse::<u32>().ok().filter(|&number| number > 0).map(f64::from)
}

/// libpi's own variable. An invalid value is an error here; in the other variables it is ignored.
const OWN_VARIABLE: &str = "LIBPI_NUM_THREADS";

/// The request of a variable. An invalid value is ignored, and the source's detail says so.
fn request(system: &System, name: &'static str, pick: impl Fn(&str) -> &str) -> Source {
    let text = text_of(system, name);
    let value = text
        .as_deref()
        .and_then(|text| whole_number(pick(text)))
        .filter(|&threads| threads <= f64::from(MAX_THREADS));
    let detail = match (&text, value) {
        (None, _) => "not set".to_owned(),
        (Some(text), Some(_)) => format!("set to '{}'", escaped(text)),
        (Some(text), None) => {
            let text = escaped(text);
            format!("ignored: '{text}' is not a number of threads from 1 to {MAX_THREADS}")
        }
    };
    Source { name, role: Role::Request, value, detail }
}
