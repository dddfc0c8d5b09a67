//! Instruction-set levels: the sets of instructions that kernels are compiled for.
//!
//! On x86-64 these are the psABI's microarchitecture levels; elsewhere there is the target's base
//! level alone.

use std::fmt;

/// An instruction-set level. Higher is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// What every CPU of the target has: x86-64 (SSE2), or the architecture's own base.
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

    /// Its name in cells and on the command line.
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

    /// The instruction-set extensions that this CPU lacks of the level's.
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
/// `at_level`. The function must be `#[inline(always)]`, as must all it calls in its loops, so that
/// its body is compiled anew with each level's instructions. No hot loop may hide in a closure,
/// which would be a function of its own, compiled for the base level.
///
/// The features are those of gcc's and clang's -march=x86-64-v3 and -march=x86-64-v4.
macro_rules! kernel_at_levels {
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
