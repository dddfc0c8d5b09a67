//! Sets of CPUs, and lists of CPUs in Linux's format.

use std::fmt;

/// The number of words in a mask: enough for 8192 CPUs, the most that Linux supports.
const WORDS: usize = 128;

/// A set of CPUs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CpuMask([u64; WORDS]);

impl CpuMask {
    /// The CPUs on which the calling thread may run; an empty set if the system call fails.
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

    /// Lets the calling thread run on these CPUs only.
    ///
    /// # Errors
    /// The operating system's error, for example if none of the CPUs exists.
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

    /// The set whose CPU i has bit i mod 64 of word i / 64.
    pub fn from_words(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    /// The words of [`from_words`](Self::from_words).
    pub fn words(&self) -> [u64; WORDS] {
        self.0
    }

    /// The number of CPUs in the set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The numbers of the CPUs, in ascending order.
    pub fn cpus(&self) -> impl Iterator<Item = usize> {
        (0..WORDS * 64).filter(|cpu| self.0[cpu / 64] >> (cpu % 64) & 1 == 1)
    }
}

impl FromIterator<usize> for CpuMask {
    /// The set of the CPUs with these numbers. Numbers from 8192 on are ignored.
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> Self {
        let mut words = [0; WORDS];
        for cpu in cpus.into_iter().filter(|&cpu| cpu < WORDS * 64) {
            words[cpu / 64] |= 1 << (cpu % 64);
        }
        Self(words)
    }
}

/// Writes the set in the list format of the Linux kernel: `0-3,8`.
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

/// Parses a list of CPUs in the format of Linux and taskset, such as `0-3,8`, and keeps its order.
/// Returns none if the text is not such a list or names a CPU twice.
pub fn cpu_list(text: &str) -> Option<Vec<usize>> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|&cpu| cpu < WORDS * 64);
    let mut cpus = Vec::new();
    for item in text.split(',') {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        cpus.extend(number(from)?..=number(to)?);
        // A longer list names a CPU twice.
        if cpus.len() > WORDS * 64 {
            return None;
        }
    }
    let distinct = CpuMask::from_iter(cpus.iter().copied()).count() as usize == cpus.len();
    (!cpus.is_empty() && distinct).then_some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus_keep_their_order() {
        assert_eq!(cpu_list("3,0-1"), Some(vec![3, 0, 1]));
        assert_eq!(cpu_list("8191"), Some(vec![8191]));
    }

    #[test]
    fn invalid_lists_are_refused() {
        for text in ["", "x", "1-", "-1", "0,0", "0-1,1", "8192", "1,,2", "3-1", "0-8191,0-8191"] {
            assert_eq!(cpu_list(text), None, "{text}");
        }
    }
}
