//! Starts commands whose system calls are refused, as in some containers.

use std::io::{Error, Result};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// System calls that some containers refuse.
pub const SET_AFFINITY: i64 = libc::SYS_sched_setaffinity;
pub const GET_AFFINITY: i64 = libc::SYS_sched_getaffinity;

/// Makes these system calls fail with EPERM in the command and in all processes that it starts.
pub fn refuse(command: &mut Command, calls: &[i64]) {
    let mut filter = filter(calls);
    // SAFETY: between fork and exec only two system calls are made, and nothing is allocated.
    unsafe { command.pre_exec(move || install(&mut filter)) };
}

/// Whether calls can be refused here. If not, it prints the reason. Emulators have no filters.
pub fn can_refuse() -> bool {
    let mut probe = Command::new("true");
    refuse(&mut probe, &[SET_AFFINITY]);
    let tried = probe.status();
    if let Err(why) = &tried {
        eprintln!("not tested: the system takes no filter of system calls: {why}");
    }
    tried.is_ok()
}

/// A program for the kernel's filter: it loads the number of the call and compares it with each refused
/// call.
fn filter(calls: &[i64]) -> Vec<libc::sock_filter> {
    let step = |code: u32, jf, k| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    let load = step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0);
    let refusal = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let one = |&call: &i64| {
        [
            step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call as u32),
            step(libc::BPF_RET | libc::BPF_K, 0, refusal),
        ]
    };
    let allow = step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW);
    [load].into_iter().chain(calls.iter().flat_map(one)).chain([allow]).collect()
}

fn install(filter: &mut [libc::sock_filter]) -> Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and its instructions live until the calls have returned.
    let failed = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            || libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) != 0
    };
    if failed { Err(Error::last_os_error()) } else { Ok(()) }
}
