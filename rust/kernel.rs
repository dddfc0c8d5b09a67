//! A kernel: a function for one generator, built in or from outside of libpi, or why it cannot run here.

use crate::contract::KernelFn;
use crate::drivers::Driver;
use crate::error::{Error, Result};
use crate::generator::Generator;
use crate::level::Level;
use crate::samples::Samples;
use std::borrow::Cow;

/// A kernel for one generator, language and level.
#[derive(Debug, Clone)]
pub struct Kernel {
    generator: Generator,
    name: Cow<'static, str>,
    level: Option<Level>,
    function: std::result::Result<KernelFn, String>,
}

impl Kernel {
    /// A kernel that is not in the table: one that was loaded from a library, or a deliberately wrong
    /// one in a test.
    ///
    /// # Safety
    /// The function can be called under the rules of [`KernelFn`], on this CPU, with every seed
    /// that suits the generator.
    pub unsafe fn new(
        generator: Generator,
        name: impl Into<Cow<'static, str>>,
        level: impl Into<Option<Level>>,
        function: KernelFn,
    ) -> Self {
        Self { generator, name: name.into(), level: level.into(), function: Ok(function) }
    }

    /// A kernel from outside of libpi that is missing here, for this reason.
    pub fn absent(
        generator: Generator,
        name: impl Into<Cow<'static, str>>,
        reason: String,
    ) -> Self {
        Self { generator, name: name.into(), level: None, function: Err(reason) }
    }

    /// A kernel of the table, with its function or the reason why it cannot run here.
    pub(crate) fn or_reason(
        generator: Generator,
        name: &'static str,
        level: Level,
        function: std::result::Result<KernelFn, String>,
    ) -> Self {
        Self { generator, name: name.into(), level: Some(level), function }
    }

    /// The generator whose points the kernel counts.
    pub fn generator(&self) -> Generator {
        self.generator
    }

    /// The kernel's name without the level: the language, and a suffix such as `-textbook` if the
    /// kernel is not the plain loop.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instruction-set level for which the kernel was compiled. A kernel from outside of libpi has
    /// none.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// The kernel's full name, `name@level`, or its name alone if it has no level.
    pub fn full_name(&self) -> String {
        self.level.map_or_else(|| self.name.to_string(), |level| format!("{}@{level}", self.name))
    }

    /// Why the kernel cannot run here; none if it can.
    pub fn missing(&self) -> Option<&str> {
        self.function.as_ref().err().map(String::as_str)
    }

    /// Counts the hits among the samples with a driver.
    ///
    /// # Errors
    /// [`Error::Seed`] if the seed does not suit the generator, [`Error::Missing`] if the kernel
    /// or the driver cannot run here, [`Error::Threads`] if the number of threads is not 1 to
    /// [`MAX_THREADS`](crate::MAX_THREADS), [`Error::Spawn`] if the threads cannot be started.
    #[inline]
    pub fn hits(&self, driver: &Driver, seed: u64, samples: Samples, threads: u32) -> Result<u64> {
        self.generator.check_seed(seed)?;
        // SAFETY: the kernel is pure, the CPU has its level, and the seed suits its generator.
        unsafe { driver.hits(self.function()?, seed, samples, threads) }
    }

    /// The kernel's function. [`KernelFn`] states the rules for calling it.
    ///
    /// # Errors
    /// [`Error::Missing`] if the kernel cannot run here.
    #[inline]
    pub fn function(&self) -> Result<KernelFn> {
        self.function.as_ref().copied().map_err(|reason| self.without_function(reason))
    }

    #[cold]
    fn without_function(&self, reason: &str) -> Error {
        Error::Missing { name: format!("kernel {}", self.full_name()), reason: reason.to_owned() }
    }
}
