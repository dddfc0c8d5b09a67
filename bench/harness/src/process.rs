//! Other programs: how they are started, waited for and ended, in one way for all of them. Each has a
//! time limit, hears an interruption, and ends with its group, however this process itself ends.

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
pub use signals::watch_for_interruption;
pub use streams::LONGEST_OUTPUT;
pub use task::{Ending, Failure, Outcome, Task};
