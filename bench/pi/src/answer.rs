//! Keeps answers apart from what libraries print on stdout. Answers go to the file that was stdout when
//! the program started, under a new file descriptor. Descriptor 1 becomes stderr. OpenMP runtimes, MPI
//! and its transports print there when the environment asks them to.
//!
//! Every program that prints answers includes this file as a module.

use std::fs::{File, Metadata};
use std::io::{LineWriter, Write};
use std::os::fd::FromRawFd;
use std::sync::OnceLock;

static APART: OnceLock<File> = OnceLock::new();

/// The stream for answers, written line by line. In a program that does not keep them apart it is stdout.
pub fn stream() -> Box<dyn Write> {
    match APART.get() {
        Some(file) => Box::new(LineWriter::new(file)),
        None => Box::new(std::io::stdout().lock()),
    }
}

/// The metadata of the file to which answers go.
pub fn metadata() -> std::io::Result<Metadata> {
    APART.get().map_or_else(|| std::fs::metadata("/proc/self/fd/1"), File::metadata)
}

/// Keeps answers apart. [`keep_answers_apart!`](crate::keep_answers_apart) makes it run before the
/// start-up code of all libraries.
#[doc(hidden)]
pub extern "C" fn set_apart(
    _argc: libc::c_int,
    _argv: *const *const libc::c_char,
    _envp: *const *const libc::c_char,
) {
    APART.get_or_init(|| {
        // SAFETY: no memory except a string is involved, and nothing else opens or closes files yet. The
        // new descriptor is above stderr's, and no child inherits it.
        unsafe {
            let null = c"/dev/null".as_ptr();
            let mut answers = libc::fcntl(1, libc::F_DUPFD_CLOEXEC, 3);
            if answers < 0 {
                // There is no stdout. A file that cannot be written makes a lost answer an error.
                let unwritable = libc::open(null, libc::O_RDONLY);
                answers = libc::fcntl(unwritable, libc::F_DUPFD_CLOEXEC, 3);
            }
            if libc::dup2(2, 1) < 0 {
                // There is no stderr.
                libc::dup2(libc::open(null, libc::O_WRONLY), 1);
            }
            File::from_raw_fd(if answers < 0 { 1 } else { answers })
        }
    });
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
