//! Whether the limits of this process leave room for more threads, and which limit was in the way.

use crate::error::Error;
use std::fmt::Display;
use std::{fs, io};

/// The stack of a thread of std.
pub(crate) const STACK: usize = 2 << 20;

/// What a thread needs to start, besides its stack.
const TO_START: u64 = 64 << 10;

/// What the rest of the process may need meanwhile. Without it a thread might start and then find no
/// memory, which ends the process.
const RESERVE: u64 = 1 << 20;

/// Other runtimes give a thread as much stack as the main thread has, which is 8 MiB as a rule.
const LARGE_STACK: u64 = 8 << 20;

/// Checks that the limits of memory leave room for more threads with such stacks.
///
/// # Errors
/// If they do not.
pub(crate) fn check_room(threads: u32, stack: usize) -> io::Result<()> {
    let thread = (stack as u64).saturating_add(TO_START);
    match short_memory(thread.saturating_mul(threads.into()).saturating_add(RESERVE)) {
        None => Ok(()),
        Some(_) => Err(io::Error::from_raw_os_error(libc::ENOMEM)),
    }
}

impl Error {
    /// Threads could not be started. The system gives the same reason whether memory or the number of
    /// processes is limited, so this looks which limit is near.
    pub fn not_started(threads: u32, reason: impl Display) -> Self {
        let stack = limit(libc::RLIMIT_STACK).unwrap_or(0).max(LARGE_STACK);
        let needed = u64::from(threads).saturating_mul(stack).saturating_add(RESERVE);
        let limit = short_memory(needed).unwrap_or("processes (ulimit -u)");
        Self::Spawn { threads, reason: reason.to_string(), limit }
    }
}

/// The limit that leaves less memory than is needed, if one does.
fn short_memory(needed: u64) -> Option<&'static str> {
    // The places of the sizes in /proc/self/statm: of the whole process, and of its data and stack.
    let limits = [
        (libc::RLIMIT_AS, 0, "memory (ulimit -v)"),
        (libc::RLIMIT_DATA, 5, "data memory (ulimit -d)"),
    ];
    let is_short = |&(resource, place, _): &(_, usize, _)| {
        let left = |limit: u64| Some(limit.saturating_sub(used(place)?));
        limit(resource).and_then(left).is_some_and(|left| left < needed)
    };
    limits.into_iter().find(is_short).map(|(_, _, name)| name)
}

/// The type of the number of a resource, which glibc has for itself.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

/// The limit of a resource in bytes, if it is limited.
fn limit(resource: Resource) -> Option<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a value of this type.
    let known = unsafe { libc::getrlimit(resource, &raw mut limit) } == 0;
    (known && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

/// Bytes of memory in use; `place` is that of their number in /proc/self/statm, which counts pages.
fn used(place: usize) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(place)?.parse().ok()?;
    // SAFETY: no memory is involved.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_in_use_is_known() {
        let whole = used(0).unwrap();
        assert!(whole > used(5).unwrap() && used(5).unwrap() > 0, "{whole}");
        assert_eq!(used(99), None);
    }

    #[test]
    fn where_memory_is_not_limited_the_number_of_processes_is_named() {
        if limit(libc::RLIMIT_AS).or(limit(libc::RLIMIT_DATA)).is_none() {
            check_room(1024, STACK).unwrap();
            let error = Error::not_started(1, "a reason").to_string();
            let words = "could not start 1 thread (a reason); use fewer threads or raise the limit of \
                         processes (ulimit -u)";
            assert_eq!(error, words);
        }
    }
}
