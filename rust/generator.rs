//! The generators, which make the points, and the seeds that they take.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard};

/// A generator: it makes the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Generator {
    /// Philox4x32-10, counter-based; the default.
    Philox,
    /// The linear congruential generator of the NAS Parallel Benchmarks' EP.
    Npb,
    /// xoshiro256++ in blocks of 65536 samples.
    Xoshiro,
    /// Each language's own generator, used as in a textbook. It is statistical: the count depends
    /// on the language and on how the range is split.
    Textbook,
    /// A problem of the user's own, which kernels from outside of libpi count: a number of indices
    /// in a range that says nothing of pi. [`problem`](Self::problem) makes it from a name.
    Problem(Problem),
}

/// The number of a problem in the order in which they were named. Kernels are looked up by generator in
/// every call, and numbers are compared faster than names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Problem(u32);

impl Problem {
    fn new(name: &str) -> Self {
        let mut names = Self::names();
        let number = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(Box::leak(name.into()));
            names.len() - 1
        });
        Self(number as u32)
    }

    fn name(self) -> &'static str {
        Self::names()[self.0 as usize]
    }

    /// The names of the problems, by number. They are kept until the process ends.
    fn names() -> MutexGuard<'static, Vec<&'static str>> {
        static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        NAMES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The period of the generator of NPB: its points repeat after 2^43 samples.
pub const NPB_PERIOD: u64 = 1 << 43;

impl Generator {
    /// The generators of libpi.
    pub const ALL: [Self; 4] = [Self::Philox, Self::Npb, Self::Xoshiro, Self::Textbook];

    /// The generator of libpi with this name, else the problem of the user's own.
    pub fn problem(name: &str) -> Self {
        name.parse().unwrap_or_else(|_| Self::Problem(Problem::new(name)))
    }

    /// Whether it is a problem of the user's own, whose counts give no estimate of pi.
    pub fn is_problem(self) -> bool {
        matches!(self, Self::Problem(_))
    }

    /// The generator's name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Philox => "philox",
            Self::Npb => "npb",
            Self::Xoshiro => "xoshiro",
            Self::Textbook => "textbook",
            Self::Problem(problem) => problem.name(),
        }
    }

    /// A one-line description.
    pub fn description(self) -> &'static str {
        match self {
            Self::Philox => "Philox4x32-10, counter-based (the default)",
            Self::Npb => "the generator of NAS Parallel Benchmarks EP, with published counts",
            Self::Xoshiro => "xoshiro256++ in blocks of 65536 samples",
            Self::Textbook => {
                "each language's own generator; a statistical baseline whose count depends on the split"
            }
            Self::Problem(_) => "a problem of your own, which loaded kernels count",
        }
    }

    /// Whether the count is the same integer in every language and for every split.
    pub fn is_exact(self) -> bool {
        self != Self::Textbook
    }

    /// The seed that is used if none is given.
    pub fn default_seed(self) -> u64 {
        match self {
            Self::Npb => 271_828_183,
            _ => 42,
        }
    }

    /// The rule for seeds, to follow "it must be".
    pub fn seed_rule(self) -> &'static str {
        match self {
            Self::Npb => "odd and below 2^46 = 70368744177664",
            _ => "a whole number from 0 to 18446744073709551615",
        }
    }

    /// A seed that obeys the rule: `seed` itself if it does, else a seed near to it.
    #[inline]
    fn nearest_seed(self, seed: u64) -> u64 {
        match self {
            Self::Npb => (seed & ((1 << 46) - 1)) | 1,
            _ => seed,
        }
    }

    /// Checks that the generator can start from `seed`.
    ///
    /// # Errors
    /// [`Error::Seed`] if it cannot. Seeds of [`Npb`](Self::Npb) must be odd and below 2^46; the
    /// other generators take any seed.
    #[inline]
    pub fn check_seed(self, seed: u64) -> Result<()> {
        if self.nearest_seed(seed) == seed { Ok(()) } else { Err(self.wrong(seed)) }
    }

    #[cold]
    fn wrong(self, seed: u64) -> Error {
        let (rule, nearest) = (self.seed_rule(), self.nearest_seed(seed));
        Error::Seed { generator: self.name(), seed, rule, nearest }
    }

    /// The number of samples after which the points repeat, if a count can have more.
    pub fn period(self) -> Option<u64> {
        (self == Self::Npb).then_some(NPB_PERIOD)
    }

    /// A warning if the error bar of an estimate from `count` samples does not hold.
    pub fn warning(self, count: u64) -> Option<String> {
        self.period().is_some_and(|period| count > period).then(|| {
            format!(
                "{count} samples of npb repeat points (its period is 2^43 = {NPB_PERIOD} samples): \
                 the standard error and the interval do not hold; use fewer samples or another \
                 generator"
            )
        })
    }
}

impl fmt::Display for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Generator {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|generator| generator.name() == name).ok_or_else(|| {
            Error::Unknown {
                what: "generator",
                name: name.to_owned(),
                valid: Self::ALL.iter().map(Self::to_string).collect(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_of_npb_are_odd_and_below_2_to_the_46() {
        assert!(Generator::Npb.check_seed(1).is_ok());
        assert!(Generator::Npb.check_seed((1 << 46) - 1).is_ok());
        for seed in [0, 42, (1 << 46) + 1, u64::MAX] {
            assert!(Generator::Npb.check_seed(seed).is_err(), "{seed}");
        }
        assert!(Generator::Philox.check_seed(u64::MAX).is_ok());
    }

    #[test]
    fn a_name_that_libpi_does_not_know_is_a_problem() {
        let primes = Generator::problem("primes");
        assert_eq!((primes, primes.name()), (Generator::problem("primes"), "primes"));
        assert_ne!(primes, Generator::problem("twins"));
        assert!(primes.is_problem() && primes.is_exact() && primes.check_seed(0).is_ok());
        let same = |one: Generator, other: Generator| std::ptr::eq(one.name(), other.name());
        assert!(same(primes, Generator::problem(&String::from("primes"))));
        assert_eq!(Generator::problem("npb"), Generator::Npb);
        assert!("primes".parse::<Generator>().is_err());
    }
}
