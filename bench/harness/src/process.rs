//! Starts other programs, waits for them and ends them, in the same way for all. Each program has a time
//! limit, and an interruption ends it. It is ended together with its process group, however this process
//! itself ends.

mod ask;
mod busy;
mod child;
mod guard;
mod pin;
mod program;
mod signals;
mod streams;
mod task;
mod watch;

pub use ask::{LONGEST_ASKING, first_line_of, is_installed};
pub use busy::{cpus_of_others, is_disturbed, used_here};
pub use child::remove_variables;
pub use pin::{Unpinnable, ensure_pinnable};
pub use program::Program;
pub use signals::{StopSignals, watch_for_interruption};
pub use streams::LONGEST_OUTPUT;
pub use task::{Ending, Failure, Outcome, Task};
