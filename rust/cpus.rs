//! How many CPUs may be used, and which: the affinity mask as it was before any runtime narrowed
//! it, the control groups' quotas, the batch system, and what the user asked for.
//!
//! An OpenMP runtime binds the initial thread to its first place when `OMP_PLACES` or
//! `OMP_PROC_BIND` is set, libgomp even before `main`; std threads and rayon would inherit that one
//! place. An executable that contains [`save_cpu_mask!`](crate::save_cpu_mask) keeps the mask it
//! was started with, and the workers of the drivers `threads` and `rayon` get it back. In a library
//! they get the CPUs of all the runtime's places, which are never more than the process had.

use crate::MAX_THREADS;
use crate::cgroup;
use crate::error::{Error, Result};
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

/// Words of a mask: room for 8192 CPUs, as many as Linux supports.
const WORDS: usize = 128;

/// A set of CPUs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CpuMask([u64; WORDS]);

impl CpuMask {
    /// The CPUs on which the calling thread may run; an empty set if the system does not say.
    pub fn of_this_thread() -> Self {
        let mut words = [0u64; WORDS];
        // SAFETY: the buffer is as long as the size given, and any bits are a valid mask.
        let status = unsafe {
            libc::sched_getaffinity(
                0,
                size_of_val(&words),
                words.as_mut_ptr().cast::<libc::cpu_set_t>(),
            )
        };
        if status != 0 { Self([0; WORDS]) } else { Self(words) }
    }

    /// Lets the calling thread run on these CPUs and no others.
    ///
    /// # Errors
    /// What the operating system answers, such as that none of the CPUs exists.
    pub fn apply_to_this_thread(&self) -> std::io::Result<()> {
        // SAFETY: the buffer is as long as the size given and is only read.
        let status = unsafe {
            libc::sched_setaffinity(
                0,
                size_of_val(&self.0),
                self.0.as_ptr().cast::<libc::cpu_set_t>(),
            )
        };
        if status == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }

    /// Number of CPUs in the set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The CPUs' numbers, ascending.
    pub fn cpus(&self) -> impl Iterator<Item = usize> {
        (0..WORDS * 64).filter(|cpu| self.0[cpu / 64] >> (cpu % 64) & 1 == 1)
    }
}

impl FromIterator<usize> for CpuMask {
    /// The set of the CPUs with these numbers; numbers from 8192 on are left out.
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> Self {
        let mut words = [0; WORDS];
        for cpu in cpus.into_iter().filter(|&cpu| cpu < WORDS * 64) {
            words[cpu / 64] |= 1 << (cpu % 64);
        }
        Self(words)
    }
}

/// The kernel's list format: `0-3,8`.
impl fmt::Display for CpuMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpus: Vec<usize> = self.cpus().collect();
        let runs = cpus.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
            [one] => one.to_string(),
            _ => format!("{}-{}", run[0], run[run.len() - 1]),
        });
        f.pad(&runs.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Debug for CpuMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CpuMask({self})")
    }
}

static AT_START: OnceLock<CpuMask> = OnceLock::new();

/// Saves the mask of the calling thread as the one that the process started with.
/// [`save_cpu_mask!`](crate::save_cpu_mask) runs it before any library's own start-up code.
#[doc(hidden)]
pub extern "C" fn save_mask_at_start(
    _argc: libc::c_int,
    _argv: *const *const libc::c_char,
    _envp: *const *const libc::c_char,
) {
    AT_START.get_or_init(CpuMask::of_this_thread);
}

/// Makes the executable remember the CPUs it was started on, before a runtime such as libgomp
/// pins its first thread. Use once, in the root of a binary, bench or test.
///
/// It places a function in `.preinit_array`, which runs before all libraries' constructors; the
/// linker allows that in executables only, so a library cannot do it for its users.
#[macro_export]
macro_rules! save_cpu_mask {
    () => {
        #[cfg(target_os = "linux")]
        #[used]
        // SAFETY: the section holds functions of this very type, which the loader calls once.
        #[unsafe(link_section = ".preinit_array")]
        static SAVE_CPU_MASK: extern "C" fn(
            ::std::ffi::c_int,
            *const *const ::std::ffi::c_char,
            *const *const ::std::ffi::c_char,
        ) = $crate::cpus::save_mask_at_start;
    };
}

/// The CPUs the process was started on, or else those of the calling thread.
pub fn mask_at_start() -> CpuMask {
    AT_START.get().copied().unwrap_or_else(CpuMask::of_this_thread)
}

/// The CPUs that workers shall get, if a runtime has bound the calling thread to one of its places:
/// those the process was started on, or else those of all places. A mask that somebody else has set
/// is the workers' too.
pub(crate) fn mask_for_workers() -> Option<CpuMask> {
    let places = places();
    if places.is_empty() {
        return None;
    }
    let own = CpuMask::of_this_thread();
    if !places.contains(&own) {
        return None;
    }
    let all = || places.iter().flat_map(CpuMask::cpus).collect();
    let start = AT_START.get().copied().unwrap_or_else(all);
    (start != own).then_some(start)
}

/// Moves the calling worker to the CPUs that [`mask_for_workers`] found, if any.
pub(crate) fn enter(mask: Option<CpuMask>) {
    if let Some(mask) = mask {
        // Where the system refuses, the worker runs on the CPUs it has: slower, not wrong.
        let _ = mask.apply_to_this_thread();
    }
}

/// Runs an OpenMP region. A runtime that binds threads binds the calling one as well, when it starts
/// its first region: the thread gets its mask back.
#[cfg(built_openmp_c)]
pub(crate) fn keeping_mask<T>(region: impl FnOnce() -> T) -> T {
    if places().is_empty() { region() } else { restoring_mask(region) }
}

#[cfg(built_openmp_c)]
fn restoring_mask<T>(body: impl FnOnce() -> T) -> T {
    let mask = CpuMask::of_this_thread();
    let result = body();
    if mask != CpuMask::of_this_thread() {
        enter(Some(mask));
    }
    result
}

/// The CPUs of each place of the OpenMP runtime; none if it binds no threads. Read once.
#[cfg(built_openmp_c)]
fn places() -> &'static [CpuMask] {
    use libc::c_int;
    unsafe extern "C" {
        safe fn omp_get_num_places() -> c_int;
        safe fn omp_get_place_num_procs(place: c_int) -> c_int;
        fn omp_get_place_proc_ids(place: c_int, ids: *mut c_int);
    }
    static PLACES: OnceLock<Vec<CpuMask>> = OnceLock::new();
    let read = |place| {
        let procs = usize::try_from(omp_get_place_num_procs(place)).unwrap_or(0);
        let mut ids: Vec<c_int> = vec![0; procs];
        // SAFETY: the runtime writes as many numbers as it has just said.
        unsafe { omp_get_place_proc_ids(place, ids.as_mut_ptr()) };
        ids.into_iter().filter_map(|id| usize::try_from(id).ok()).collect()
    };
    // The first question may make a runtime start, and bind its caller.
    PLACES.get_or_init(|| restoring_mask(|| (0..omp_get_num_places()).map(read).collect()))
}

#[cfg(not(built_openmp_c))]
fn places() -> &'static [CpuMask] {
    &[]
}

/// Whether a source limits the CPUs that may be used, or asks for a number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A limit: the smallest one holds.
    Limit,
    /// A request: the first one given is followed.
    Request,
}

/// One thing that says how many CPUs may, or how many threads shall, be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What it is: `affinity mask`, `cgroup quota`, or the name of an environment variable.
    pub name: &'static str,
    /// Limit or request.
    pub role: Role,
    /// The number, if it says one. Quotas may be fractions.
    pub value: Option<f64>,
    /// Where the number was read, or why there is none.
    pub detail: String,
}

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
    pub variable: &'a dyn Fn(&str) -> Option<String>,
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
                variable: &|name| std::env::var(name).ok(),
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
        let invalid = (system.variable)(OWN_VARIABLE)
            .filter(|_| own.is_none_or(|source| source.value.is_none()))
            .map(|value| Error::Variable { variable: OWN_VARIABLE, value });
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
        let text = (system.variable)(name);
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

fn whole_number(text: &str) -> Option<f64> {
    text.trim().parse::<u32>().ok().filter(|&number| number > 0).map(f64::from)
}

/// libpi's own request. Unlike the others' it may not be nonsense.
const OWN_VARIABLE: &str = "LIBPI_NUM_THREADS";

/// A request by a variable: followed if it makes sense, else named and ignored.
fn request(system: &System, name: &'static str, pick: impl Fn(&str) -> &str) -> Source {
    let text = (system.variable)(name);
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
