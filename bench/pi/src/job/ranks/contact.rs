//! The socket by which PMI launchers and the ranks talk to each other.

use std::ffi::OsStr;
use std::fs;
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
    let file =
        fs::metadata(format!("/proc/self/fd/{number}")).map_err(|_| "a closed file descriptor")?;
    file.file_type().is_socket().then_some(number).ok_or("another kind of file")
}

pub(super) fn tell(socket: RawFd, order: &str) -> io::Result<()> {
    // SAFETY: it was seen to be open, and nothing in this process closes what it did not open.
    let socket = unsafe { BorrowedFd::borrow_raw(socket) };
    fs::File::from(socket.try_clone_to_owned()?).write_all(order.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn an_open_socket_is_told_from_all_else() {
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
