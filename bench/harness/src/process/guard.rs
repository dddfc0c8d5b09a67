//! A guard process that outlives this process and then ends its child. Nothing else can end the child: it
//! has its own process group, and a signal may end this process before it can react.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The guard reads the number of the group to end, until its input is closed. The system closes it when
/// this process ends. The guard sends TERM first, so that a launcher can end its ranks.
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

/// Makes the guard end this process group when this process ends.
pub(super) fn protect(group: i32) {
    tell(&format!("{group}\n"));
}

/// Makes the guard forget the last child, which has ended.
pub(super) fn forget() {
    tell("\n");
}

fn tell(line: &str) {
    static GUARD: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();
    if let Some(guard) = GUARD.get_or_init(start) {
        // Errors are ignored: without the guard a child survives only if this process is killed.
        let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = guard.write_all(line.as_bytes());
    }
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // An interruption from the terminal does not reach the guard in its own process group.
    shell.process_group(0).spawn().ok()?.stdin.map(Mutex::new)
}
