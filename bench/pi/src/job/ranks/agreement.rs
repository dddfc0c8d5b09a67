//! How the ranks of a job agree. They compare hashes, which takes one message whatever their number, and
//! send texts only if something differs.

use super::Ranks;
use crate::failure::{Agreed, exit_code};
use anyhow::anyhow;
use pi_harness::shown::readable;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsString;

impl Ranks {
    /// The text of the lowest rank that has one.
    pub(crate) fn first(&self, mine: Option<String>) -> Option<String> {
        let [first] = self.firsts([mine]);
        first
    }

    /// Of each text the one of the lowest rank that has it.
    pub(crate) fn firsts<const N: usize>(&self, mine: [Option<String>; N]) -> [Option<String>; N] {
        let lowest = self.everyone().lowest(mine.each_ref().map(Option::is_some));
        let mut lowest = lowest.into_iter();
        mine.map(|text| self.everyone().value_of(lowest.next()??, text))
    }

    /// This rank's value if no rank has an error, else the same error on all ranks.
    ///
    /// # Errors
    /// [`Agreed`], with the error of the lowest rank that has one.
    pub(crate) fn agree<T>(&self, mine: anyhow::Result<T>) -> anyhow::Result<T> {
        if self.size() == 1 {
            return mine;
        }
        let error = mine.as_ref().err().map(|error| (exit_code(error), format!("{error:#}")));
        let [lowest] = self.everyone().lowest([error.is_some()]);
        let Some(rank) = lowest else { return mine };
        let text = error.as_ref().map_or_else(String::new, |(code, text)| format!("{code} {text}"));
        let is_everybodys = self.everyone().is_same(hash(&text));
        let (code, message) = self.everyone().value_of(rank, error.unwrap_or_default());
        let message = if is_everybodys { message } else { format!("rank {rank}: {message}") };
        Err(Agreed { code, message }.into())
    }

    /// What the first rank makes, on all ranks. It makes it alone.
    ///
    /// # Errors
    /// [`Agreed`], with the error of the first rank.
    pub(crate) fn of_first<T: Serialize + DeserializeOwned>(
        &self,
        make: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        if self.world.is_none() {
            return make();
        }
        let own = self
            .is_root()
            .then(|| make().map_err(|error| (exit_code(&error), format!("{error:#}"))));
        let made = self.everyone().value_of(0, own).expect("the first rank made it");
        made.map_err(|(code, message)| Agreed { code, message }.into())
    }

    /// Checks that something is the same on all ranks.
    ///
    /// # Errors
    /// [`Agreed`], which names what differs.
    pub(crate) fn agree_on(&self, what: &str, mine: &str) -> anyhow::Result<()> {
        if self.everyone().is_same(hash(mine)) {
            return Ok(());
        }
        let of_first = self.everyone().value_of(0, mine.to_owned());
        let [other] = self.everyone().lowest([mine != of_first]);
        let rank = other.unwrap_or_default();
        let of_other = self.everyone().value_of(rank, mine.to_owned());
        self.agree(Err(anyhow!(
            "the ranks disagree about {what}: rank 0 has '{of_first}', rank {rank} has '{of_other}'; \
             start all ranks in the same way"
        )))
    }

    /// Checks that all ranks have the same arguments.
    ///
    /// # Errors
    /// The error of [`agree_on`](Self::agree_on).
    pub(crate) fn agree_on_arguments(&self, mine: &[OsString]) -> anyhow::Result<()> {
        let words: Vec<String> = mine.iter().skip(1).map(readable).collect();
        self.agree_on("their arguments", &words.join(" "))
    }
}

/// The hash of a text, the same in every build: FNV-1a of 64 bits.
fn hash(text: &str) -> u64 {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of the algorithm's authors.
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
