//! The hits that every run of a cell must count: known counts, and counts on which two languages agree.

use crate::session::hits::Hits;
use crate::suite::{Expected, SuiteCell};
use anyhow::{bail, ensure};
use libpi::cpus::CpuCount;
use libpi::known::COUNTS;
use libpi::{Catalog, Generator, Level, Samples};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number of samples after which the harness checks for an interruption.
const SPAN: u64 = 1 << 26;

/// The counts of generators. A count that is not known is computed once.
pub struct Counts<'a> {
    catalog: &'a Catalog,
    interrupted: &'a AtomicBool,
    computed: BTreeMap<(Generator, u64, u64), u64>,
}

impl<'a> Counts<'a> {
    pub fn new(catalog: &'a Catalog, interrupted: &'a AtomicBool) -> Self {
        Self { catalog, interrupted, computed: BTreeMap::new() }
    }

    /// The hits that every run of a cell must count. Returns nothing after an interruption.
    ///
    /// # Errors
    /// If two languages disagree, or if one of them cannot count.
    pub fn of(&mut self, cell: &SuiteCell, count: u64) -> anyhow::Result<Option<Hits>> {
        Ok(match cell.expected {
            Expected::NearPi => Some(Hits::NearPi),
            Expected::Count => Some(Hits::Exactly(count)),
            Expected::Hits(hits) => Some(Hits::Exactly(hits)),
            Expected::Generator(generator) => {
                self.of_generator(generator, cell.seed, count)?.map(Hits::Exactly)
            }
        })
    }

    fn of_generator(
        &mut self,
        generator: Generator,
        seed: u64,
        count: u64,
    ) -> anyhow::Result<Option<u64>> {
        let known = COUNTS.iter().find(|known| {
            (known.generator, known.seed, known.first, known.count) == (generator, seed, 0, count)
        });
        if let Some(known) = known {
            return Ok(Some(known.hits));
        }
        let key = (generator, seed, count);
        if let Some(hits) = self.computed.get(&key) {
            return Ok(Some(*hits));
        }
        let samples = Samples::new(0, count)?;
        // The two counts use different languages, levels, drivers and parts, so they share no code.
        let base = format!("rust@{}", Level::Base);
        let rust = self.count(generator, &base, "serial", seed, samples)?;
        let c = self.count(generator, "c", "threads", seed, samples)?;
        let Some((rust, c)) = rust.zip(c) else { return Ok(None) };
        if rust != c {
            bail!(
                "rust counts {rust} hits of {count} samples of {generator}, c counts {c}: run \
                 `pi verify {generator}`"
            );
        }
        ensure!(rust <= count, "{rust} hits of {count} samples of {generator}");
        self.computed.insert(key, rust);
        Ok(Some(rust))
    }

    /// Counts the samples. A driver other than `serial` runs on all usable CPUs.
    fn count(
        &self,
        generator: Generator,
        kernel: &str,
        driver: &str,
        seed: u64,
        samples: Samples,
    ) -> anyhow::Result<Option<u64>> {
        let kernel = self.catalog.kernel(generator, kernel)?;
        let driver = self.catalog.driver(driver)?;
        let usable = CpuCount::of_this_process().usable.min(libpi::MAX_THREADS);
        let threads = if driver.name() == "serial" { 1 } else { usable };
        let mut hits = 0u64;
        for span in samples.spans(SPAN) {
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(None);
            }
            hits = hits.wrapping_add(kernel.hits(driver, seed, span, threads)?);
        }
        Ok(Some(hits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_computed() {
        let going_on = AtomicBool::new(false);
        let mut counts = Counts::new(Catalog::here(), &going_on);
        let known = counts.of_generator(Generator::Philox, 42, 1_000_000).unwrap();
        assert_eq!((known, counts.computed.len()), (Some(785_987), 0));
        // [0, 2000000) is [0, 999999) and a known range; [0, 999999) is not known either.
        let computed = counts.of_generator(Generator::Philox, 42, 2_000_000).unwrap();
        assert_eq!(counts.computed.len(), 1);
        let rest = COUNTS.iter().find(|k| k.first == 999_999).unwrap();
        let first = counts.of_generator(Generator::Philox, 42, 999_999).unwrap();
        assert_eq!(computed, first.map(|first| first + rest.hits));
    }

    #[test]
    fn counting_ends_at_an_interruption() {
        let interrupted = AtomicBool::new(true);
        let mut counts = Counts::new(Catalog::here(), &interrupted);
        assert_eq!(counts.of_generator(Generator::Philox, 42, 1 << 63).unwrap(), None);
    }

    #[test]
    fn languages_that_disagree_are_an_error() {
        use libpi::{Kernel, KernelFn};
        extern "C" fn none(_: u64, _: u64, _: u64) -> u64 {
            0
        }
        extern "C" fn all(_: u64, _: u64, count: u64) -> u64 {
            count
        }
        // SAFETY: both functions are pure and take any seed.
        let kernel = |name, function: KernelFn| unsafe {
            Kernel::new(Generator::Philox, name, Level::Base, function)
        };
        let catalog = Catalog::of(vec![kernel("rust", none), kernel("c", all)]);
        let going_on = AtomicBool::new(false);
        let mut counts = Counts::new(&catalog, &going_on);
        let error = counts.of_generator(Generator::Philox, 42, 5).unwrap_err();
        assert!(error.to_string().contains("rust counts 0"), "{error}");
    }
}
