//! Counts how often each block of a kernel is executed, with a breakpoint at each block.

use crate::MOST_STOPS;
use crate::flow::Flow;
use crate::image::{Image, base_in};
use anyhow::{Context, Result, bail};
use iced_x86::FlowControl;
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
use std::time::Duration;

/// The instruction `int3`, which stops a traced process.
const BREAKPOINT: u8 = 0xCC;

/// A program that has not called and ended its kernel by then is killed.
const LONGEST: Duration = Duration::from_secs(60);

/// What a run found.
pub(crate) enum Outcome {
    /// The executions of each block.
    Counted(BTreeMap<u64, u64>),
    /// Jumps through a register went to these blocks, which the flow lacks.
    Jumps(Vec<u64>),
    /// The kernel needs too many stops.
    TooMany,
}

/// Runs the program and counts in its first call of the kernel.
pub(crate) fn executions(
    command: Command,
    image: &Image,
    entry: u64,
    flow: &Flow,
) -> Result<Outcome> {
    let mut process = Process::start(command, image)?;
    process.run_to(entry)?;
    let outcome = process.count(image, entry, flow);
    process.kill();
    outcome
}

/// A process that is traced. It is killed with the tracer.
struct Process {
    pid: Pid,
    memory: File,
    /// The difference between an address in memory and in the file.
    base: u64,
    /// The bytes that breakpoints replace, by their address in the file.
    replaced: BTreeMap<u64, u8>,
    /// Tells the watch that the process has ended.
    _ended: mpsc::Sender<()>,
}

impl Process {
    /// Starts the program and stops it before its first instruction.
    fn start(mut command: Command, image: &Image) -> Result<Self> {
        // SAFETY: a single system call, which is allowed between fork and exec.
        unsafe { command.pre_exec(|| Ok(ptrace::traceme()?)) };
        let shown = command.get_program().display().to_string();
        let child = command.spawn().with_context(|| format!("cannot start or trace {shown}"))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        let ended = watch(pid);
        match waitpid(pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => {}
            status => bail!("{shown} did not stop to be traced: {status:?}"),
        }
        ptrace::setoptions(pid, ptrace::Options::PTRACE_O_EXITKILL)?;
        let memory = OpenOptions::new().read(true).write(true).open(format!("/proc/{pid}/mem"))?;
        let base = if image.moves() { base_in(&format!("/proc/{pid}/maps"), image)? } else { 0 };
        Ok(Self { pid, memory, base, replaced: BTreeMap::new(), _ended: ended })
    }

    /// Runs up to the first call of the function at this address.
    fn run_to(&mut self, entry: u64) -> Result<()> {
        self.set_breakpoint(entry)?;
        self.go_on()?.context("the program ended without a call of the kernel")?;
        Ok(())
    }

    /// Counts the blocks up to the kernel's return.
    fn count(&mut self, image: &Image, entry: u64, flow: &Flow) -> Result<Outcome> {
        let mut counts = BTreeMap::from([(entry, 1)]);
        let returns_to = self.return_address()?;
        for start in flow.starts() {
            self.set_breakpoint(start)?;
        }
        self.set_breakpoint(returns_to)?;
        let mut found = Vec::new();
        let mut here = entry;
        for _ in 0..MOST_STOPS {
            let next = self.step_over(here)?;
            let jumps =
                flow.at(here).is_some_and(|i| i.flow_control() == FlowControl::IndirectBranch);
            if jumps && !flow.begins_at(next) && image.code_at(next).is_some() {
                found.push(next);
            }
            here = self.go_on()?.context("the program ended inside the kernel")?;
            if here == returns_to {
                return Ok(if found.is_empty() {
                    Outcome::Counted(counts)
                } else {
                    Outcome::Jumps(found)
                });
            }
            *counts.entry(here).or_insert(0) += 1;
        }
        Ok(Outcome::TooMany)
    }

    /// The address to which the kernel returns: the top of the stack at its entry.
    fn return_address(&self) -> Result<u64> {
        let mut bytes = [0; 8];
        self.memory.read_exact_at(&mut bytes, ptrace::getregs(self.pid)?.rsp)?;
        Ok(u64::from_le_bytes(bytes).wrapping_sub(self.base))
    }

    fn set_breakpoint(&mut self, address: u64) -> Result<()> {
        if !self.replaced.contains_key(&address) {
            let mut byte = [0];
            self.memory.read_exact_at(&mut byte, self.base.wrapping_add(address))?;
            self.replaced.insert(address, byte[0]);
            self.write(address, BREAKPOINT)?;
        }
        Ok(())
    }

    fn write(&self, address: u64, byte: u8) -> Result<()> {
        Ok(self.memory.write_all_at(&[byte], self.base.wrapping_add(address))?)
    }

    /// Executes the one instruction at a breakpoint. Returns the address of the next.
    fn step_over(&self, address: u64) -> Result<u64> {
        self.write(address, self.replaced[&address])?;
        ptrace::step(self.pid, None)?;
        match waitpid(self.pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => {}
            status => bail!("the program ended inside the kernel: {status:?}"),
        }
        self.write(address, BREAKPOINT)?;
        Ok(ptrace::getregs(self.pid)?.rip.wrapping_sub(self.base))
    }

    /// Runs up to a breakpoint. Returns its address; nothing if the program ends.
    fn go_on(&self) -> Result<Option<u64>> {
        let mut signal = None;
        loop {
            ptrace::cont(self.pid, signal)?;
            match waitpid(self.pid, None)? {
                WaitStatus::Stopped(_, Signal::SIGTRAP) => {
                    let mut registers = ptrace::getregs(self.pid)?;
                    let address = registers.rip.wrapping_sub(1).wrapping_sub(self.base);
                    if self.replaced.contains_key(&address) {
                        registers.rip -= 1;
                        ptrace::setregs(self.pid, registers)?;
                        return Ok(Some(address));
                    }
                    signal = None;
                }
                WaitStatus::Stopped(_, other) => signal = Some(other),
                _ => return Ok(None),
            }
        }
    }

    fn kill(self) {
        // It may have ended by itself.
        let _ = kill(self.pid, Signal::SIGKILL);
        let _ = waitpid(self.pid, None);
    }
}

/// Kills the process if it takes too long. Dropping the sender ends the watch.
fn watch(pid: Pid) -> mpsc::Sender<()> {
    let (ended, wait) = mpsc::channel();
    thread::spawn(move || {
        if wait.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = kill(pid, Signal::SIGKILL);
        }
    });
    ended
}
