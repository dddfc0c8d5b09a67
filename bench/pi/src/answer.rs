//! Keeps answers apart from what libraries print on stdout. Answers go to the file that was stdout when
//! the program started, under a new file descriptor. Descriptor 1 becomes stderr. OpenMP runtimes, MPI
//! and its transports print there when the environment asks them to.
//!
//! Every program that prints answers includes this file as a module.

use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stdout, stderr, stdout};
use std::ffi::{c_char, c_int};
use std::fs::{File, Metadata};
use std::io::{self, LineWriter, Write};
use std::os::fd::IntoRawFd;
use std::sync::OnceLock;

static APART: OnceLock<File> = OnceLock::new();

/// The stream for answers, written line by line. In a program that does not keep them apart it is stdout.
pub fn stream() -> Box<dyn Write> {
    match APART.get() {
        Some(file) => Box::new(LineWriter::new(file)),
        None => Box::new(io::stdout().lock()),
    }
}

/// The metadata of the file to which answers go.
pub fn metadata() -> io::Result<Metadata> {
    APART.get().map_or_else(|| std::fs::metadata("/proc/self/fd/1"), File::metadata)
}

/// Keeps answers apart. [`keep_answers_apart!`](crate::keep_answers_apart) makes it run before the
/// start-up code of all libraries.
#[doc(hidden)]
pub extern "C" fn set_apart(
    _argc: c_int,
    _argv: *const *const c_char,
    _envp: *const *const c_char,
) {
    if let Ok(answers) = apart() {
        APART.get_or_init(|| answers);
    }
}

/// The file that was stdout, under a descriptor above stderr's that no child inherits. Nothing else
/// opens or closes files yet.
fn apart() -> io::Result<File> {
    const NULL: &str = "/dev/null";
    let answers = match fcntl_dupfd_cloexec(stdout(), 3) {
        Ok(answers) => answers,
        // There is no stdout. A file that cannot be written makes a lost answer an error.
        Err(_) => fcntl_dupfd_cloexec(File::open(NULL)?, 3)?,
    };
    if dup2_stdout(stderr()).is_err() {
        // There is no stderr. The new file may itself have descriptor 1, so it stays open.
        let nowhere = File::options().write(true).open(NULL)?;
        dup2_stdout(&nowhere)?;
        let _ = nowhere.into_raw_fd();
    }
    Ok(File::from(answers))
}

/// Makes the executable keep its answers apart from what libraries print on stdout, even in their
/// start-up code. Use it once, in the root of a binary, with the path of this module.
///
/// It places a function in `.preinit_array`, which runs before the constructors of all libraries.
#[macro_export]
macro_rules! keep_answers_apart {
    ($($answer:ident)::+) => {
        #[cfg(target_os = "linux")]
        #[used]
        // SAFETY: the section holds functions of this type, and the loader calls each once.
        #[unsafe(link_section = ".preinit_array")]
        static KEEP_ANSWERS_APART: extern "C" fn(
            ::std::ffi::c_int,
            *const *const ::std::ffi::c_char,
            *const *const ::std::ffi::c_char,
        ) = $($answer)::+::set_apart;
    };
}
