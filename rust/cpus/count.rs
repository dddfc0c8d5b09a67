//! How many CPUs may be used and how many threads to start: all sources, and the one that decides.

use crate::contract::MAX_THREADS;
use crate::cpus::cgroup;
use crate::cpus::mask::CpuMask;
use crate::cpus::source::{Role, Source};
use crate::cpus::start::{AT_START, mask_at_start};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

/// The CPUs that may be used and the threads to start, and how that was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuCount {
    /// Everything that was asked, in order.
    pub sources: Vec<Source>,
    /// CPUs that may be used: the smallest limit, rounded down, at least 1.
    pub usable: u32,
    /// The source of `usable`.
    pub usable_by: &'static str,
    /// Threads to start where no number is given: the first request, else `usable`.
    pub threads: u32,
    /// The source of `threads`.
    pub threads_by: &'static str,
    /// What is wrong with libpi's own variable: an error for whoever leaves the number to it.
    pub invalid: Option<Error>,
}

/// Where [`CpuCount`] reads; replaced in tests.
pub struct System<'a> {
    /// The affinity mask.
    pub affinity: CpuMask,
    /// The processors of the OpenMP runtime, if it was asked.
    pub openmp: Option<u32>,
    /// The root of the file system with `proc` and `sys`.
    pub root: &'a Path,
    /// The environment's variables.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

impl CpuCount {
    /// Of this process, read once.
    pub fn of_this_process() -> &'static Self {
        static COUNT: OnceLock<CpuCount> = OnceLock::new();
        let read = || {
            Self::read(&System {
                affinity: mask_at_start(),
                openmp: if AT_START.get().is_none() { openmp_processors() } else { None },
                root: Path::new("/"),
                variable: &|name| std::env::var_os(name),
            })
        };
        COUNT.get_or_init(read)
    }

    /// Threads to start where no number is given.
    ///
    /// # Errors
    /// [`Error::Variable`] if `LIBPI_NUM_THREADS` is no number from 1 to [`MAX_THREADS`].
    pub fn threads(&self) -> Result<u32> {
        self.invalid.clone().map_or(Ok(self.threads), Err)
    }

    /// From a system's files and variables.
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
            .unwrap_or(("nothing known", 1.0));
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
                value,
                rule: format!("a whole number from 1 to {MAX_THREADS}"),
            });
        Self { usable, usable_by, threads, threads_by, invalid, sources }
    }
}

/// The mask, or the OpenMP runtime's number where that is larger: where no mask was saved at the
/// start, as in a library, the runtime may have narrowed the calling thread's since.
fn affinity(mask: &CpuMask, openmp: Option<u32>) -> Source {
    let (value, detail) = match (mask.count(), openmp.unwrap_or(0)) {
        (0, 0) => (None, "the system does not say".to_owned()),
        (cpus, processors) if processors > cpus => {
            (Some(processors), format!("CPUs {mask}, but {processors} known to OpenMP"))
        }
        (cpus, _) => (Some(cpus), format!("CPUs {mask}")),
    };
    Source { name: "affinity mask", role: Role::Limit, value: value.map(f64::from), detail }
}

/// The CPUs that the OpenMP runtime found when it was loaded.
#[cfg(built_openmp_c)]
fn openmp_processors() -> Option<u32> {
    unsafe extern "C" {
        safe fn omp_get_num_procs() -> libc::c_int;
    }
    u32::try_from(omp_get_num_procs()).ok()
}

#[cfg(not(built_openmp_c))]
fn openmp_processors() -> Option<u32> {
    None
}

/// Slurm's number for this task or, where tasks were given none, for the whole job on this node.
/// It counts because Slurm does not always bind tasks to the CPUs it gives them.
fn slurm(system: &System) -> Vec<Source> {
    let read = |name| {
        let text = text_of(system, name);
        let value = text.as_deref().and_then(whole_number);
        let detail = match (&text, value) {
            (None, _) => "not set".to_owned(),
            (Some(_), Some(_)) => "set by Slurm".to_owned(),
            (Some(text), None) => format!("ignored: '{text}' is no number of CPUs"),
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

/// A variable's value; one that is empty counts as not set. Bytes that are not UTF-8 are replaced,
/// which makes no number of them.
fn text_of(system: &System, name: &str) -> Option<String> {
    let value = (system.variable)(name).filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

fn whole_number(text: &str) -> Option<f64> {
    text.trim().parse::<u32>().ok().filter(|&number| number > 0).map(f64::from)
}

/// libpi's own request. Unlike the others' it may not be nonsense.
const OWN_VARIABLE: &str = "LIBPI_NUM_THREADS";

/// A request by a variable: followed if it makes sense, else named and ignored.
fn request(system: &System, name: &'static str, pick: impl Fn(&str) -> &str) -> Source {
    let text = text_of(system, name);
    let value = text
        .as_deref()
        .and_then(|text| whole_number(pick(text)))
        .filter(|&threads| threads <= f64::from(MAX_THREADS));
    let detail = match (&text, value) {
        (None, _) => "not set".to_owned(),
        (Some(text), Some(_)) => format!("set to '{text}'"),
        (Some(text), None) => {
            format!("ignored: '{text}' is no number of threads from 1 to {MAX_THREADS}")
        }
    };
    Source { name, role: Role::Request, value, detail }
}
