//! A guard that outlives this process, and then ends the child that it leaves behind. Nothing else can:
//! the child is of a group of its own, and this process may end by a signal that it cannot handle.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// It reads which group is to be ended, until its input is closed, which the system does when this
/// process ends. A launcher is asked first, since it ends its ranks then.
const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
while read -r group; do last=$group; done
[ -n "$last" ] || exit 0
kill -s TERM -- "-$last"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -s 0 -- "-$last" || exit 0
    sleep 0.1
done
kill -s KILL -- "-$last"
"#;

/// From now on the group of this child is ended when this process has ended.
pub(super) fn protect(group: i32) {
    tell(&format!("{group}\n"));
}

/// The last child is not there any more.
pub(super) fn forget() {
    tell("\n");
}

fn tell(line: &str) {
    static GUARD: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();
    if let Some(guard) = GUARD.get_or_init(start) {
        // Without its guard a child is only not ended if this process is killed.
        let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = guard.write_all(line.as_bytes());
    }
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Of a group of its own, which an interruption from the terminal does not reach.
    shell.process_group(0).spawn().ok()?.stdin.map(Mutex::new)
}
