//! Long counts that report their progress and can be stopped.

use crate::drivers::Driver;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::samples::{BLOCK, Samples};
use crate::spans::Spans;
use std::time::Instant;

/// What a count has done when it ends or is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The hits among the samples that are done.
    pub hits: u64,
    /// The number of samples that are done, from the first on.
    pub done: u64,
}

impl Kernel {
    /// Counts the hits among the samples in spans, and calls `goes_on` on the calling thread after
    /// each with the number of samples that are done. If that returns false, the count stops there.
    ///
    /// The first span has one block for each thread. The later ones take about a quarter of a
    /// second, so that the caller hears of the progress several times a second.
    ///
    /// # Errors
    /// The errors of [`hits`](Self::hits).
    pub fn hits_with_progress(
        &self,
        driver: &Driver,
        seed: u64,
        samples: Samples,
        threads: u32,
        mut goes_on: impl FnMut(u64) -> bool,
    ) -> Result<Progress> {
        let mut progress = Progress { hits: 0, done: 0 };
        if samples.count() == 0 {
            // The call of the kernel finds the errors.
            self.hits(driver, seed, samples, threads)?;
        }
        let mut spans = Spans::new(samples, BLOCK, threads.into());
        while let Some(span) = spans.next() {
            let start = Instant::now();
            progress.hits = progress.hits.wrapping_add(self.hits(driver, seed, span, threads)?);
            spans.adapt(start.elapsed(), Spans::TIME);
            progress.done += span.count();
            if !goes_on(progress.done) {
                break;
            }
        }
        Ok(progress)
    }
}
