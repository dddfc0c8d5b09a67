//! The socket by which PMI launchers and the ranks talk to each other.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::fs::FileTypeExt;

/// The variable in which PMI launchers pass the file descriptor of a socket.
pub(super) const PMI_FD: &str = "PMI_FD";

/// The file descriptor, if it is an open socket.
///
/// # Errors
/// What the value names instead.
pub(super) fn socket(value: &OsStr) -> Result<RawFd, &'static str> {
    let number = value.to_str().and_then(|text| text.parse::<RawFd>().ok());
    let number = number.filter(|number| *number >= 0).ok_or("no file descriptor")?;
    let file = file(number).and_then(|file| file.metadata());
    let kind = file.map_err(|_| "a closed file descriptor")?.file_type();
    kind.is_socket().then_some(number).ok_or("another kind of file")
}

pub(super) fn tell(socket: RawFd, order: &str) -> io::Result<()> {
    file(socket)?.write_all(order.as_bytes())
}

/// The file behind a descriptor that is not ours. No /proc is needed for it.
fn file(descriptor: RawFd) -> io::Result<File> {
    // SAFETY: it is not negative. If it is not open, the system refuses to duplicate it; nothing in
    // this process closes what it did not open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    borrowed.try_clone_to_owned().map(File::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn only_an_open_socket_is_accepted() {
        let (one, _other) = UnixStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        let (pipe, _end) = io::pipe().unwrap();
        for (value, found) in [
            (one.as_raw_fd().to_string(), Ok(one.as_raw_fd())),
            (file.as_raw_fd().to_string(), Err("another kind of file")),
            (pipe.as_raw_fd().to_string(), Err("another kind of file")),
            ("1000000".to_owned(), Err("a closed file descriptor")),
            ("-1".to_owned(), Err("no file descriptor")),
            ("seven".to_owned(), Err("no file descriptor")),
            (String::new(), Err("no file descriptor")),
        ] {
            assert_eq!(socket(value.as_ref()), found, "{value}");
        }
    }
}
