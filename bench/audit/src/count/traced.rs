//! A program that runs under ptrace: its memory, its registers, its stops.

use crate::image::{Image, base_in};
use anyhow::{Context, Result, bail, ensure};
use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The instruction `int3`, which stops a traced process.
const BREAKPOINT: u8 = 0xCC;

/// The instructions `syscall` and `int3`.
const SYSTEM_CALL: [u8; 3] = [0x0F, 0x05, BREAKPOINT];

/// A program that has not called and ended its kernel by then is killed.
const LONGEST: Duration = Duration::from_secs(60);

/// How far from the kernel its counters are placed, and its copy twice as far. All must be within 2 GiB,
/// the reach of a jump.
const DISTANCE: u64 = 1 << 28;

/// What memory is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    Write,
    Execute,
}

/// A process that is traced. It is killed when it is dropped, and if the tracer ends.
pub(super) struct Traced {
    pid: Pid,
    memory: File,
    /// The difference between an address in memory and in the file.
    base: u64,
    /// The bytes that breakpoints replace, by their address.
    replaced: BTreeMap<u64, u8>,
    started: Instant,
    /// Tells the watch that the process has ended.
    _ended: mpsc::Sender<()>,
}

impl Traced {
    /// Starts the program and stops it before its first instruction.
    pub(super) fn start(mut command: Command, image: &Image) -> Result<Self> {
        // SAFETY: a single system call, which is allowed between fork and exec.
        unsafe { command.pre_exec(|| Ok(ptrace::traceme()?)) };
        let shown = command.get_program().display().to_string();
        let child = command.spawn().with_context(|| format!("cannot start or trace {shown}"))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        let ended = watch(pid)?;
        match waitpid(pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => {}
            status => bail!("{shown} did not stop to be traced: {status:?}"),
        }
        ptrace::setoptions(pid, ptrace::Options::PTRACE_O_EXITKILL)?;
        let memory = OpenOptions::new().read(true).write(true).open(format!("/proc/{pid}/mem"))?;
        let base = if image.moves() { base_in(&format!("/proc/{pid}/maps"), image)? } else { 0 };
        let (started, replaced) = (Instant::now(), BTreeMap::new());
        Ok(Self { pid, memory, base, replaced, started, _ended: ended })
    }

    /// Turns to another file that the program has loaded: from now on addresses are those in this file.
    pub(super) fn turn_to(&mut self, image: &Image) -> Result<()> {
        self.base = base_in(&format!("/proc/{}/maps", self.pid), image)?;
        Ok(())
    }

    /// An address of the file in memory.
    pub(super) fn in_memory(&self, address: u64) -> u64 {
        address.wrapping_add(self.base)
    }

    /// An address in memory in the file.
    pub(super) fn in_file(&self, address: u64) -> u64 {
        address.wrapping_sub(self.base)
    }

    pub(super) fn read(&self, address: u64, bytes: &mut [u8]) -> Result<()> {
        Ok(self.memory.read_exact_at(bytes, address)?)
    }

    pub(super) fn write(&self, address: u64, bytes: &[u8]) -> Result<()> {
        Ok(self.memory.write_all_at(bytes, address)?)
    }

    /// Runs up to the first execution of an address of the file. Returns nothing if the program ends.
    pub(super) fn run_to(&mut self, address: u64) -> Result<Option<()>> {
        let address = self.in_memory(address);
        self.stop_at(address)?;
        if self.go_on()?.is_none() {
            return Ok(None);
        }
        if let Some(byte) = self.replaced.remove(&address) {
            self.write(address, &[byte])?;
        }
        self.go_to(address)?;
        Ok(Some(()))
    }

    /// Sets a breakpoint.
    pub(super) fn stop_at(&mut self, address: u64) -> Result<()> {
        let mut byte = [0];
        self.read(address, &mut byte)?;
        self.replaced.insert(address, byte[0]);
        self.write(address, &[BREAKPOINT])
    }

    /// The address to which a function returns: the top of the stack at its entry.
    pub(super) fn return_address(&self) -> Result<u64> {
        let mut bytes = [0; 8];
        self.read(self.registers()?.rsp, &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Sets the address at which the program goes on.
    pub(super) fn go_to(&self, address: u64) -> Result<()> {
        let registers = user_regs_struct { rip: address, ..self.registers()? };
        Ok(ptrace::setregs(self.pid, registers)?)
    }

    /// Executes one instruction. Returns the address of the next.
    pub(super) fn step(&self) -> Result<u64> {
        ptrace::step(self.pid, None)?;
        match waitpid(self.pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(self.registers()?.rip),
            status => bail!("the kernel crashed, or ended the program: {status:?}"),
        }
    }

    /// Runs up to a breakpoint. Returns its address if it was set by [`stop_at`](Self::stop_at), else the
    /// address after it; nothing if the program ends.
    pub(super) fn go_on(&self) -> Result<Option<u64>> {
        let mut signal = None;
        loop {
            ptrace::cont(self.pid, signal)?;
            match waitpid(self.pid, None)? {
                WaitStatus::Stopped(_, Signal::SIGTRAP) => {
                    let after = self.registers()?.rip;
                    let address = after.wrapping_sub(1);
                    let is_set = self.replaced.contains_key(&address);
                    return Ok(Some(if is_set { address } else { after }));
                }
                WaitStatus::Stopped(_, other) => signal = Some(other),
                _ if self.started.elapsed() >= LONGEST => {
                    bail!("the kernel has not returned after {} s", LONGEST.as_secs())
                }
                _ => return Ok(None),
            }
        }
    }

    /// Makes the program ask the system for memory near its code.
    pub(super) fn allocate(&self, length: u64, access: Access) -> Result<u64> {
        let (protection, distance) = match access {
            Access::Write => (libc::PROT_READ | libc::PROT_WRITE, DISTANCE),
            Access::Execute => (libc::PROT_READ | libc::PROT_EXEC, 2 * DISTANCE),
        };
        let before = self.registers()?;
        // Memory below a program that is loaded high, and above one that is loaded low, is free.
        let near = match before.rip.checked_sub(4 * DISTANCE) {
            Some(_) => before.rip - distance,
            None => before.rip + distance,
        };
        let mapped = self.system_call(user_regs_struct {
            rax: libc::SYS_mmap as u64,
            rdi: near & !0xFFFF,
            rsi: length.max(1),
            rdx: protection as u64,
            r10: (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64,
            r8: u64::MAX,
            r9: 0,
            ..before
        })?;
        // The system returns an error as a small negative number.
        let error = mapped.wrapping_neg();
        ensure!(
            !(1..4096).contains(&error),
            "the program gets no memory for a copy of its kernel: {}",
            Errno::from_raw(error as i32)
        );
        Ok(mapped)
    }

    /// Makes one system call with these registers where the program stands, and leaves everything else as
    /// it was.
    fn system_call(&self, registers: user_regs_struct) -> Result<u64> {
        let before = self.registers()?;
        let mut code = [0; SYSTEM_CALL.len()];
        self.read(before.rip, &mut code)?;
        self.write(before.rip, &SYSTEM_CALL)?;
        ptrace::setregs(self.pid, registers)?;
        self.go_on()?.context("the program ended inside a system call")?;
        let result = self.registers()?.rax;
        self.write(before.rip, &code)?;
        ptrace::setregs(self.pid, before)?;
        Ok(result)
    }

    fn registers(&self) -> Result<user_regs_struct> {
        Ok(ptrace::getregs(self.pid)?)
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill(self.pid, Signal::SIGKILL);
        let _ = waitpid(self.pid, None);
    }
}

/// Kills the process if it takes too long. Dropping the sender ends the watch.
fn watch(pid: Pid) -> std::io::Result<mpsc::Sender<()>> {
    let (ended, wait) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        if wait.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = kill(pid, Signal::SIGKILL);
        }
    })?;
    Ok(ended)
}
