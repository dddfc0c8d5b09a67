//! The file of a checkpoint. It is locked while a run uses it. Each version of it is a new file that takes
//! the place of the one before, which is locked until then. So the file is always whole, and at any moment
//! whoever opens it finds it locked.

use anyhow::{anyhow, bail};
use pi_harness::results::files::{folder_of, is_at, written_beside};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A checkpoint is much shorter.
const LONGEST: u64 = 1 << 16;

/// The file of a checkpoint, for one run at a time. The system removes its lock when this process ends.
pub(crate) struct CheckpointFile {
    path: PathBuf,
    /// The version that is in place, if there is one.
    held: Option<File>,
    /// Whether the file system has no locks, as on some clusters.
    pub(crate) is_unlocked: bool,
}

impl CheckpointFile {
    /// The file of a new run, which nobody has written yet.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        if path.file_name().is_none() {
            bail!("it is not the name of a file");
        }
        // With a handler, a limit to file sizes is an error of the write. Otherwise the signal would end
        // this process.
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        Ok(Self { path: path.to_owned(), held: None, is_unlocked: false })
    }

    /// The file of a run that goes on, with its text.
    ///
    /// # Errors
    /// If there is no such file, or if another run uses it.
    pub(crate) fn open(path: &Path) -> anyhow::Result<(Self, Vec<u8>)> {
        let unread = |error: io::Error| match error.raw_os_error() {
            Some(libc::ELOOP) => anyhow!("it is a symbolic link: name the file itself"),
            _ => anyhow!("could not read it: {error}"),
        };
        loop {
            let file = opened(path).map_err(unread)?;
            if !file.metadata()?.is_file() {
                bail!("it is not a file");
            }
            let locked = file.try_lock();
            if matches!(locked, Err(TryLockError::WouldBlock)) {
                bail!("another run writes it: wait for its end, or stop it");
            }
            // A run may have replaced it meanwhile.
            if !is_at(&file, path) {
                continue;
            }
            let mut text = Vec::new();
            (&file).take(LONGEST).read_to_end(&mut text).map_err(unread)?;
            let is_unlocked = locked.is_err();
            return Ok((Self { held: Some(file), is_unlocked, ..Self::new(path)? }, text));
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path leads to the last version that was written or read.
    pub(crate) fn is_in_place(&self) -> bool {
        self.held.as_ref().is_some_and(|file| is_at(file, &self.path))
    }

    /// Writes a new version, which takes the place of the one before. After an error that one is still in
    /// place. A file that somebody else has put there is not replaced.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        let old = self.held.as_ref().map(File::metadata).transpose()?;
        let new = written_beside(&self.path, &self.prefix(), text.as_bytes(), old.as_ref())?;
        self.is_unlocked = new.as_file().try_lock().is_err();
        let placed = match self.is_in_place() {
            true => new.persist(&self.path),
            false => new.persist_noclobber(&self.path),
        };
        self.held = Some(placed.map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists if old.is_some() => {
                io::Error::other("another file has taken its place")
            }
            _ => error.error,
        })?);
        // Then the new name outlives a crash of the machine.
        match File::open(folder_of(&self.path)).and_then(|folder| folder.sync_all()) {
            // Some file systems cannot do this.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(()),
            synced => synced,
        }
    }

    /// How the names of the files begin that become the next version.
    fn prefix(&self) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(self.path.file_name().unwrap_or_default());
        prefix.push(".pi-");
        prefix
    }

    /// Removes what runs that were killed have left beside the file. Only the run that holds the lock writes
    /// such files.
    pub(crate) fn remove_leftovers(&self) {
        let prefix = self.prefix();
        let entries = fs::read_dir(folder_of(&self.path)).into_iter().flatten().flatten();
        // The end of the name is that of [`written_beside`].
        let is_leftover = |name: &OsString| {
            let end = name.as_bytes().strip_prefix(prefix.as_bytes());
            end.is_some_and(|end| end.len() == 6 && end.iter().all(u8::is_ascii_alphanumeric))
        };
        for entry in entries.filter(|entry| is_leftover(&entry.file_name())) {
            // One that cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Opens a file whose lock this process can take. Cluster file systems lock only what may be written.
fn opened(path: &Path) -> io::Result<File> {
    let options = |writable| {
        let mut options = OpenOptions::new();
        // A pipe must not keep this process waiting.
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        options.read(true).write(writable).custom_flags(flags).open(path)
    };
    match options(true) {
        Err(error)
            if [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem]
                .contains(&error.kind()) =>
        {
            options(false)
        }
        opened => opened,
    }
}
