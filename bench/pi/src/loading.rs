//! The options that load kernels from shared libraries, and what is checked before one counts.

use crate::early_end;
use crate::job::ranks::Ranks;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use libpi::known::KnownCount;
use libpi::{Catalog, Driver, Generator, Kernel};
use pi_harness::failure::CheckFailed;
use pi_harness::loaded::{self, Loads, Wanted, problem, ranges};
use std::borrow::Cow;

/// The kernels to load.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Load {
    /// Load a kernel of your own: NAME is its name in cells, FILE a shared library, SYMBOL a function in it,
    /// uint64_t SYMBOL(uint64_t seed, uint64_t first, uint64_t count). The option may be given several times
    #[arg(long, value_name = "NAME=FILE:SYMBOL",
          value_parser = OsStringValueParser::new().try_map(|text| Wanted::parse(&text)))]
    load: Vec<Wanted>,
}

/// The kernels to load, and what they count.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LoadFor {
    #[command(flatten)]
    load: Load,

    /// What the loaded kernels count: philox, npb, xoshiro, textbook, or a name of your own for a problem
    /// of your own. GENERATOR/NAME=FILE:SYMBOL says it for one kernel [default: philox]
    #[arg(long, value_name = "GENERATOR", requires = "load", value_parser = parse_problem)]
    generator: Option<Generator>,
}

/// The name of a generator or of a problem.
pub(crate) fn parse_problem(name: &str) -> Result<Generator, String> {
    problem(name).map_err(|error| error.to_string())
}

impl LoadFor {
    /// The kernels to load, each with what it counts if the command line says so.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        self.load.wanted(self.generator)
    }

    /// # Errors
    /// The errors of [`Loads::load`].
    pub(crate) fn load(&self) -> anyhow::Result<Loads> {
        self.load.load(self.generator)
    }
}

impl Load {
    /// Loads the kernels. Call it before this process starts threads.
    ///
    /// # Errors
    /// The errors of [`Loads::load`].
    pub(crate) fn load(&self, generator: Option<Generator>) -> anyhow::Result<Loads> {
        self.refuse_early_end();
        Loads::load(self.wanted(generator), loaded::load)
    }

    /// Loads the kernels in a process that may end.
    ///
    /// # Errors
    /// The errors of [`Loads::load`].
    pub(crate) fn load_untried(&self) -> anyhow::Result<Loads> {
        self.refuse_early_end();
        Loads::load(self.load.clone(), loaded::load_untried)
    }

    /// Their code runs in this process, and may end it.
    fn refuse_early_end(&self) {
        if !self.load.is_empty() {
            early_end::refuse();
        }
    }

    fn wanted(&self, generator: Option<Generator>) -> Vec<Wanted> {
        let counting =
            |one: &Wanted| Wanted { generator: one.generator.or(generator), ..one.clone() };
        self.load.iter().map(counting).collect()
    }
}

/// The place in this program that `pi runner` comes to when it has loaded its kernels. `pi audit` stops it
/// there.
#[inline(never)]
pub(crate) extern "C" fn kernels_are_loaded() {
    std::hint::black_box(());
}

/// The catalog, with the loaded kernels if all ranks have loaded the same files.
///
/// # Errors
/// If a rank could not load them, or has loaded other files.
pub(crate) fn agreed<'a>(
    catalog: &'a Catalog,
    loads: anyhow::Result<Loads>,
    ranks: &Ranks,
) -> anyhow::Result<Cow<'a, Catalog>> {
    let loads = ranks.agree(loads)?;
    if loads.0.is_empty() {
        return Ok(Cow::Borrowed(catalog));
    }
    ranks.agree_on("the files of the loaded kernels", &loads.hashes())?;
    Ok(Cow::Owned(loads.catalog(catalog)))
}

/// The largest known count that is checked before a loaded kernel counts: this takes a moment only.
const SHORT: u64 = 1 << 18;

/// Checks a loaded kernel that counts a generator of libpi against short known counts.
///
/// # Errors
/// If a count is wrong.
pub(crate) fn ensure_right(kernel: &Kernel, serial: &Driver) -> anyhow::Result<()> {
    let is_loaded = kernel.level().is_none();
    if !is_loaded {
        return Ok(());
    }
    let generator = kernel.generator();
    for known in KnownCount::up_to(SHORT, generator) {
        let hits = kernel.hits(serial, known.seed, known.samples(), 1)?;
        if let Some(wrong) = ranges::difference(&known, hits) {
            let name = kernel.full_name();
            return Err(CheckFailed(format!(
                "kernel {generator}/{name} is wrong: {wrong}; `pi verify {generator}/{name} --load …` makes \
                 all checks; a problem of your own needs --generator NAME"
            ))
            .into());
        }
    }
    Ok(())
}
