//! The answers of parts of a count, put together.

use crate::loading::parse_problem;
use libpi::{Generator, Samples};
use pi_harness::number::counted;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// What is read of an answer of `pi sample` or `pi merge`.
#[derive(Debug, Deserialize)]
pub(super) struct Piece {
    generator: String,
    seed: u64,
    first: u64,
    count: u64,
    hits: u64,
    exact: bool,
    /// The samples that were to be counted, from the first on.
    wanted: Option<u64>,
    /// The range of which this is a part.
    shard: Option<Whole>,
    /// The keys that the sum does not need.
    #[serde(flatten)]
    others: HashMap<String, IgnoredAny>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Whole {
    first: u64,
    count: u64,
}

/// Answers that were read one by one.
#[derive(Default)]
pub(super) struct Pieces {
    kind: Option<Kind>,
    sources: Vec<Source>,
    counted: Vec<Counted>,
    /// From where to where the answers together should reach.
    reach: Option<(u128, u128)>,
    pub(super) hits: u128,
    pub(super) answers: usize,
}

/// Where answers come from.
struct Source {
    name: String,
    answers: usize,
}

/// What all answers have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) generator: Generator,
    pub(super) seed: u64,
}

/// A range that was counted, `from` up to, but not including, `to`.
struct Counted {
    from: u128,
    to: u128,
    /// The index of its source.
    source: usize,
    /// Its number among the answers of its source, from 1.
    answer: usize,
}

impl Pieces {
    /// The answers after this come from the source with this name.
    pub(super) fn begin(&mut self, name: &str) {
        self.sources.push(Source { name: name.to_owned(), answers: 0 });
    }

    /// Adds an answer of the last source.
    ///
    /// # Errors
    /// Why it cannot be added to the others.
    pub(super) fn add(&mut self, piece: &Piece) -> Result<(), String> {
        let source = self.sources.len() - 1;
        self.sources[source].answers += 1;
        let kind = piece.check()?;
        if let Some(known) = self.kind.filter(|known| *known != kind) {
            return Err(format!(
                "it has generator {}, seed {}; {} has generator {}, seed {}: only answers with the same \
                 generator and seed can be added up",
                kind.generator, kind.seed, self.sources[0].name, known.generator, known.seed
            ));
        }
        self.kind = Some(kind);
        self.answers += 1;
        self.hits += u128::from(piece.hits);
        let from = u128::from(piece.first);
        let to = from + u128::from(piece.count);
        // A shard may be empty, and says nothing of where it lies.
        if piece.wanted.unwrap_or(piece.count) > 0 {
            self.should_reach(from, from + u128::from(piece.wanted.unwrap_or(piece.count)));
        }
        if let Some(whole) = piece.shard.filter(|whole| whole.count > 0) {
            let first = u128::from(whole.first);
            self.should_reach(first, first + u128::from(whole.count));
        }
        if piece.count > 0 {
            let answer = self.sources[source].answers;
            self.counted.push(Counted { from, to, source, answer });
        }
        Ok(())
    }

    fn should_reach(&mut self, from: u128, to: u128) {
        let (first, end) = self.reach.unwrap_or((from, to));
        self.reach = Some((first.min(from), end.max(to)));
    }

    /// What the answers have in common, and their range.
    ///
    /// # Errors
    /// If samples are missing or were counted twice, or if there are no answers.
    pub(super) fn whole(&mut self) -> Result<(Kind, u128, u128), String> {
        let kind = self.kind.ok_or("there are no answers to merge")?;
        self.counted.sort_by_key(|counted| (counted.from, counted.to));
        self.check_once()?;
        let (from, to) = self.reach.unwrap_or((0, 0));
        let gaps = self.gaps(from, to);
        if gaps.is_empty() {
            return Ok((kind, from, to));
        }
        let missing = gaps.iter().map(|(from, to)| to - from).sum::<u128>();
        let commands: Vec<String> =
            gaps.iter().map(|(from, to)| command(kind, *from, *to)).collect();
        Err(format!(
            "{missing} of {} {} missing; to count them:\n{}",
            counted(to - from, "sample"),
            if missing == 1 { "is" } else { "are" },
            commands.join("\n")
        ))
    }

    fn check_once(&self) -> Result<(), String> {
        let mut last: Option<&Counted> = None;
        for next in &self.counted {
            if let Some(last) = last.filter(|last| next.from < last.to) {
                let twice = next.to.min(last.to) - next.from;
                return Err(format!(
                    "{} and {} both have the {} from sample {} on: leave one of them out",
                    self.shown(last),
                    self.shown(next),
                    counted(twice, "sample"),
                    next.from
                ));
            }
            last = Some(next);
        }
        Ok(())
    }

    /// The answer that has this range.
    fn shown(&self, counted: &Counted) -> String {
        let Source { name, answers } = &self.sources[counted.source];
        match answers {
            1 => name.clone(),
            _ => format!("{name}, answer {},", counted.answer),
        }
    }

    /// The ranges that nobody counted.
    fn gaps(&self, from: u128, to: u128) -> Vec<(u128, u128)> {
        let ends = self.counted.iter().map(|counted| (counted.from, counted.to)).chain([(to, to)]);
        let mut at = from;
        let mut gaps = Vec::new();
        for (first, end) in ends {
            if first > at {
                gaps.push((at, first));
            }
            at = end;
        }
        gaps
    }
}

impl Piece {
    /// Checks the answer by itself.
    fn check(&self) -> Result<Kind, String> {
        if self.others.contains_key("pi_checkpoint") {
            return Err(
                "it is a checkpoint, which need not be complete: `pi sample --resume FILE --json` \
                        counts the rest and prints the answer"
                    .to_owned(),
            );
        }
        let generator = parse_problem(&self.generator)?;
        if !self.exact || !generator.is_exact() {
            return Err(format!(
                "a count of {generator} is statistical: it depends on how the range is split, so counts of \
                 parts cannot be added up"
            ));
        }
        generator.check_seed(self.seed).map_err(|error| error.to_string())?;
        if self.hits > self.count {
            return Err(format!("it has {} hits among {} samples", self.hits, self.count));
        }
        let wanted = self.wanted.unwrap_or(self.count);
        if wanted < self.count {
            return Err(format!("it counted {} samples of {wanted}", self.count));
        }
        let range = |first, count| Samples::new(first, count).map_err(|error| error.to_string());
        range(self.first, wanted)?;
        if let Some(whole) = self.shard {
            range(whole.first, whole.count)?;
            let end = |first, count| u128::from(first) + u128::from(count);
            let is_inside = whole.first <= self.first
                && end(self.first, wanted) <= end(whole.first, whole.count);
            if wanted > 0 && !is_inside {
                return Err("it is a shard of a range in which it does not lie".to_owned());
            }
        }
        Ok(Kind { generator, seed: self.seed })
    }
}

/// The command that counts this range.
fn command(kind: Kind, from: u128, to: u128) -> String {
    let Kind { generator, seed } = kind;
    // A count has 64 bits, and so the range of all samples takes one more command.
    let count = (to - from).min(u64::MAX.into());
    let load = if generator.is_problem() { " --load NAME=FILE:SYMBOL" } else { "" };
    format!(
        "  pi sample -n {count} --first {from} --generator {generator} --seed {seed}{load} --json"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(samples: Samples, whole: Samples) -> Piece {
        Piece {
            generator: "philox".to_owned(),
            seed: 42,
            first: samples.first(),
            count: samples.count(),
            hits: samples.count() / 3,
            exact: true,
            wanted: None,
            shard: Some(Whole { first: whole.first(), count: whole.count() }),
            others: HashMap::new(),
        }
    }

    fn merged(pieces: &[Piece]) -> Result<(u128, u128, u128), String> {
        let mut all = Pieces::default();
        for (number, piece) in pieces.iter().enumerate() {
            all.begin(&format!("'{number}.json'"));
            all.add(piece)?;
        }
        all.whole().map(|(_, from, to)| (from, to, all.hits))
    }

    proptest! {
        #[test]
        fn shards_in_any_order_are_the_whole_and_a_missing_or_doubled_one_is_named(
            first in any::<u64>(), length in any::<u64>(), shift in 0u32..64, parts in 1u64..100,
            order in any::<u64>(), victim in any::<prop::sample::Index>(),
        ) {
            let count = (length >> shift).min(first.wrapping_neg().wrapping_sub(1));
            let whole = Samples::new(first, count).unwrap();
            let mut pieces: Vec<Piece> =
                (0..parts).map(|part| piece(whole.part(part, parts), whole)).collect();
            fastrand::Rng::with_seed(order).shuffle(&mut pieces);
            let (from, to, hits) = merged(&pieces).unwrap();
            prop_assert_eq!(hits, pieces.iter().map(|piece| u128::from(piece.hits)).sum::<u128>());
            prop_assert_eq!(to - from, u128::from(count));

            let victim = victim.index(pieces.len());
            let is_empty = pieces[victim].count == 0;
            pieces.push(piece(Samples::new(pieces[victim].first, pieces[victim].count).unwrap(), whole));
            let twice = merged(&pieces);
            prop_assert_eq!(is_empty, twice.is_ok());
            if let Err(said) = twice {
                let names = [victim, pieces.len() - 1].map(|number| format!("'{number}.json'"));
                prop_assert!(names.iter().all(|name| said.contains(name)), "{}", said);
            }
            pieces.pop();
            let lost = pieces.swap_remove(victim);
            if lost.count > 0 && !pieces.is_empty() {
                let said = merged(&pieces).unwrap_err();
                let command = format!("pi sample -n {} --first {} ", lost.count, lost.first);
                prop_assert!(said.contains(&command), "{}", said);
            }
        }
    }

    #[test]
    fn consecutive_ranges_are_merged_and_the_rest_of_a_stopped_one_is_missing() {
        let range = |first, count, wanted| Piece {
            wanted: Some(wanted),
            shard: None,
            ..piece(Samples::new(first, count).unwrap(), Samples::new(first, count).unwrap())
        };
        assert_eq!(merged(&[range(30, 9, 9), range(0, 30, 30)]), Ok((0, 39, 13)));
        let said = merged(&[range(10, 5, 20), range(0, 10, 10)]).unwrap_err();
        assert!(said.contains("15 of 30 samples are missing"), "{said}");
        assert!(said.contains("pi sample -n 15 --first 15 --generator philox --seed 42"), "{said}");
        assert_eq!(
            merged(&[range(10, 5, 20), range(0, 10, 10), range(15, 15, 15)]),
            Ok((0, 30, 9))
        );
        assert_eq!(merged(&[range(u64::MAX, 1, 1), range(u64::MAX - 3, 3, 3)]), {
            Ok((u128::from(u64::MAX) - 3, 1 << 64, 1))
        });
    }

    #[test]
    fn what_cannot_be_added_up_is_refused() {
        let whole = Samples::new(0, 100).unwrap();
        let good = || piece(whole, whole);
        for (bad, words) in [
            (Piece { hits: 101, ..good() }, "101 hits among 100"),
            (Piece { seed: 43, ..good() }, "seed 43; '0.json' has generator philox, seed 42"),
            (Piece { generator: "xoshiro".to_owned(), ..good() }, "generator xoshiro"),
            (Piece { generator: "a/b".to_owned(), ..good() }, "'a/b'"),
            (Piece { generator: "primes".to_owned(), ..good() }, "generator primes, seed 42; '0"),
            (Piece { generator: "textbook".to_owned(), exact: false, ..good() }, "statistical"),
            (Piece { exact: false, ..good() }, "statistical"),
            (Piece { wanted: Some(99), ..good() }, "100 samples of 99"),
            (Piece { first: u64::MAX, ..good() }, "2^64"),
            (Piece { shard: Some(Whole { first: 1, count: 100 }), ..good() }, "does not lie"),
            (Piece { shard: Some(Whole { first: 9, count: u64::MAX }), ..good() }, "2^64"),
        ] {
            let said = merged(&[good(), bad]).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        assert!(merged(&[]).unwrap_err().contains("no answers"));
    }
}
