//! The core of libpi: one Monte Carlo pi sampler in Rust, C and Fortran, run on one thread or on
//! many.
//!
//! A **kernel** counts the hits among a range of samples. There is one kernel for each generator,
//! language and instruction-set level. A **driver** splits a range over threads. Every driver can
//! run every kernel, and all exact kernels of a generator return the same integer. The [`Catalog`]
//! holds the kernels and the drivers:
//!
//! ```
//! use libpi::{Catalog, Generator, Samples};
//!
//! let catalog = Catalog::here();
//! let kernel = catalog.kernel(Generator::Philox, "c")?;
//! let driver = catalog.driver("rayon")?;
//! let hits = kernel.hits(driver, 42, Samples::new(0, 1_000_000)?, 2)?;
//! assert_eq!(hits, 785_987);
//! # Ok::<(), libpi::Error>(())
//! ```

mod blocks;
pub mod build_info;
mod catalog;
mod cell;
mod context;
mod contract;
pub mod cpus;
mod drivers;
mod error;
mod estimate;
mod fork;
mod generator;
mod hit_test;
mod kernel;
#[allow(dead_code, missing_docs, non_camel_case_types, reason = "made by bindgen from c/kernels.h")]
#[rustfmt::skip]
#[cfg(not(feature = "bindgen"))]
mod kernels;
#[allow(dead_code, missing_docs, non_camel_case_types, reason = "made by bindgen from c/kernels.h")]
#[cfg(feature = "bindgen")]
mod kernels {
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}
pub mod known;
mod level;
mod limits;
mod npb;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod npb_simd;
mod philox;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod philox_simd;
mod progress;
mod samples;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod simd;
mod spans;
mod splitmix;
mod textbook;
mod xoshiro;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod xoshiro_simd;

pub use blocks::Blocks;
pub use catalog::{AUTO, Catalog, cell_name};
pub use cell::{CellName, split_level};
pub use context::ContextKernelFn;
pub use contract::{KernelFn, MAX_THREADS, check_threads};
pub use drivers::Driver;
pub use error::{Error, Result};
pub use estimate::Estimate;
#[doc(hidden)]
pub use fork::remember;
pub use generator::{Generator, NPB_PERIOD};
pub use kernel::Kernel;
pub use level::Level;
pub use progress::Progress;
pub use samples::{BLOCK, Samples};
pub use spans::Spans;
