//! A results file that no other session writes at the same time.

use crate::failure::CheckFailed;
use crate::results::Results;
use crate::results::files::{is_at, path_of};
use anyhow::{anyhow, bail};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn not_written(path: &Path, error: &io::Error) -> anyhow::Error {
    let path = path.display();
    CheckFailed(format!("could not write {path}: {error}; what was written before is kept there"))
        .into()
}

pub(super) fn not_made(path: &Path, error: &io::Error) -> anyhow::Error {
    match error.raw_os_error() {
        Some(libc::ELOOP) => {
            anyhow!("{} is a symbolic link: name the file itself with -o", path.display())
        }
        _ => anyhow!("could not create {}: {error}; name another file with -o", path.display()),
    }
}

/// The options with which a results file is opened. With `append`, no holes appear if somebody shortens
/// the file. Symbolic links are not followed.
pub(super) fn options() -> fs::OpenOptions {
    let mut options = File::options();
    options.read(true).append(true).custom_flags(libc::O_NOFOLLOW);
    options
}

/// A file that is locked while it is open. The system removes the lock when this process ends.
pub(super) struct Locked {
    path: PathBuf,
    file: File,
    /// Whether this session created the file.
    is_new: bool,
    /// The size of the lines that were written, in bytes.
    length: u64,
    /// A warning, if the file could not be locked.
    pub(super) unlocked: Option<String>,
}

impl Locked {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        loop {
            let (file, is_new) = match options().create_new(true).open(path) {
                Ok(file) => (file, true),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    match options().open(path) {
                        Ok(file) => (file, false),
                        // Somebody has just removed it: try again.
                        Err(error) if error.kind() == ErrorKind::NotFound => continue,
                        Err(error) => return Err(not_made(path, &error)),
                    }
                }
                Err(error) => return Err(not_made(path, &error)),
            };
            let length = file.metadata()?.len();
            let Some(file) = Self::lock(path, file, is_new)? else { continue };
            if length > 0 {
                Results::read(path)
                    .map_err(|error| anyhow!("{error}; remove it, or name another file with -o"))?;
            }
            return Ok(file);
        }
    }

    /// Locks an open file. Returns nothing if the path does not lead to it any more.
    pub(super) fn lock(path: &Path, file: File, is_new: bool) -> anyhow::Result<Option<Self>> {
        let mut unlocked = None;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "{} is being written by another session: name another file with -o, or wait for its \
                 end",
                path.display()
            ),
            // Some cluster file systems have no locks.
            Err(TryLockError::Error(error)) => {
                unlocked = Some(format!(
                    "{} cannot be locked ({error}): make sure that no other session writes to it",
                    path.display()
                ))
            }
        }
        // With a handler, a limit to file sizes is an error of the write. Otherwise the signal would end
        // this process without a message.
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        let locked = Self { path: path.to_owned(), file, is_new, length: 0, unlocked };
        Ok(is_at(&locked.file, path).then_some(locked))
    }

    /// Removes what the file held before.
    pub(super) fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Adds a complete line, or nothing.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(line) {
            // If this fails too, readers report the incomplete line and use the rest.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Checks that the path still leads to the file, and that the file holds what was written.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let path = self.path.display();
        self.file.sync_all().map_err(|error| not_written(&self.path, &error))?;
        if !is_at(&self.file, &self.path) {
            let rest = match path_of(&self.file) {
                Some(now) => format!("the file is now {}", now.display()),
                None => "measure again, and leave the file alone until the end".to_owned(),
            };
            let message = format!(
                "the results are not in {path} any more: the file was removed, renamed or replaced \
                 before the end; {rest}"
            );
            return Err(CheckFailed(message).into());
        }
        if self.file.metadata()?.len() != self.length {
            let message = format!(
                "the results in {path} are not complete: something else changed the file before the \
                 end; measure again, and leave the file alone until then"
            );
            return Err(CheckFailed(message).into());
        }
        Ok(())
    }
}

impl Drop for Locked {
    /// Removes a new file that is still empty because nothing was measured.
    fn drop(&mut self) {
        if self.is_new
            && self.file.metadata().is_ok_and(|file| file.len() == 0)
            && is_at(&self.file, &self.path)
        {
            // An empty file that cannot be removed does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}
