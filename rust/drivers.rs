//! Drivers: each splits a range over threads in its own way and can run every kernel.

mod openmp;
#[cfg(any(built_openmp_c, built_openmp_fortran))]
mod openmp_threads;
mod rayon;
mod threads;

use crate::contract::{DriverFn, KernelFn, check_threads};
use crate::error::{Error, Result};
use crate::samples::Samples;

/// The most samples in one call of a kernel. Kernels with signed integers need fewer than 2^63.
const LONGEST_RUN: u64 = 1 << 62;

/// A driver, or the reason why this build does not have it.
#[derive(Debug, Clone)]
pub struct Driver {
    name: &'static str,
    description: &'static str,
    function: std::result::Result<DriverFn, &'static str>,
}

impl Driver {
    /// The driver's name in cells and on the command line.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A one-line description.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// Why the driver cannot run here; none if it can.
    pub fn missing(&self) -> Option<&str> {
        self.function.err()
    }

    /// Whether the driver runs on the calling thread only.
    pub fn is_serial(&self) -> bool {
        self.name == SERIAL
    }

    /// Splits the samples over the threads and adds up, modulo 2^64, the hits that the kernel
    /// returns. The calling thread keeps its CPU mask.
    ///
    /// # Errors
    /// [`Error::Missing`] if this build lacks the driver, [`Error::Threads`] if the number of
    /// threads is not 1 to [`MAX_THREADS`](crate::MAX_THREADS), [`Error::Spawn`] if the threads
    /// cannot be started.
    ///
    /// # Safety
    /// The kernel can be called with this seed and any part of these samples from several threads
    /// at once, and does not unwind.
    #[inline]
    pub unsafe fn hits(
        &self,
        kernel: KernelFn,
        seed: u64,
        samples: Samples,
        threads: u32,
    ) -> Result<u64> {
        let function = self.function.map_err(|reason| Error::Missing {
            name: format!("driver {}", self.name),
            reason: reason.to_owned(),
        })?;
        check_threads(threads.into())?;
        if samples.count() == 0 {
            return Ok(0);
        }
        if samples.count() <= LONGEST_RUN {
            // SAFETY: the caller's promise. The range is short enough, and the number of threads
            // was checked.
            return unsafe { function(kernel, seed, samples, threads) };
        }
        let mut hits = 0u64;
        for span in samples.spans(LONGEST_RUN) {
            // SAFETY: the caller's promise. The span is short enough, and the number of threads
            // was checked.
            hits = hits.wrapping_add(unsafe { function(kernel, seed, span, threads) }?);
        }
        Ok(hits)
    }
}

const SERIAL: &str = "serial";

/// All drivers, in the order in which they are listed.
pub(crate) fn all() -> Vec<Driver> {
    let driver = |name, description, function| Driver { name, description, function };
    vec![
        driver(SERIAL, "the calling thread only", Ok(serial as DriverFn)),
        driver("threads", "new threads for each call, by std::thread::scope", Ok(threads::run)),
        driver("rayon", "a parallel iterator in a rayon pool", Ok(rayon::run)),
        driver("openmp-c", "an OpenMP parallel loop in C", openmp::C),
        driver("openmp-fortran", "an OpenMP parallel loop in Fortran", openmp::FORTRAN),
    ]
}

/// The driver `serial`.
unsafe fn serial(kernel: KernelFn, seed: u64, samples: Samples, _threads: u32) -> Result<u64> {
    // The range is not split, because that would cost more than counting a small range.
    // SAFETY: the caller's promise.
    Ok(unsafe { kernel(seed, samples.first(), samples.count()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn never(_: u64, _: u64, _: u64) -> u64 {
        panic!("a missing driver calls no kernel")
    }

    #[test]
    fn a_missing_driver_says_why_and_runs_nothing() {
        let driver = Driver { name: "omp", description: "", function: Err("no runtime") };
        assert_eq!(driver.missing(), Some("no runtime"));
        let samples = Samples::new(0, 1).unwrap();
        // SAFETY: the kernel takes any samples, and is not called.
        let error = unsafe { driver.hits(never, 1, samples, 1) }.unwrap_err();
        let reason = "no runtime".to_owned();
        assert_eq!(error, Error::Missing { name: "driver omp".to_owned(), reason });
    }
}
