//! PyO3.
//!
//! Build: cargo build --profile $PROFILE --manifest-path $SRC/pyo3/Cargo.toml --target-dir ../..
//!     && cp ../libcrossings_pyo3.so crossings_pyo3.so

use libpi::{Catalog, Generator, KernelFn, Level};
use pyo3::prelude::*;
use std::sync::LazyLock;

static KERNEL: LazyLock<KernelFn> = LazyLock::new(|| {
    let name = format!("rust@{}", Level::Base);
    let kernel = Catalog::here().kernel(Generator::Philox, &name);
    kernel.and_then(libpi::Kernel::function).expect("every build has Rust at the base level")
});

#[pymodule]
mod crossings_pyo3 {
    use super::*;

    #[pyfunction]
    fn callee(seed: u64, first: u64, count: u64) -> u64 {
        (seed.wrapping_mul(3) ^ first).wrapping_sub(count)
    }

    #[pyfunction]
    fn kernel(seed: u64, first: u64, count: u64) -> u64 {
        // SAFETY: every CPU has the base level, philox takes any seed, and the runner checked the
        // range.
        unsafe { KERNEL(seed, first, count) }
    }
}
