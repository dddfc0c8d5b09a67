//! Another program that keeps one of the CPUs busy: a process of this same program, pinned to that CPU. It
//! ends with the runner, however the runner ends.

use super::failed;
use anyhow::Context;
use libpi::cpus::CpuMask;
use pi_harness::failure::CheckFailed;
use pi_harness::process::Program;
use rustix::process::getppid;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the other program works before it looks whether the runner is still there.
const LOOK: Duration = Duration::from_millis(1);

/// What the other program says when it works.
const READY: &str = "busy";

/// The other program, and the CPU that it shares with the workers.
pub(super) struct Busy {
    child: Child,
    pub(super) cpu: usize,
}

impl Busy {
    /// Starts the other program on the first of the CPUs on which this process may run, and waits until it
    /// works there.
    pub(super) fn start() -> anyhow::Result<Self> {
        let cpu = CpuMask::of_this_thread().cpus().next();
        let cpu = cpu.context("the system does not say which CPUs may be used")?;
        let program = Program::own()?.to_start().map_err(CheckFailed)?;
        let child = Command::new(program)
            .args(["overhead-runner", "--keep-busy", &cpu.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let what = format!("could not start the program that keeps CPU {cpu} busy");
        let mut busy = Self { child: child.map_err(|error| failed(error, &what))?, cpu };
        let mut said = String::new();
        let stdout = busy.child.stdout.take().context("its output is a pipe")?;
        BufReader::new(stdout).read_line(&mut said).map_err(|error| failed(error, &what))?;
        busy.ensure_there()?;
        Ok(busy)
    }

    /// # Errors
    /// If the other program has ended, so that the CPU was not busy all the time.
    pub(super) fn ensure_there(&mut self) -> anyhow::Result<()> {
        let cpu = self.cpu;
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(CheckFailed(format!(
                "the program that was to keep CPU {cpu} busy has ended: {status}"
            ))
            .into()),
        }
    }
}

impl Drop for Busy {
    /// Waits for its end, too, so that the CPU time that it used counts as that of the runner's children.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Works on a CPU until the parent of this process has ended. Then another process is the parent.
pub(super) fn keep_busy(cpu: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let parent = getppid();
    let alone: CpuMask = [cpu].into_iter().collect();
    alone.apply_to_this_thread().with_context(|| format!("could not move to CPU {cpu}"))?;
    writeln!(out, "{READY}")?;
    out.flush()?;
    while getppid() == parent {
        let begin = Instant::now();
        while begin.elapsed() < LOOK {
            std::hint::spin_loop();
        }
    }
    Ok(())
}
