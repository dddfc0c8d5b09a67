//! A checkpoint: what is to be counted and what is done of it, as the text of a file. Its last entry is the
//! checksum of all lines before it, so any change to the file is noticed.

pub(super) mod file;
pub(super) mod keeper;

use super::shard::ShardOf;
use super::work::{Tally, Work, nanoseconds, samples_for};
use crate::loading::parse_problem;
use anyhow::{anyhow, bail, ensure};
use libpi::{Generator, Samples};
use pi_harness::environment::hexadecimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The version of the format.
const SCHEMA: u64 = 1;

/// How every checkpoint begins.
const BEGIN: &str = "{\n  \"pi_checkpoint\": ";

/// The content of the file. The time limit and the time that was spent are in nanoseconds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    pi_checkpoint: u64,
    version: String,
    generator: String,
    seed: u64,
    first: u64,
    count: u64,
    shard: Option<ShardOf>,
    time_limit: Option<u64>,
    precision: Option<String>,
    exact: bool,
    done: u64,
    hits: u64,
    time: u64,
}

/// The part that all schemas share.
#[derive(Deserialize)]
struct Origin {
    pi_checkpoint: u64,
    version: String,
}

/// The text of the checkpoint of this work, of which so much is done.
pub(super) fn text(work: &Work, total: &Tally) -> String {
    let content = Content {
        pi_checkpoint: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        generator: work.generator.name().to_owned(),
        seed: work.seed,
        first: work.samples.first(),
        count: work.samples.count(),
        shard: work.shard,
        time_limit: work.limit.map(nanoseconds),
        precision: work.precision.map(|precision| format!("{precision:e}")),
        exact: work.generator.is_exact(),
        done: total.samples,
        hits: total.hits,
        time: nanoseconds(total.time),
    };
    let json = serde_json::to_string_pretty(&content).expect("plain data can be written");
    sealed(&json)
}

/// A JSON object with the checksum as its last entry.
fn sealed(json: &str) -> String {
    let entries = format!("{},\n", json.trim_end_matches("\n}"));
    let checksum = hexadecimal(&Sha256::digest(&entries));
    format!("{entries}  \"checksum\": \"{checksum}\"\n}}\n")
}

/// The JSON object without its checksum.
///
/// # Errors
/// If the text is not exactly what [`sealed`] makes of it.
fn unsealed(text: &str) -> anyhow::Result<String> {
    let damaged = || {
        anyhow!(
            "it is damaged: its checksum does not belong to its content; use a copy of it, or count from the \
             start"
        )
    };
    let (entries, _) = text.rsplit_once(",\n  \"checksum\": ").ok_or_else(damaged)?;
    let json = format!("{entries}\n}}");
    if sealed(&json) == text { Ok(json) } else { Err(damaged()) }
}

/// The work that a checkpoint describes, with what was counted before.
///
/// # Errors
/// If the text is no checkpoint, or damaged, or of another version, or contradicts itself.
pub(super) fn work_of(text: &[u8]) -> anyhow::Result<Work> {
    let text = str::from_utf8(text).ok().filter(|text| text.starts_with(BEGIN));
    let text = text.ok_or_else(|| anyhow!("it is not a checkpoint of pi sample"))?;
    let json = unsealed(text)?;
    let strange =
        |error| anyhow!("it is not what pi {} writes: {error}", env!("CARGO_PKG_VERSION"));
    let Origin { pi_checkpoint, version } = serde_json::from_str(&json).map_err(strange)?;
    ensure!(
        pi_checkpoint == SCHEMA,
        "pi {version} wrote it in format {pi_checkpoint}, and this pi {} reads format {SCHEMA}: use that \
         version",
        env!("CARGO_PKG_VERSION")
    );
    let content: Content = serde_json::from_str(&json).map_err(strange)?;
    // Whether this pi has kernels for it is found out later.
    let generator = parse_problem(&content.generator).map_err(|why| anyhow!(why));
    let work = generator.and_then(|generator| content.work(generator));
    work.map_err(|why| anyhow!("it contradicts itself: {why:#}"))
}

impl Content {
    fn work(self, generator: Generator) -> anyhow::Result<Work> {
        let Self { seed, first, count, shard, done, hits, .. } = self;
        generator.check_seed(seed)?;
        let samples = Samples::new(first, count)?;
        if !self.exact || !generator.is_exact() {
            bail!("the counts of {generator} cannot be put together");
        }
        ensure!(done <= count, "{done} samples of {count} are done");
        ensure!(hits <= done, "{hits} hits among {done} samples");
        if let Some(of) = shard {
            let part = of.shard().map_err(|why| anyhow!(why))?.part(of.whole()?);
            ensure!(part == samples, "it has other samples than shard {of}");
            ensure!(
                self.precision.is_none() && self.time_limit.is_none(),
                "a shard has neither a precision nor a time limit"
            );
        }
        let precision = self.precision.map(|text| text.parse::<f64>()).transpose()?;
        if let Some(precision) = precision {
            let needed = samples_for(precision, generator, first)?;
            ensure!(
                needed == count,
                "a standard error of {precision:e} needs {needed} samples, not {count}"
            );
        }
        ensure!(
            precision.is_none() || self.time_limit.is_none(),
            "it has a precision and a time limit"
        );
        Ok(Work {
            generator,
            seed,
            samples,
            limit: self.time_limit.map(Duration::from_nanos),
            precision,
            shard,
            before: Tally { hits, samples: done, time: Duration::from_nanos(self.time) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::shard::Shard;

    fn work() -> Work {
        Work {
            generator: Generator::Philox,
            seed: 42,
            samples: Samples::new(7, 1 << 40).unwrap(),
            limit: None,
            precision: None,
            shard: None,
            before: Tally {
                hits: 785_987,
                samples: 1_000_000,
                time: Duration::from_nanos(1_234_567_891),
            },
        }
    }

    fn written(work: &Work) -> String {
        text(work, &work.before)
    }

    fn why(text: &str) -> String {
        format!("{:#}", work_of(text.as_bytes()).unwrap_err())
    }

    #[test]
    fn what_is_written_is_read() {
        let of_time = Work { limit: Some(Duration::from_millis(90_001)), ..work() };
        let count = samples_for(1e-5, Generator::Philox, 7).unwrap();
        let samples = Samples::new(7, count).unwrap();
        let of_precision = Work { precision: Some(1e-5), samples, ..work() };
        let last = Work { samples: Samples::new(1, u64::MAX).unwrap(), ..work() };
        let part = of_shard();
        for work in [work(), of_time, of_precision, last, part] {
            let read = work_of(written(&work).as_bytes()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{work:?}"));
        }
    }

    /// Each byte in turn becomes every other byte, is left out, and comes twice.
    #[test]
    fn any_change_of_a_byte_is_refused() {
        let whole = written(&work()).into_bytes();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            for byte in (0..=255).filter(|&byte| byte != whole[at]) {
                changed[at] = byte;
                assert!(work_of(&changed).is_err(), "byte {at} became {byte}");
            }
            let (before, after) = whole.split_at(at);
            assert!(work_of(&[before, &after[1..]].concat()).is_err(), "without byte {at}");
            assert!(work_of(&[before, &after[..1], after].concat()).is_err(), "byte {at} twice");
            assert!(work_of(before).is_err(), "cut off at {at}");
        }
        assert!(work_of(&[&*whole, b"\n"].concat()).is_err());
    }

    /// The second of three parts of 2^22 samples, from sample 7 on.
    fn of_shard() -> Work {
        let (shard, whole) = ("2/3".parse::<Shard>().unwrap(), Samples::new(7, 1 << 22).unwrap());
        Work { samples: shard.part(whole), shard: Some(shard.of(whole)), ..work() }
    }

    #[test]
    fn a_shard_that_contradicts_its_range_is_refused() {
        for (from, to, reason) in [
            ("\"number\": 2", "\"number\": 1", "other samples than shard 1 of 3"),
            ("\"number\": 2", "\"number\": 0", "numbered from 1 to 3"),
            ("\"of\": 3", "\"of\": 0", "1 or more"),
            ("\"count\": 4194304", "\"count\": 18446744073709551615", "2^64"),
            ("\"time_limit\": null", "\"time_limit\": 5", "neither a precision nor a time limit"),
        ] {
            let why = why(&forged_of(&of_shard(), from, to));
            assert!(why.contains(reason) && why.contains("contradicts itself"), "{to}: {why}");
        }
    }

    /// Checkpoints of before have no entry for shards.
    #[test]
    fn a_checkpoint_without_the_entry_for_shards_is_read() {
        let read = work_of(forged("  \"shard\": null,\n", "").as_bytes()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", work()));
    }

    fn forged(from: &str, to: &str) -> String {
        forged_of(&work(), from, to)
    }

    /// A checkpoint in which this was replaced, with a checksum that suits it.
    fn forged_of(work: &Work, from: &str, to: &str) -> String {
        let json = unsealed(&written(work)).unwrap();
        assert!(json.contains(from), "{json}");
        sealed(&json.replace(from, to))
    }

    #[test]
    fn a_checkpoint_that_contradicts_itself_is_refused_with_the_reason() {
        for (from, to, reason) in [
            (
                "\"done\": 1000000",
                "\"done\": 1099511627777",
                "1099511627777 samples of 1099511627776",
            ),
            ("\"hits\": 785987", "\"hits\": 1000001", "1000001 hits among 1000000 samples"),
            ("\"first\": 7", "\"first\": 18446744073709551615", "2^64"),
            ("\"exact\": true", "\"exact\": false", "cannot be put together"),
            ("\"philox\"", "\"textbook\"", "cannot be put together"),
            ("\"philox\"", "\"npb\"", "odd"),
            ("\"philox\"", "\"a b\"", "'a b'"),
            ("\"philox\"", "\"\"", "''"),
            (
                "\"precision\": null",
                "\"precision\": \"1e-3\"",
                "2696767 samples, not 1099511627776",
            ),
            ("\"precision\": null", "\"precision\": \"few\"", "contradicts itself"),
            ("\"precision\": null", "\"precision\": \"NaN\"", "contradicts itself"),
        ] {
            let why = why(&forged(from, to));
            assert!(why.contains(reason) && why.contains("contradicts itself"), "{to}: {why}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_version_is_refused_with_its_version() {
        let newer = forged("\"pi_checkpoint\": 1", "\"pi_checkpoint\": 2");
        let newer = unsealed(&newer).unwrap().replace(env!("CARGO_PKG_VERSION"), "7.5");
        let why = why(&sealed(&newer.replace("\"hits\"", "\"punched\"")));
        assert!(why.contains("pi 7.5 wrote it in format 2"), "{why}");
    }

    #[test]
    fn entries_that_are_strange_are_refused() {
        for (from, to) in [
            ("\"hits\": 785987", "\"hits\": -1"),
            ("\"hits\": 785987", "\"hits\": 0.5"),
            ("\"seed\": 42", "\"seed\": 42,\n  \"stream\": 1"),
            ("\"seed\": 42", "\"seed\": 42,\n  \"seed\": 43"),
            ("  \"seed\": 42,\n", ""),
        ] {
            let why = why(&forged(from, to));
            assert!(why.contains("not what pi"), "{to}: {why}");
        }
    }
}
