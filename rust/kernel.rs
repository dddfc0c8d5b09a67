//! A kernel: a function of one generator, language and level, or why it cannot run here.

use crate::contract::KernelFn;
use crate::drivers::Driver;
use crate::error::{Error, Result};
use crate::generator::Generator;
use crate::level::Level;
use crate::samples::Samples;

/// A kernel of one generator, language and level.
#[derive(Debug, Clone)]
pub struct Kernel {
    generator: Generator,
    name: &'static str,
    level: Level,
    function: std::result::Result<KernelFn, String>,
}

impl Kernel {
    /// A kernel made elsewhere, such as a deliberately wrong one in a test.
    ///
    /// # Safety
    /// The function keeps the rules of [`KernelFn`] and can be called on this CPU with every seed
    /// that suits the generator.
    pub unsafe fn new(
        generator: Generator,
        name: &'static str,
        level: Level,
        function: KernelFn,
    ) -> Self {
        Self { generator, name, level, function: Ok(function) }
    }

    /// A kernel of the table, or why it cannot run here.
    pub(crate) fn or_reason(
        generator: Generator,
        name: &'static str,
        level: Level,
        function: std::result::Result<KernelFn, String>,
    ) -> Self {
        Self { generator, name, level, function }
    }

    /// The generator whose points it counts.
    pub fn generator(&self) -> Generator {
        self.generator
    }

    /// Its name without the level: the language and, if not the plain loop, the manner.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The instruction-set level it was compiled for.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Its full name, `name@level`.
    pub fn full_name(&self) -> String {
        format!("{}@{}", self.name, self.level)
    }

    /// Why it cannot run here, if it cannot.
    pub fn missing(&self) -> Option<&str> {
        self.function.as_ref().err().map(String::as_str)
    }

    /// Counts the hits among the samples, under a driver.
    ///
    /// # Errors
    /// [`Error::Seed`] if the seed does not suit the generator, [`Error::Missing`] if the kernel
    /// or the driver cannot run here, [`Error::Threads`] unless threads are 1 to
    /// [`MAX_THREADS`](crate::MAX_THREADS), [`Error::Spawn`] if they cannot be started.
    pub fn hits(&self, driver: &Driver, seed: u64, samples: Samples, threads: u32) -> Result<u64> {
        self.generator.check_seed(seed)?;
        // SAFETY: the kernel is pure, the CPU has its level, and the seed suits its generator.
        unsafe { driver.hits(self.function()?, seed, samples, threads) }
    }

    /// Its function, to be called as [`KernelFn`] says.
    ///
    /// # Errors
    /// [`Error::Missing`] if it cannot run here.
    pub fn function(&self) -> Result<KernelFn> {
        match &self.function {
            Ok(function) => Ok(*function),
            Err(reason) => Err(Error::Missing {
                name: format!("kernel {}", self.full_name()),
                reason: reason.clone(),
            }),
        }
    }
}
