//! The catalog: every kernel and driver there is, and for each that cannot run here, why.

use crate::cpus::CpuCount;
use crate::drivers::{self, Driver, KernelFn};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::samples::{Generator, Samples};
use crate::{kernels, npb, philox, textbook, xoshiro};
use std::sync::OnceLock;

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

/// All kernels and drivers.
#[derive(Debug)]
pub struct Catalog {
    /// The kernels: by generator, by preference, then by level from the lowest.
    pub kernels: Vec<Kernel>,
    /// The drivers.
    pub drivers: Vec<Driver>,
}

/// The name that leaves the choice of a kernel or a driver to libpi.
pub const AUTO: &str = "auto";

/// Samples below which starting threads costs more than it gives.
const WORTH_THREADS: u64 = 1_000_000;

impl Catalog {
    /// The catalog of this build on this CPU.
    pub fn here() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| Self::of(all_kernels()))
    }

    /// These kernels, under all drivers.
    pub fn of(kernels: Vec<Kernel>) -> Self {
        Self { kernels, drivers: drivers::all() }
    }

    /// The generator meant by a kernel's name alone: philox if it has a kernel of that name, else
    /// the first that does, such as textbook for `c-textbook`; philox for unknown names.
    pub fn generator_of(&self, kernel: &str) -> Generator {
        let name = kernel.split('@').next().unwrap_or_default();
        let named = self.kernels.iter().find(|kernel| kernel.name == name);
        named.map_or(Generator::Philox, |kernel| kernel.generator)
    }

    /// The kernel of a generator by name: `auto`, `c`, or with its level, `c@x86-64-v3`. Without a
    /// level it is the best that the CPU has; `auto` is the first kernel that can run.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a name or a level that does not exist, [`Error::Missing`] for one
    /// that cannot run here.
    pub fn kernel(&self, generator: Generator, name: &str) -> Result<&Kernel> {
        let (name, level) = match name.split_once('@') {
            Some((name, level)) => (name, Some(level)),
            None => (name, None),
        };
        // Nothing is collected: this is on the way of every call by name.
        let of_generator = || self.kernels.iter().filter(move |k| k.generator == generator);
        let named = || of_generator().filter(move |k| name == AUTO || k.name == name);
        let candidates = || named().filter(move |k| level.is_none_or(|l| k.level.name() == l));
        let runnable = || candidates().filter(|kernel| kernel.missing().is_none());
        let preferred = runnable().next().map(|kernel| kernel.name);
        if let Some(best) =
            runnable().filter(|kernel| Some(kernel.name) == preferred).max_by_key(|k| k.level)
        {
            return Ok(best);
        }
        Err(match (candidates().next(), named().next()) {
            (Some(kernel), _) => Error::Missing {
                name: format!("kernel {}", kernel.full_name()),
                reason: kernel.missing().unwrap_or_default().to_owned(),
            },
            (None, Some(_)) => {
                let levels = named().map(|kernel| kernel.level.name());
                unknown("level", level.unwrap_or_default(), levels)
            }
            (None, None) => {
                let names = of_generator().map(|kernel| kernel.name);
                unknown("kernel", name, std::iter::once(AUTO).chain(names))
            }
        })
    }

    /// A driver by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none of that name, [`Error::Missing`] if this build lacks it.
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

    /// Driver and thread count for a run, where either may be left open. `auto` is `serial` for one
    /// thread, else `threads`, which leaves nothing behind. Without a number of threads there is one
    /// for each usable CPU, see [`CpuCount`], but with `auto` one alone for fewer than 10^6 samples.
    ///
    /// # Errors
    /// As [`driver`](Self::driver); [`Error::Threads`] for a number that is not 1 to
    /// [`MAX_THREADS`](crate::MAX_THREADS) or, for `serial`, not 1; [`Error::Variable`] as
    /// [`CpuCount::threads`].
    pub fn driver_and_threads(
        &self,
        name: &str,
        threads: Option<i64>,
        count: u64,
    ) -> Result<(&Driver, u32)> {
        self.driver_and_threads_or(name, threads, count, || CpuCount::of_this_process().threads())
    }

    /// [`driver_and_threads`](Self::driver_and_threads) with another number of threads where none is
    /// given.
    ///
    /// # Errors
    /// As [`driver`](Self::driver) and `default`; [`Error::Threads`] for a number that is not 1 to
    /// [`MAX_THREADS`](crate::MAX_THREADS), [`Error::SerialThreads`] if it is not 1 for `serial`.
    pub fn driver_and_threads_or(
        &self,
        name: &str,
        threads: Option<i64>,
        count: u64,
        default: impl Fn() -> Result<u32>,
    ) -> Result<(&Driver, u32)> {
        let asked = threads.map(drivers::check_threads).transpose()?;
        if name == AUTO {
            let serial = match asked {
                Some(threads) => threads == 1,
                None => count < WORTH_THREADS || default()? == 1,
            };
            let driver = self.driver(if serial { "serial" } else { "threads" })?;
            return Ok((driver, if serial { 1 } else { asked.map_or_else(default, Ok)? }));
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

/// The error for a name that is none of these.
fn unknown<'a>(what: &'static str, name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let mut valid: Vec<String> = Vec::new();
    for name in names {
        if !valid.iter().any(|known| known == name) {
            valid.push(name.to_owned());
        }
    }
    Error::Unknown { what, name: name.to_owned(), valid }
}

/// The name of a cell: what ran, where, on how many ranks and threads.
pub fn cell_name(kernel: &Kernel, driver: &Driver, ranks: u32, threads: u32) -> String {
    format!("{}/{}/{}/{ranks}x{threads}", kernel.generator, kernel.full_name(), driver.name())
}

/// A kernel's function, or why the build left it out.
type Built = std::result::Result<KernelFn, &'static str>;

/// The levels of a kernel in Rust, lowest first.
macro_rules! rust {
    ($generator:ident) => {
        vec![
            Ok($generator::at_level::base),
            #[cfg(target_arch = "x86_64")]
            Ok($generator::at_level::v3),
            #[cfg(target_arch = "x86_64")]
            Ok($generator::at_level::v4),
        ]
    };
}

/// The levels of a kernel in C or Fortran, lowest first.
macro_rules! foreign {
    ($built:ident, $base:ident $(, $higher:ident)*) => {
        vec![
            $built!($base),
            $(#[cfg(target_arch = "x86_64")] $built!($higher),)*
        ]
    };
}

macro_rules! c {
    ($symbol:ident) => {
        Ok(kernels::$symbol)
    };
}

#[cfg(built_fortran)]
macro_rules! fortran {
    ($symbol:ident) => {
        Ok(kernels::$symbol)
    };
}
#[cfg(not(built_fortran))]
macro_rules! fortran {
    ($symbol:ident) => {
        Err(env!("LIBPI_WITHOUT_FORTRAN"))
    };
}

/// All kernels, in the order of preference within a generator: kernels vectorised by hand belong
/// before the plain ones.
#[rustfmt::skip]
fn all_kernels() -> Vec<Kernel> {
    use Generator::{Npb, Philox, Textbook, Xoshiro};
    let table: Vec<(Generator, &'static str, Vec<Built>)> = vec![
        (Philox, "rust", rust!(philox)),
        (Philox, "c", foreign!(c, libpi_k_philox_c_base, libpi_k_philox_c_v3, libpi_k_philox_c_v4)),
        (Philox, "fortran", foreign!(fortran, libpi_k_philox_fortran_base, libpi_k_philox_fortran_v3, libpi_k_philox_fortran_v4)),
        (Npb, "rust", rust!(npb)),
        (Npb, "c", foreign!(c, libpi_k_npb_c_base, libpi_k_npb_c_v3, libpi_k_npb_c_v4)),
        (Npb, "fortran", foreign!(fortran, libpi_k_npb_fortran_base, libpi_k_npb_fortran_v3, libpi_k_npb_fortran_v4)),
        (Xoshiro, "rust", rust!(xoshiro)),
        (Xoshiro, "c", foreign!(c, libpi_k_xoshiro_c_base, libpi_k_xoshiro_c_v3, libpi_k_xoshiro_c_v4)),
        (Xoshiro, "fortran", foreign!(fortran, libpi_k_xoshiro_fortran_base, libpi_k_xoshiro_fortran_v3, libpi_k_xoshiro_fortran_v4)),
        (Textbook, "rust-textbook", vec![Ok(textbook::hits)]),
        (Textbook, "c-textbook", foreign!(c, libpi_k_textbook_c_base)),
        (Textbook, "fortran-textbook", foreign!(fortran, libpi_k_textbook_fortran_base)),
    ];
    let mut kernels = Vec::new();
    for (generator, name, levels) in table {
        for (function, &level) in levels.into_iter().zip(Level::ALL) {
            kernels.push(Kernel { generator, name, level, function: on_this_cpu(function, level) });
        }
    }
    kernels
}

/// The function if this CPU can run it, or the reason why not.
fn on_this_cpu(function: Built, level: Level) -> std::result::Result<KernelFn, String> {
    let function = function?;
    match level.missing_features() {
        missing if missing.is_empty() => Ok(function),
        missing => Err(format!("this CPU lacks {}; take a lower level", missing.join(", "))),
    }
}
