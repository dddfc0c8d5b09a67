//! The exported C ABI of libpi. This crate holds no logic: each function checks its arguments,
//! calls the core, and turns errors and panics into a status and a message.
//!
//! The functions are `extern "C-unwind"`, which is the same ABI as `extern "C"`, because the
//! cancellation of the calling thread may leave them: see [`cancellation`].

mod callback;
mod caller;
mod cancellation;
mod catalog;
mod drive;
mod estimate;
mod failure;
mod generator;
mod hits;
mod message;
mod progress;
mod status;
mod threads;
mod version;

pub use caller::{libpi_context_kernel, libpi_kernel, libpi_progress};
pub use catalog::{libpi_driver_at, libpi_kernel_at};
pub use drive::{libpi_drive, libpi_drive_context, libpi_split};
pub use estimate::{libpi_estimate, libpi_interval};
pub use generator::*;
pub use hits::{libpi_hits, libpi_hits_with};
pub use message::{libpi_last_error, libpi_last_kernel_error, libpi_status_text};
pub use progress::libpi_hits_progress;
pub use status::*;
pub use threads::{libpi_set_threads, libpi_threads, libpi_threads_rule};
pub use version::{LIBPI_ABI_VERSION, libpi_abi_version, libpi_version};
