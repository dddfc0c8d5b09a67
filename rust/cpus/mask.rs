//! Sets of CPUs, and lists of them as Linux writes them.

use std::fmt;

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

/// The CPUs of a list as Linux and taskset write it, such as `0-3,8`, in its order; none if it is no
/// such list or names a CPU twice.
pub fn cpu_list(text: &str) -> Option<Vec<usize>> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|&cpu| cpu < WORDS * 64);
    let mut cpus = Vec::new();
    for item in text.split(',') {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        cpus.extend(number(from)?..=number(to)?);
    }
    let distinct = CpuMask::from_iter(cpus.iter().copied()).count() as usize == cpus.len();
    (!cpus.is_empty() && distinct).then_some(cpus)
}
