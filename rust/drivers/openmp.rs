//! The OpenMP drivers, which are written in C and Fortran.

use crate::contract::DriverFn;
#[cfg(any(built_openmp_c, built_openmp_fortran))]
use crate::{contract::KernelFn, error::Result, samples::Samples};

/// Defines a constant: the driver function that calls a foreign function, or the reason why the
/// foreign function was not built.
macro_rules! foreign {
    ($name:ident, $built:meta, $function:ident, $reason:literal) => {
        #[cfg($built)]
        pub(crate) const $name: std::result::Result<DriverFn, &str> = {
            unsafe fn run(k: KernelFn, seed: u64, samples: Samples, threads: u32) -> Result<u64> {
                let (first, count) = (samples.first(), samples.count());
                let number = threads.cast_signed();
                super::openmp_threads::region(threads, || {
                    // SAFETY: the caller's promise; the function takes the same arguments.
                    unsafe { crate::kernels::$function(Some(k), seed, first, count, number) }
                })
            }
            Ok(run)
        };
        #[cfg(not($built))]
        pub(crate) const $name: std::result::Result<DriverFn, &str> = Err(env!($reason));
    };
}

foreign!(C, built_openmp_c, libpi_openmp_c, "LIBPI_WITHOUT_OPENMP_C");
foreign!(FORTRAN, built_openmp_fortran, libpi_openmp_fortran, "LIBPI_WITHOUT_OPENMP_FORTRAN");
