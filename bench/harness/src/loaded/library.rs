//! Loads a function from a shared library.

use super::place::Place;
use super::{file, trial};
use crate::environment::hexadecimal;
use crate::shown::readable;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use libpi::KernelFn;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A function in a shared library that this process has loaded. The library stays loaded until the
/// process ends.
#[derive(Debug, Clone)]
pub struct Function {
    /// The function. [`KernelFn`] states the rules for calling it; whether it keeps its own part of them
    /// must be tested.
    pub call: KernelFn,
    /// The library's file, with an absolute path.
    pub file: PathBuf,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// Why a function cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLoaded {
    /// The reason, and what would help.
    pub why: String,
    /// Whether the library, or one that it needs, is not on this machine.
    pub is_absent: bool,
}

impl fmt::Display for NotLoaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NotLoaded {}

/// Loads functions. Child processes load the libraries first, so that start-up code that ends its process
/// is an error here. Call it once, and before this process starts threads: a library that is loaded may have
/// started some, and after that no child process can be made safely.
pub fn load(places: &[&Place]) -> Vec<Result<Function, NotLoaded>> {
    let tried = |place: &Place| {
        let checked = place.checked()?;
        trial::load(&checked.path).map_err(broken)?;
        Ok(checked)
    };
    let tried: Vec<_> = places.iter().map(|place| tried(place)).collect();
    places.iter().zip(tried).map(|(place, tried)| place.load(tried)).collect()
}

/// Loads functions without a trial in a child process, for a process that may end.
pub fn load_untried(places: &[&Place]) -> Vec<Result<Function, NotLoaded>> {
    places.iter().map(|place| place.load(place.checked())).collect()
}

impl Place {
    /// Loads the function, if the file passed its checks.
    fn load(&self, checked: Result<Checked, NotLoaded>) -> Result<Function, NotLoaded> {
        let loaded = checked.and_then(|checked| checked.load(&self.symbol));
        loaded.map_err(|NotLoaded { why, is_absent }| NotLoaded {
            why: format!("{}: {why}", readable(&self.file)),
            is_absent,
        })
    }

    /// Reads the file, and checks what can be checked without running its code.
    fn checked(&self) -> Result<Checked, NotLoaded> {
        let path = std::path::absolute(&self.file).map_err(unreadable)?;
        let (bytes, seen) = read(&path).map_err(unreadable)?;
        file::check(&bytes, &self.symbol).map_err(broken)?;
        Ok(Checked { path, seen, sha256: hexadecimal(&Sha256::digest(&bytes)) })
    }
}

/// A file that holds the function, according to its tables.
struct Checked {
    path: PathBuf,
    seen: Metadata,
    sha256: String,
}

impl Checked {
    fn load(self, symbol: &str) -> Result<Function, NotLoaded> {
        // SAFETY: a child process ran the library's start-up code to its end, or this process may end.
        let library = unsafe { Library::open(Some(&*self.path), RTLD_NOW | RTLD_LOCAL) };
        let library = ManuallyDrop::new(library.map_err(|error| self.refused(&error))?);
        let now = std::fs::metadata(&self.path).map_err(unreadable)?;
        if identity(&now) != identity(&self.seen) {
            return Err(broken("it changed while it was read: try again".to_owned()));
        }
        // SAFETY: the file's table says that this is a function, and the user that it has this type.
        let call = unsafe { library.get::<KernelFn>(symbol) };
        let call = call.map_err(|error| broken(error.to_string()))?;
        Ok(Function { call: *call, file: self.path, sha256: self.sha256 })
    }

    /// What the loader's message means.
    fn refused(&self, error: &libloading::Error) -> NotLoaded {
        let said = std::error::Error::source(error).unwrap_or(error).to_string();
        let own = format!("{}: ", self.path.display());
        let said = said.strip_prefix(&own).unwrap_or(&said);
        match said.split_once(": cannot open shared object file: ") {
            Some((needed, why)) => NotLoaded {
                why: format!(
                    "it needs the library {needed}, which the loader does not find ({why}): install it, \
                     name its folder in LD_LIBRARY_PATH, or link the kernel with -Wl,-rpath,FOLDER"
                ),
                is_absent: true,
            },
            None if said.contains("undefined symbol") => broken(format!(
                "it cannot be loaded ({said}): link it with the library or the file that defines this symbol"
            )),
            None => broken(format!("it cannot be loaded: {said}")),
        }
    }
}

/// Reads a regular file. Another kind might never end.
fn read(path: &Path) -> io::Result<(Vec<u8>, Metadata)> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok((bytes, file.metadata()?))
}

/// What changes if a file is written or replaced.
fn identity(file: &Metadata) -> (u64, u64, u64, i64, i64) {
    (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec())
}

fn unreadable(error: io::Error) -> NotLoaded {
    let is_absent = error.kind() == io::ErrorKind::NotFound;
    NotLoaded { why: format!("the library could not be read: {error}"), is_absent }
}

fn broken(why: String) -> NotLoaded {
    NotLoaded { why, is_absent: false }
}
