//! A child's input and output, moved as far as the pipes allow and never waited for alone: a child that
//! reads nothing, or prints without end, holds up nobody.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionbio};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Duration;

/// The most that is read of a child's output.
pub const LONGEST_OUTPUT: usize = 1 << 24;

/// The three streams of a child, each until it is closed.
pub(super) struct Streams<'a> {
    stdin: Option<ChildStdin>,
    /// What is still to be written to stdin.
    input: &'a [u8],
    pub(super) stdout: Output<ChildStdout>,
    pub(super) stderr: Output<ChildStderr>,
}

/// A stream, and what it brought.
pub(super) struct Output<S> {
    stream: Option<S>,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Streams<'a> {
    /// Those of a child.
    pub(super) fn of(child: Child, input: &'a str) -> Self {
        Self {
            stdin: child.stdin,
            input: input.as_bytes(),
            stdout: Output { stream: child.stdout, bytes: Vec::new() },
            stderr: Output { stream: child.stderr, bytes: Vec::new() },
        }
    }

    /// Makes them such that none waits.
    pub(super) fn prepare(&self) -> io::Result<()> {
        let stdin = self.stdin.as_ref().map(AsFd::as_fd);
        for stream in stdin.into_iter().chain(self.outputs()) {
            ioctl_fionbio(stream, true)?;
        }
        Ok(())
    }

    fn outputs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let stdout = self.stdout.stream.as_ref().map(AsFd::as_fd);
        stdout.into_iter().chain(self.stderr.stream.as_ref().map(AsFd::as_fd))
    }

    /// Whether nobody holds its output open any more.
    pub(super) fn are_closed(&self) -> bool {
        self.outputs().next().is_none()
    }

    /// Waits until something can be moved, the child has ended, a signal came or the time is over, and
    /// moves what there is.
    pub(super) fn turn(&mut self, end: Option<BorrowedFd>, most: Duration) -> io::Result<()> {
        let stdin = self.stdin.iter().map(|stdin| PollFd::new(stdin, PollFlags::OUT));
        let outputs = self.outputs().chain(end);
        let outputs = outputs.map(|stream| PollFd::from_borrowed_fd(stream, PollFlags::IN));
        let mut waited_for: Vec<PollFd> = stdin.chain(outputs).collect();
        let most = most.try_into().map_err(io::Error::other)?;
        match poll(&mut waited_for, Some(&most)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        self.feed();
        self.stdout.read();
        self.stderr.read();
        Ok(())
    }

    /// A child that has no use for its input may have closed it: that is its business.
    fn feed(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        match stdin.write(self.input) {
            Ok(written) => self.input = &self.input[written..],
            Err(error) if is_for_later(&error) => return,
            Err(_) => self.input = &[],
        }
        if self.input.is_empty() {
            self.stdin = None;
        }
    }
}

impl<S: Read> Output<S> {
    /// What was read before an error is what there is.
    fn read(&mut self) {
        let Some(stream) = &mut self.stream else { return };
        let left = (LONGEST_OUTPUT - self.bytes.len()) as u64;
        match stream.take(left).read_to_end(&mut self.bytes) {
            Err(error) if is_for_later(&error) => {}
            _ => self.stream = None,
        }
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
