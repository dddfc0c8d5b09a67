//! The catalog: every kernel and driver, with the reason for each one that cannot run here.

use crate::blocks::Blocks;
use crate::cell::{CellName, split_level};
use crate::contract::{KernelFn, check_threads};
use crate::cpus::default_threads;
use crate::drivers::{self, Driver};
use crate::error::{Error, Result};
use crate::fork::remember;
use crate::generator::Generator;
use crate::kernel::Kernel;
use crate::level::Level;
use std::sync::OnceLock;

/// All kernels and drivers.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The kernels, sorted by generator, then by preference, then by level from the lowest.
    pub kernels: Vec<Kernel>,
    /// The drivers.
    pub drivers: Vec<Driver>,
}

/// The name with which libpi chooses the kernel or the driver.
pub const AUTO: &str = "auto";

/// Below this many samples, starting threads costs more time than it saves.
const WORTH_THREADS: u64 = 1_000_000;

impl Catalog {
    /// The catalog of this build on this CPU.
    #[inline]
    pub fn here() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        remember(&CATALOG, || Self::of(all_kernels()))
    }

    /// A catalog of these kernels with all drivers.
    pub fn of(kernels: Vec<Kernel>) -> Self {
        Self { kernels, drivers: drivers::all() }
    }

    /// A catalog that has these kernels too, after its own.
    pub fn with(&self, more: impl IntoIterator<Item = Kernel>) -> Self {
        let kernels = self.kernels.iter().cloned().chain(more).collect();
        Self { kernels, drivers: self.drivers.clone() }
    }

    /// The generators of libpi, then the problems that other kernels count.
    pub fn generators(&self) -> Vec<Generator> {
        let mut generators = Generator::ALL.to_vec();
        for generator in self.kernels.iter().map(Kernel::generator) {
            if !generators.contains(&generator) {
                generators.push(generator);
            }
        }
        generators
    }

    /// The generator, or the problem, with this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none.
    pub fn generator(&self, name: &str) -> Result<Generator> {
        let generators = self.generators();
        let found = generators.iter().find(|generator| generator.name() == name);
        found.copied().ok_or_else(|| {
            unknown("generator", name, generators.iter().map(|generator| generator.name()))
        })
    }

    /// The generator to use when only a kernel's name is given: the first generator that has a
    /// kernel of that name. That is philox for `c` and textbook for `c-textbook`. Unknown names get
    /// philox.
    pub fn generator_of(&self, kernel: &str) -> Generator {
        let (name, _) = split_level(kernel);
        let named = self.kernels.iter().find(|kernel| kernel.name() == name);
        named.map_or(Generator::Philox, |kernel| kernel.generator())
    }

    /// The kernel of a generator with this name: `auto`, `c`, or `c@x86-64-v3` with a level. A name
    /// without a level means the best level that may be used; `auto` means the first kernel that
    /// can run.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a name or a level that does not exist, [`Error::Missing`] for a
    /// kernel that cannot run here, and [`Error::Variable`] from [`Level::cap`].
    pub fn kernel(&self, generator: Generator, name: &str) -> Result<&Kernel> {
        Level::cap()?;
        let (name, level) = split_level(name);
        // Every call by name comes through here, so finding a kernel does not allocate.
        let of_generator = || self.kernels.iter().filter(move |k| k.generator() == generator);
        let named = || of_generator().filter(move |k| name == AUTO || k.name() == name);
        let candidates =
            || named().filter(move |k| level.is_none_or(|l| k.level().map(Level::name) == Some(l)));
        let mut runnable = candidates().filter(|kernel| kernel.missing().is_none());
        if let Some(first) = runnable.next() {
            let same_name = runnable.filter(|kernel| kernel.name() == first.name());
            return Ok(
                same_name.fold(first, |best, k| if k.level() > best.level() { k } else { best })
            );
        }
        Err(match (candidates().next(), named().next()) {
            (Some(kernel), _) => Error::Missing {
                name: format!("kernel {}", kernel.full_name()),
                reason: kernel.missing().unwrap_or_default().to_owned(),
            },
            (None, Some(known)) if known.level().is_some() => {
                let levels = named().filter_map(|kernel| kernel.level().map(Level::name));
                unknown("level", level.unwrap_or_default(), levels)
            }
            (None, Some(known)) => Error::NoLevels {
                kernel: known.name().to_owned(),
                level: level.unwrap_or_default().to_owned(),
            },
            (None, None) => {
                let names = of_generator().map(|kernel| kernel.name());
                unknown("kernel", name, std::iter::once(AUTO).chain(names))
            }
        })
    }

    /// The driver with this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] if no driver has that name, [`Error::Missing`] if this build lacks it.
    #[inline]
    pub fn driver(&self, name: &str) -> Result<&Driver> {
        let driver = self.drivers.iter().find(|driver| driver.name() == name).ok_or_else(|| {
            let names = self.drivers.iter().map(Driver::name);
            unknown("driver", name, std::iter::once(AUTO).chain(names))
        })?;
        match driver.missing() {
            None => Ok(driver),
            Some(reason) => {
                Err(Error::Missing { name: format!("driver {name}"), reason: reason.to_owned() })
            }
        }
    }

    /// Chooses the driver and the number of threads of a run.
    ///
    /// The driver `auto` means `serial` for one thread and `threads` for more, because `threads`
    /// leaves no thread behind. If no number of threads is given, [`default_threads`] decides; but
    /// `auto` takes one thread for fewer than 10^6 samples.
    ///
    /// # Errors
    /// The errors of [`driver`](Self::driver); [`Error::Threads`] for a number that is not 1 to
    /// [`MAX_THREADS`](crate::MAX_THREADS); [`Error::SerialThreads`] for `serial` with a number
    /// that is not 1; [`Error::Variable`] from [`default_threads`].
    #[inline]
    pub fn driver_and_threads(
        &self,
        name: &str,
        threads: Option<i64>,
        count: u64,
    ) -> Result<(&Driver, u32)> {
        self.driver_and_threads_or(name, threads, count, default_threads)
    }

    /// [`driver_and_threads`](Self::driver_and_threads) for a range in blocks. If the caller chose
    /// the length of a block, `auto` takes threads from two blocks on, and no more threads than
    /// blocks.
    ///
    /// # Errors
    /// The errors of [`driver_and_threads`](Self::driver_and_threads).
    pub fn driver_and_threads_for(
        &self,
        name: &str,
        threads: Option<i64>,
        blocks: Blocks,
    ) -> Result<(&Driver, u32)> {
        if !blocks.is_given() {
            return self.driver_and_threads(name, threads, blocks.samples().count());
        }
        let most = u32::try_from(blocks.count()).unwrap_or(u32::MAX);
        let enough = || Ok(default_threads()?.min(if name == AUTO { most } else { u32::MAX }));
        self.choose(name, threads, most >= 2, enough)
    }

    /// [`driver_and_threads`](Self::driver_and_threads), but `default` decides if no number of
    /// threads is given.
    ///
    /// # Errors
    /// The errors of [`driver`](Self::driver) and of `default`; [`Error::Threads`] for a number
    /// that is not 1 to [`MAX_THREADS`](crate::MAX_THREADS); [`Error::SerialThreads`] for `serial`
    /// with a number that is not 1.
    #[inline]
    pub fn driver_and_threads_or(
        &self,
        name: &str,
        threads: Option<i64>,
        count: u64,
        default: impl Fn() -> Result<u32>,
    ) -> Result<(&Driver, u32)> {
        self.choose(name, threads, count >= WORTH_THREADS, default)
    }

    /// Chooses the driver and the number of threads. `default` gives the number if the caller gives
    /// none, but `auto` asks it only if the run is worth threads.
    #[inline]
    fn choose(
        &self,
        name: &str,
        threads: Option<i64>,
        is_worth_threads: bool,
        default: impl Fn() -> Result<u32>,
    ) -> Result<(&Driver, u32)> {
        let asked = threads.map(check_threads).transpose()?;
        if name == AUTO {
            let threads = match asked {
                Some(threads) => threads,
                None if is_worth_threads => default()?,
                None => 1,
            };
            let driver = self.driver(if threads == 1 { "serial" } else { "threads" })?;
            return Ok((driver, threads));
        }
        let driver = self.driver(name)?;
        match asked {
            Some(threads) if driver.is_serial() && threads != 1 => {
                Err(Error::SerialThreads { threads })
            }
            Some(threads) => Ok((driver, threads)),
            None if driver.is_serial() => Ok((driver, 1)),
            None => Ok((driver, default()?)),
        }
    }
}

/// The error for a name that is not among the valid `names`. Each valid name is listed once.
fn unknown<'a>(what: &'static str, name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let mut valid: Vec<String> = Vec::new();
    for name in names {
        if !valid.iter().any(|known| known == name) {
            valid.push(name.to_owned());
        }
    }
    Error::Unknown { what, name: name.to_owned(), valid }
}

/// The name of a cell of the catalog.
pub fn cell_name(kernel: &Kernel, driver: &Driver, ranks: u32, threads: u32) -> CellName {
    CellName {
        generator: kernel.generator().to_string(),
        kernel: kernel.full_name(),
        driver: driver.name().to_owned(),
        ranks,
        threads,
    }
}

/// A kernel's function, or why the build left it out.
type Built = std::result::Result<KernelFn, &'static str>;

/// The rows of rust/table.rs at the levels of this target. The build script writes them.
const ROWS: &[(Generator, &str, Level, Built)] =
    include!(concat!(env!("OUT_DIR"), "/catalog_rows.rs"));

/// All kernels. Those of a generator are in order of preference.
fn all_kernels() -> Vec<Kernel> {
    let kernel = |&(generator, name, level, function): &(_, _, Level, Built)| {
        let function = function
            .map_err(str::to_owned)
            .and_then(|function| level.missing().map_or(Ok(function), Err));
        Kernel::or_reason(generator, name, level, function)
    };
    ROWS.iter().map(kernel).collect()
}
