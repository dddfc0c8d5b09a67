//! The hits that a run must count, and the check.

use crate::analysis::kind::Kind;
use crate::number::counted;
use libpi::known::is_plausible;

/// The hits that every run must count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hits {
    /// This number.
    Exactly(u64),
    /// A number near the expected one for pi.
    NearPi,
    /// Any number: the results of these runs are not used.
    Any,
}

/// With fewer samples, a count need not be near the expected one.
const ENOUGH_FOR_PI: u64 = 1_000_000;

impl Hits {
    /// What is wrong with the hits among `count` samples or calls, if anything is: the end of a sentence
    /// that begins with the number of hits.
    pub fn fault(self, kind: Kind, hits: u64, count: u64) -> Option<String> {
        match self {
            Self::Any => None,
            Self::Exactly(right) if hits != right => Some(format!(" instead of {right}")),
            // The answer of a call is not a count, so it may be larger.
            _ if kind != Kind::Crossing && hits > count => {
                Some(format!(" of {}", counted(count, "sample")))
            }
            Self::NearPi if count >= ENOUGH_FOR_PI && !is_plausible(hits, count) => {
                Some(format!(" of {count} samples: more than five sigma from pi"))
            }
            Self::Exactly(_) | Self::NearPi => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_compared_with_what_is_expected() {
        use Hits::{Any, Exactly, NearPi};
        use Kind::{Batch, Crossing, Sample};
        for (expected, kind, hits, count, words) in [
            (Exactly(785), Sample, 785, 1000, None),
            (Exactly(785), Sample, 786, 1000, Some("instead of 785")),
            (Exactly(1000), Sample, 1000, 1000, None),
            (Exactly(1001), Sample, 1001, 1000, Some("of 1000 samples")),
            (Exactly(1001), Batch, 1001, 1000, Some("of 1000 samples")),
            (Exactly(1001), Crossing, 1001, 1000, None),
            (Exactly(1001), Crossing, 7, 1000, Some("instead of 1001")),
            (NearPi, Sample, 3, 1000, None),
            (NearPi, Sample, 1001, 1000, Some("of 1000 samples")),
            (NearPi, Sample, 785_398, 1_000_000, None),
            (NearPi, Sample, 700_000, 999_999, None),
            (NearPi, Sample, 700_000, 1_000_000, Some("five sigma")),
            (Any, Sample, 1001, 1000, None),
        ] {
            let fault = expected.fault(kind, hits, count);
            assert_eq!(fault.is_some(), words.is_some(), "{expected:?} {hits}: {fault:?}");
            assert!(fault.unwrap_or_default().contains(words.unwrap_or_default()), "{hits}");
        }
    }
}
