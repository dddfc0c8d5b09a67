//! The file of a program, held open during a session. If the program is built or installed again, it is
//! another program.

use super::ask;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// A program's file, and its properties when it was opened.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    file: Arc<File>,
    size: u64,
    modified: Option<SystemTime>,
    /// Whether it is machine code, which runs from any path. A script may depend on its own path.
    is_compiled: bool,
}

impl Program {
    pub fn at(path: &Path) -> io::Result<Self> {
        Self::open(path, path.to_owned())
    }

    /// The program that is running. Its file exists while it runs, even if its path leads to another file.
    pub fn own() -> io::Result<&'static Self> {
        static OWN: OnceLock<io::Result<Program>> = OnceLock::new();
        let running = |path: PathBuf| {
            let file = Path::new("/proc/self/exe");
            if file.exists() { Self::open(file, path) } else { Self::at(&path) }
        };
        let own = OWN.get_or_init(|| own_path().and_then(running));
        own.as_ref().map_err(|why| io::Error::new(why.kind(), why.to_string()))
    }

    /// Opens the file. This needs no permission to read it, only to find it.
    fn open(file: &Path, path: PathBuf) -> io::Result<Self> {
        let seen = std::fs::metadata(file)?;
        if !seen.is_file() {
            return Err(io::Error::other("it is not a file that could be started"));
        }
        let mut start = Vec::new();
        let read = File::open(file).and_then(|file| file.take(4).read_to_end(&mut start));
        let is_compiled = read.is_err() || start == b"\x7fELF";
        let file = OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(file)?;
        let (size, modified) = (seen.len(), seen.modified().ok());
        Ok(Self { path, file: Arc::new(file), size, modified, is_compiled })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path that starts exactly this program, in this process and in other processes of this user on
    /// this machine: the program's own path if it is unchanged, else the path of the open file.
    ///
    /// # Errors
    /// If the program was replaced, changed or removed, and cannot run from another path.
    pub fn to_start(&self) -> Result<PathBuf, String> {
        let changed = match self.ensure_unchanged() {
            Ok(()) => return Ok(self.path.clone()),
            Err(changed) => changed,
        };
        let descriptor = format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd());
        let is_held = self.is_compiled && self.is_at(Path::new(&descriptor));
        if is_held { Ok(descriptor.into()) } else { Err(changed) }
    }

    /// Checks that the path still leads to the file, and that the file has not changed.
    pub fn ensure_unchanged(&self) -> Result<(), String> {
        if self.is_at(&self.path) {
            return Ok(());
        }
        Err(format!(
            "{} was replaced, changed or removed since the session began, so it is another program now: \
             measure it again",
            self.path.display()
        ))
    }

    fn is_at(&self, path: &Path) -> bool {
        let Ok((held, now)) = self.file.metadata().and_then(|held| Ok((held, path.metadata()?)))
        else {
            return false;
        };
        (held.dev(), held.ino()) == (now.dev(), now.ino())
            && (now.len(), now.modified().ok()) == (self.size, self.modified)
    }
}

/// The path of the running program, from the system. Without /proc, it is found as the caller found it,
/// by its name.
fn own_path() -> io::Result<PathBuf> {
    let Ok(path) = std::env::current_exe() else {
        let name = std::env::args_os().next().unwrap_or_default();
        let found = ask::find(Path::new(&name)).and_then(|found| std::path::absolute(found).ok());
        return found.ok_or_else(|| {
            io::Error::other("pi cannot find its own program: mount /proc, or start it by its path")
        });
    };
    // Linux appends " (deleted)" if the path does not lead to the running file any more.
    let text = path.to_string_lossy();
    let before = text.strip_suffix(" (deleted)").filter(|_| !path.exists()).map(PathBuf::from);
    Ok(before.unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    fn script(path: &Path, says: &str) {
        fs::write(path, format!("#!/bin/sh\necho {says}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_compiled_program_is_started_although_its_path_leads_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::copy("/bin/sh", &path).unwrap();
        let program = Program::at(&path).unwrap();
        assert_eq!(program.to_start().unwrap(), path);
        script(&folder.path().join("new"), "new");
        fs::rename(folder.path().join("new"), &path).unwrap();
        let held = program.to_start().unwrap();
        let said = Command::new(held).args(["-c", "echo old"]).output().unwrap().stdout;
        assert_eq!(said, b"old\n");
    }

    #[test]
    fn a_script_that_was_replaced_or_changed_is_not_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        script(&path, "old");
        let program = Program::at(&path).unwrap();
        assert_eq!(program.to_start().unwrap(), path);
        script(&path, "another");
        let why = program.to_start().unwrap_err();
        assert!(why.contains("script was replaced"), "{why}");
        fs::remove_file(&path).unwrap();
        assert_eq!(program.to_start().unwrap_err(), why);
    }

    #[test]
    fn the_running_program_is_known() {
        let own = Program::own().unwrap();
        assert_eq!(own.path(), std::env::current_exe().unwrap());
        assert_eq!(own.to_start().unwrap(), own.path());
    }
}
