//! The targets of output, and the replacement of files. A file is replaced completely or not at all, and
//! never through a symbolic link, because anybody may have made the link.

use anyhow::{anyhow, bail};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::NamedTempFile;

/// What a path after `-o` means.
#[derive(Debug)]
pub enum Target {
    /// The command's stdout: `-`, or another name of it such as /dev/stdout.
    Stdout,
    /// A device or a pipe, open for writing.
    Stream(File),
    /// A file, which may exist or not.
    Place,
}

impl Target {
    /// What the path means. `answers` is the metadata of the command's stdout.
    ///
    /// # Errors
    /// If the path is a folder or the stream of the messages, or if it cannot be opened.
    pub fn of(path: &Path, answers: io::Result<Metadata>) -> anyhow::Result<Self> {
        let descriptor = own_descriptor(path);
        if path == Path::new("-") || descriptor == Some(1) {
            return Ok(Self::Stdout);
        }
        let found = match fs::metadata(path) {
            Ok(found) => found,
            // There is no such file, or writing it will report the error.
            Err(_) if descriptor.is_none() => return Ok(Self::Place),
            Err(error) => bail!("could not open {}: {error}", path.display()),
        };
        if found.is_dir() {
            bail!("{} is a folder: name a file in it with -o", path.display());
        }
        // Two writers do no harm to a terminal or /dev/null.
        let is = |stream: io::Result<Metadata>| {
            stream.is_ok_and(|stream| is_same(&stream, &found))
                && !found.file_type().is_char_device()
        };
        // Answers have their own descriptor; descriptor 1 is that of the messages here.
        if is(answers) {
            return Ok(Self::Stdout);
        }
        if descriptor == Some(2) || is(fs::metadata("/proc/self/fd/2")) {
            bail!(
                "{} also receives the messages, which would be mixed into the output: name another file \
                 with -o, or - for stdout",
                path.display()
            );
        }
        if found.is_file() && descriptor.is_none() {
            return Ok(Self::Place);
        }
        let opened = File::options().write(true).open(path);
        opened.map(Self::Stream).map_err(|error| {
            anyhow!("could not open {}: {error}; name another file with -o", path.display())
        })
    }
}

/// The file descriptor of this process that a path means, through links such as /dev/stdout or through
/// /proc.
fn own_descriptor(path: &Path) -> Option<u32> {
    let own =
        [fs::canonicalize("/proc/self/fd").ok()?, fs::canonicalize("/proc/thread-self/fd").ok()?];
    let mut path = path.to_owned();
    // Linux follows at most 40 links.
    for _ in 0..40 {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        if own.contains(&folder) {
            return path.file_name()?.to_str()?.parse().ok();
        }
        path = folder.join(fs::read_link(&path).ok()?);
    }
    None
}

/// Whether two paths or open files are the same file.
pub fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// The folder that a path leads to.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Replaces a file, or creates it if there is none. The text is written to a new file beside it, which is
/// then renamed. If `old` is given, the new file gets its permissions, and its owner and group as far as
/// this user may set them. If it is not given, an existing file is not replaced. After a signal that sets
/// `interrupted` nothing is left behind.
pub fn replace(
    path: &Path,
    text: &[u8],
    old: Option<&Metadata>,
    interrupted: &AtomicBool,
) -> io::Result<()> {
    let file = written_beside(path, OsStr::new(".pi-"), text, old)?;
    if interrupted.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted"));
    }
    let placed = match old {
        Some(_) => file.persist(path),
        None => file.persist_noclobber(path),
    };
    placed.map(drop).map_err(|error| error.error)
}

/// A new file in the same folder with this text, for the place of the file `old`, if there is one. Its
/// name is the prefix and an unpredictable rest. The text is on the disk.
pub fn written_beside(
    path: &Path,
    prefix: &OsStr,
    text: &[u8],
    old: Option<&Metadata>,
) -> io::Result<NamedTempFile> {
    // The errors of tempfile itself name the temporary file, which says nothing to users.
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(0o666);
    let file = tempfile::Builder::new()
        .prefix(prefix)
        .make_in(folder_of(path), |path| options.open(path))?;
    file.as_file().write_all(text)?;
    if let Some(old) = old.filter(|old| old.is_file()) {
        let mut mode = old.mode() & 0o777;
        if fchown(file.as_file(), Some(old.uid()), Some(old.gid())).is_err()
            && fchown(file.as_file(), None, Some(old.gid())).is_err()
        {
            // The group is another one now, and gets no more rights than everybody.
            mode = mode & !0o070 | (mode & 0o007) << 3;
        }
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    // Some file systems report a full disk only here.
    file.as_file().sync_all()?;
    Ok(file)
}

/// The file that will be replaced, if there is one. `is_ours` recognises a file that pi may replace by its
/// first bytes.
///
/// # Errors
/// If the file is something else and `force` is not set.
pub fn replaceable(
    path: &Path,
    is_ours: impl Fn(&[u8]) -> bool,
    force: bool,
) -> anyhow::Result<Option<Metadata>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => bail!("could not look at {}: {error}", path.display()),
    };
    if found.is_symlink() && !force {
        bail!(
            "{} is a symbolic link: name the file itself with -o, or give --force to replace the link",
            path.display()
        );
    }
    let ours = || begin_of(path).is_ok_and(|begin| begin.is_empty() || is_ours(&begin));
    if !force && !ours() {
        bail!(
            "{} is not a page made by pi report: name another file with -o, or give --force to replace it",
            path.display()
        );
    }
    Ok(Some(found))
}

/// The first bytes of a file.
fn begin_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, 512), &mut begin)?;
    Ok(begin)
}

/// The path that an open file has now, if it has one.
pub fn path_of(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let path = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    is_at(file, &path).then_some(path)
}

/// Whether a path still leads to an open file.
pub fn is_at(file: &File, path: &Path) -> bool {
    let both = (file.metadata(), fs::symlink_metadata(path));
    matches!(both, (Ok(file), Ok(found)) if is_same(&file, &found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    static CALM: AtomicBool = AtomicBool::new(false);

    fn of(path: &Path) -> anyhow::Result<Target> {
        Target::of(path, fs::metadata("/proc/self/fd/1"))
    }

    fn folder_with(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn names_of_stdout_are_recognised_through_links() {
        let (folder, file) = folder_with("file", "");
        let (link, own) = (folder.path().join("link"), std::process::id());
        symlink("/dev/stdout", &link).unwrap();
        let of_process = PathBuf::from(format!("/proc/{own}/fd/1"));
        let names = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/../dev/./stdout"];
        for path in names.iter().map(Path::new).chain([&*link, &*of_process]) {
            assert_eq!(own_descriptor(path), Some(1), "{}", path.display());
        }
        assert_eq!(own_descriptor(Path::new("/dev/stderr")), Some(2));
        for path in [&*file, folder.path(), Path::new("/dev/null"), Path::new("nothing/1")] {
            assert_eq!(own_descriptor(path), None, "{}", path.display());
        }
        assert!(matches!(of(Path::new("-")), Ok(Target::Stdout)));
        assert!(matches!(of(&file), Ok(Target::Place)));
        assert!(matches!(of(Path::new("/dev/null")), Ok(Target::Stream(_))));
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions() {
        let (folder, path) = folder_with("page", "old");
        for mode in [0o600, 0o640, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let old = fs::metadata(&path).unwrap();
            replace(&path, b"new", Some(&old), &CALM).unwrap();
            let new = fs::metadata(&path).unwrap();
            assert_eq!((new.mode() & 0o777, new.uid()), (mode, old.uid()));
            assert!(!is_same(&old, &new), "the old file was replaced, not overwritten");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_new_file_has_the_permissions_that_files_have() {
        let (folder, path) = folder_with("usual", "");
        let new = folder.path().join("new");
        replace(&new, b"text", None, &CALM).unwrap();
        assert_eq!(fs::read(&new).unwrap(), b"text");
        assert_eq!(fs::metadata(new).unwrap().mode(), fs::metadata(path).unwrap().mode());
    }

    #[test]
    fn an_unexpected_file_is_not_replaced_and_nothing_is_left_behind() {
        let (folder, path) = folder_with("page", "somebody's");
        assert!(replace(&path, b"new", None, &CALM).is_err());
        let old = fs::metadata(&path).unwrap();
        assert!(replace(&path, b"new", Some(&old), &AtomicBool::new(true)).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"somebody's");
        assert!(replace(&folder.path().join("no/page"), b"new", None, &CALM).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_files_that_are_recognised_are_replaceable() {
        let (folder, path) = folder_with("page", "ours and more");
        let ours = |begin: &[u8]| begin.starts_with(b"ours");
        let look = |path: &Path, force| replaceable(path, ours, force).map(|old| old.is_some());
        assert!(look(&path, false).unwrap());
        assert!(!look(&folder.path().join("nothing"), false).unwrap());
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(look(&link, false).unwrap_err().to_string().contains("symbolic link"));
        fs::write(&path, "theirs").unwrap();
        assert!(look(&path, false).unwrap_err().to_string().contains("--force"));
        fs::write(folder.path().join("empty"), "").unwrap();
        assert!(look(&folder.path().join("empty"), false).unwrap());
        // With force, the link itself is replaced, not its target.
        let old = replaceable(&link, ours, true).unwrap();
        replace(&link, b"page", old.as_ref(), &CALM).unwrap();
        assert!(!link.is_symlink() && fs::read(&path).unwrap() == b"theirs");
    }
}
