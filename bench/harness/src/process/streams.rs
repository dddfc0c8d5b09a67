//! A child's input and output. Reading and writing never block, so a child that reads nothing, or prints
//! without end, cannot stop the harness.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionbio};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Duration;

/// The largest number of bytes that are read from an output of a child.
pub const LONGEST_OUTPUT: usize = 1 << 24;

/// The three streams of a child. A stream is dropped when it is closed.
pub(super) struct Streams<'a> {
    stdin: Option<ChildStdin>,
    /// The rest of the input, which is not yet written to stdin.
    input: &'a [u8],
    pub(super) stdout: Output<ChildStdout>,
    pub(super) stderr: Output<ChildStderr>,
}

/// An output stream, and the bytes that were read from it.
pub(super) struct Output<S> {
    stream: Option<S>,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Streams<'a> {
    /// The streams of a child.
    pub(super) fn of(child: Child, input: &'a str) -> Self {
        Self {
            stdin: child.stdin,
            input: input.as_bytes(),
            stdout: Output { stream: child.stdout, bytes: Vec::new() },
            stderr: Output { stream: child.stderr, bytes: Vec::new() },
        }
    }

    /// Makes the streams non-blocking.
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

    /// Whether both outputs are closed.
    pub(super) fn are_closed(&self) -> bool {
        self.outputs().next().is_none()
    }

    /// Waits until a stream is ready, the child ends, a signal arrives or the time `most` is over. Then
    /// reads and writes what it can.
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

    /// Writes as much input as the pipe takes. It is not an error if the child has closed its input.
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
    /// Reads everything that is there. After an error the bytes that were read are kept.
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
