//! Functions that this process loads from shared libraries while it runs: kernels that are not part of
//! libpi.
//!
//! The harness has this code, and the core has not: a program that links libpi.so or libpi.a gets no
//! further dependency, and no way to run code from other files.

mod file;
mod kernels;
mod library;
mod place;
pub mod ranges;
mod trial;

pub use kernels::{Load, Loaded, Loads, Wanted, problem};
pub use library::{Function, NotLoaded, load, load_untried};
pub use place::Place;
