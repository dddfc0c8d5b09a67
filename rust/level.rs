//! Instruction-set levels: the sets of instructions for which kernels are compiled.
//!
//! On x86-64 these are the microarchitecture levels of the psABI. Other targets have the base level
//! only.

use crate::error::{Error, Result, escaped};
use crate::fork::remember;
use std::ffi::OsStr;
use std::fmt;
use std::sync::OnceLock;

/// An instruction-set level. A higher level compares as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The instructions that every CPU of the target has: x86-64 (SSE2), or the base of another
    /// architecture.
    Base,
    /// x86-64-v3: AVX2, BMI, FMA.
    #[cfg(target_arch = "x86_64")]
    V3,
    /// x86-64-v4: AVX-512 F, BW, CD, DQ, VL.
    #[cfg(target_arch = "x86_64")]
    V4,
}

/// `(name, is_x86_feature_detected!(name))` for each name.
#[cfg(target_arch = "x86_64")]
macro_rules! detect {
    ($($feature:tt),*) => { [$(($feature, std::arch::is_x86_feature_detected!($feature))),*] };
}

impl Level {
    /// The levels of this architecture, lowest first.
    #[cfg(target_arch = "x86_64")]
    pub const ALL: &[Self] = &[Self::Base, Self::V3, Self::V4];
    /// The levels of this architecture, lowest first.
    #[cfg(not(target_arch = "x86_64"))]
    pub const ALL: &[Self] = &[Self::Base];

    /// The level's name in cells and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Base => "x86-64",
            #[cfg(not(target_arch = "x86_64"))]
            Self::Base => std::env::consts::ARCH,
            #[cfg(target_arch = "x86_64")]
            Self::V3 => "x86-64-v3",
            #[cfg(target_arch = "x86_64")]
            Self::V4 => "x86-64-v4",
        }
    }

    /// The environment variable that caps the level: libpi uses no higher level, as if the CPU did
    /// not have it.
    pub const VARIABLE: &str = "LIBPI_LEVEL";

    /// The cap that [`VARIABLE`](Self::VARIABLE) sets, if it is set. A process reads it once.
    ///
    /// # Errors
    /// [`Error::Variable`] if the value is not a level of this architecture.
    pub fn cap() -> Result<Option<Self>> {
        static CAP: OnceLock<Result<Option<Level>>> = OnceLock::new();
        remember(&CAP, || Self::cap_in(std::env::var_os(Self::VARIABLE).as_deref())).clone()
    }

    /// Parses a value of the variable. An empty value counts as not set.
    fn cap_in(value: Option<&OsStr>) -> Result<Option<Self>> {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
        let level = Self::ALL.iter().find(|level| value == level.name());
        level.copied().map(Some).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|level| level.name()).collect();
            Error::Variable {
                variable: Self::VARIABLE,
                value: escaped(value),
                rule: format!("one of {}", names.join(", ")),
            }
        })
    }

    /// The highest level that may be used here.
    pub fn best() -> Self {
        let usable = Self::ALL.iter().filter(|level| level.missing().is_none());
        usable.max().copied().unwrap_or(Self::Base)
    }

    /// Why the level cannot be used here; none if it can. The CPU may lack some of its
    /// instructions, or [`VARIABLE`](Self::VARIABLE) may forbid it.
    pub fn missing(self) -> Option<String> {
        let missing = self.missing_features();
        if !missing.is_empty() {
            return Some(format!(
                "this CPU has {} and lacks {}; use a lower level",
                Self::best_of_cpu(),
                missing.join(", ")
            ));
        }
        match Self::cap() {
            Err(error) => Some(error.to_string()),
            Ok(Some(cap)) if self > cap => Some(format!(
                "{}={cap} allows no higher level; unset it or use a lower level",
                Self::VARIABLE
            )),
            Ok(_) => None,
        }
    }

    /// The highest level of which this CPU lacks nothing.
    fn best_of_cpu() -> Self {
        let has = |level: &&Self| level.missing_features().is_empty();
        Self::ALL.iter().rfind(has).copied().unwrap_or(Self::Base)
    }

    /// The instruction-set extensions of the level that this CPU lacks.
    pub fn missing_features(self) -> Vec<&'static str> {
        #[cfg(target_arch = "x86_64")]
        {
            let v3 =
                detect!("avx2", "bmi1", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt", "xsave");
            let v4 = detect!("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");
            let features = match self {
                Self::Base => vec![],
                Self::V3 => v3.to_vec(),
                Self::V4 => [&v3[..], &v4].concat(),
            };
            features.into_iter().filter(|(_, present)| !present).map(|(name, _)| name).collect()
        }
        #[cfg(not(target_arch = "x86_64"))]
        Vec::new()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Makes the kernels `base`, `v3` and `v4` of a Rust function, one per level, in a module
/// `at_level`. The function and everything that it calls in its loops must be `#[inline(always)]`,
/// so that the body is compiled again with the instructions of each level. A hot loop must not be
/// in a closure, because a closure is a function of its own, compiled for the base level.
///
/// The features are those that gcc and clang enable for -march=x86-64-v3 and -march=x86-64-v4.
///
/// A kernel that is vectorised by hand has a function for each set of vectors instead, and no
/// kernel at x86-64's base level. The function takes the vectors, which only code with their
/// features can make.
macro_rules! kernel_at_levels {
    (neon: $neon:expr, avx2: $avx2:expr, avx512: $avx512:expr) => {
        pub(crate) mod at_level {
            use super::*;
            use crate::simd::*;

            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            pub(crate) extern "C" fn base(seed: u64, first: u64, count: u64) -> u64 {
                $neon(Neon::new(), seed, first, count)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,f16c,fma,lzcnt,movbe,popcnt,xsave")]
            pub(crate) extern "C" fn v3(seed: u64, first: u64, count: u64) -> u64 {
                $avx2(Avx2::new(), seed, first, count)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,f16c,fma,lzcnt,movbe,popcnt,xsave")]
            #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
            pub(crate) extern "C" fn v4(seed: u64, first: u64, count: u64) -> u64 {
                $avx512(Avx512::new(), seed, first, count)
            }
        }
    };
    ($base:expr, $v3:expr, $v4:expr) => {
        pub(crate) mod at_level {
            use super::*;

            pub(crate) extern "C" fn base(seed: u64, first: u64, count: u64) -> u64 {
                $base(seed, first, count)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,f16c,fma,lzcnt,movbe,popcnt,xsave")]
            pub(crate) extern "C" fn v3(seed: u64, first: u64, count: u64) -> u64 {
                $v3(seed, first, count)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,f16c,fma,lzcnt,movbe,popcnt,xsave")]
            #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
            pub(crate) extern "C" fn v4(seed: u64, first: u64, count: u64) -> u64 {
                $v4(seed, first, count)
            }
        }
    };
}
pub(crate) use kernel_at_levels;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_a_level_by_its_name() {
        assert_eq!(Level::cap_in(None), Ok(None));
        assert_eq!(Level::cap_in(Some(OsStr::new(""))), Ok(None));
        for &level in Level::ALL {
            assert_eq!(Level::cap_in(Some(OsStr::new(level.name()))), Ok(Some(level)));
        }
    }

    #[test]
    fn another_cap_is_an_error_with_the_levels_in_it() {
        use std::os::unix::ffi::OsStrExt;
        for value in ["x86-64-v5", "v3", "X86-64", " ", "auto"] {
            let error = Level::cap_in(Some(OsStr::new(value))).unwrap_err().to_string();
            assert!(error.starts_with(&format!("LIBPI_LEVEL={value}: ")), "{error}");
            assert!(Level::ALL.iter().all(|level| error.contains(level.name())), "{error}");
        }
        let error = Level::cap_in(Some(OsStr::from_bytes(b"v3\xff\n\x1b[1m\xc3\xa9"))).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with(r"LIBPI_LEVEL=v3\xff\n\u{1b}[1mé: "), "{error}");
    }
}
