//! Estimates of pi from counts of hits.

use crate::failure::{Failure, answer, out};
use crate::status::{LIBPI_ERROR_NO_SAMPLES, libpi_status};
use libpi::Estimate;

/// Computes the estimate of pi from `hits` hits among `count` samples, and its standard error.
///
/// # Safety
/// `pi` and `standard_error` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_estimate(
    hits: u64,
    count: u64,
    pi: *mut f64,
    standard_error: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (pi, standard_error) =
            unsafe { (out(pi, "pi")?, out(standard_error, "standard_error")?) };
        let estimate = estimate(hits, count)?;
        pi.write(estimate.pi);
        standard_error.write(estimate.standard_error);
        Ok(())
    })
}

/// Computes Wilson's 95% confidence interval for pi from `hits` hits among `count` samples.
///
/// # Safety
/// `lower` and `upper` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_interval(
    hits: u64,
    count: u64,
    lower: *mut f64,
    upper: *mut f64,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (lower, upper) = unsafe { (out(lower, "lower")?, out(upper, "upper")?) };
        let [low, high] = estimate(hits, count)?.confidence_interval;
        lower.write(low);
        upper.write(high);
        Ok(())
    })
}

fn estimate(hits: u64, count: u64) -> Result<Estimate, Failure> {
    Estimate::new(hits, count)?.ok_or_else(|| {
        Failure::new(LIBPI_ERROR_NO_SAMPLES, "0 samples give no estimate: count at least one")
    })
}
