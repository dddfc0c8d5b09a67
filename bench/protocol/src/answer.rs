//! The answer: a runner writes it, and the harness reads it.

use crate::error::{Error, shortened};
use std::collections::BTreeMap;
use std::fmt;

/// The answer of a runner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Name, version, compiler and so on.
    pub version: String,
    /// Keys and values, in order. A key may occur several times.
    pub info: Vec<(String, String)>,
    /// The timed runs, in order.
    pub runs: Vec<Run>,
}

/// A timed run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Seconds that the call took.
    pub seconds: f64,
    /// What it counted.
    pub hits: u64,
}

/// The largest number of info lines in an answer: enough for one mask per CPU.
const MOST_INFO_LINES: usize = 10_000;

/// The largest size of the version and all info lines together, in bytes. The harness keeps them with
/// every answer.
const MOST_TOLD: usize = 1 << 20;

/// The rule for the time of a run, in words.
pub const A_TIME: &str = "a time is from 1e-9 seconds, a nanosecond, to 1e8, three years";

/// Whether a run can have taken so many seconds. No clock resolves less than a nanosecond, a time near
/// 0 would give an infinite rate, and nobody waits for years.
pub fn is_time(seconds: f64) -> bool {
    (1e-9..=1e8).contains(&seconds)
}

impl Answer {
    /// An answer with this version and without runs.
    pub fn new(version: impl Into<String>) -> Self {
        Self { version: version.into(), ..Self::default() }
    }

    /// Adds an info line.
    pub fn tell(&mut self, key: &str, value: impl fmt::Display) {
        self.info.push((key.to_owned(), value.to_string()));
    }

    /// The values of one key.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.info.iter().filter(move |(other, _)| other == key).map(|(_, value)| &**value)
    }

    /// All keys. If a key occurs several times, its values are joined with `; `.
    pub fn joined(&self) -> BTreeMap<String, String> {
        let mut joined = BTreeMap::<String, String>::new();
        for (key, value) in &self.info {
            let values = joined.entry(key.clone()).or_default();
            if !values.is_empty() {
                values.push_str("; ");
            }
            values.push_str(value);
        }
        joined
    }

    /// Reads an answer that should have this many runs.
    ///
    /// # Errors
    /// If the answer breaks a rule of the protocol, or holds anything else.
    pub fn parse(stdout: &[u8], runs: u32) -> Result<Self, Error> {
        let text = std::str::from_utf8(stdout)
            .map_err(|_| Error::noise("stdout is not valid UTF-8".to_owned()))?;
        let mut answer = Self::default();
        let mut told = 0;
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let rest = rest.trim();
            let broken = |why| Error::protocol(format!("line {number}: {why}"));
            match word {
                "" => {}
                "version" => answer.read_version(rest).map_err(broken)?,
                "info" => answer.info.push(parse_info(rest).map_err(broken)?),
                "run" if answer.version.is_empty() => {
                    return Err(broken("a run comes before the version".to_owned()));
                }
                "run" => answer.runs.push(parse_run(rest).map_err(broken)?),
                _ => {
                    let line = shortened(line);
                    return Err(Error::noise(format!("line {number} on stdout is '{line}'")));
                }
            }
            told += if matches!(word, "version" | "info") { rest.len() } else { 0 };
            if answer.info.len() > MOST_INFO_LINES || told > MOST_TOLD {
                return Err(Error::noise(format!(
                    "line {number}: an answer has at most {MOST_INFO_LINES} info lines, and at \
                     most {MOST_TOLD} bytes in its version and info lines"
                )));
            }
        }
        answer.with_runs(runs)
    }

    fn read_version(&mut self, rest: &str) -> Result<(), String> {
        if rest.is_empty() {
            return Err("there is no text after the word version".to_owned());
        }
        if !self.version.is_empty() {
            return Err("a second version".to_owned());
        }
        rest.clone_into(&mut self.version);
        Ok(())
    }

    /// Returns the answer if it is complete.
    fn with_runs(self, runs: u32) -> Result<Self, Error> {
        if self.version.is_empty() {
            return Err(Error::protocol("there is no version line".to_owned()));
        }
        if self.runs.len() != runs as usize {
            let were = if runs == 1 { "run was" } else { "runs were" };
            let found = self.runs.len();
            return Err(Error::protocol(format!(
                "{runs} {were} requested, the answer has {found}"
            )));
        }
        Ok(self)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, info, runs } = self;
        writeln!(f, "version {version}")?;
        info.iter().try_for_each(|(key, value)| writeln!(f, "info {key} {value}"))?;
        runs.iter().try_for_each(|Run { seconds, hits }| writeln!(f, "run {seconds:.9} {hits}"))
    }
}

fn parse_info(rest: &str) -> Result<(String, String), String> {
    let Some((key, value)) = rest.split_once(char::is_whitespace) else {
        return Err(format!("'info {}' needs a key and a value", shortened(rest)));
    };
    Ok((key.to_owned(), value.trim().to_owned()))
}

fn parse_run(rest: &str) -> Result<Run, String> {
    let mut words = rest.split_whitespace();
    let (Some(seconds), Some(hits), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("'run {}' needs seconds and hits", shortened(rest)));
    };
    let time = seconds.parse::<f64>().ok().filter(|time| is_time(*time));
    let seconds = time.ok_or_else(|| format!("{} is not a time: {A_TIME}", shortened(seconds)))?;
    let hits =
        hits.parse().map_err(|_| format!("'{}' is not a number of hits", shortened(hits)))?;
    Ok(Run { seconds, hits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_good_answer() {
        let text = "version 1.0 of mine\ninfo mask 0\ninfo mask 1\n run  1.5E-02   18446744073709551615\nrun 2 0\n";
        let answer = Answer::parse(text.as_bytes(), 2).unwrap();
        assert_eq!(answer.version, "1.0 of mine");
        assert_eq!(answer.values("mask").collect::<Vec<_>>(), ["0", "1"]);
        assert_eq!(answer.joined()["mask"], "0; 1");
        assert_eq!(answer.runs[0], Run { seconds: 0.015, hits: u64::MAX });
    }

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let mut answer = Answer::new("mine 1.0");
        answer.tell("ranks", 1);
        answer.tell("mask", "0-3");
        answer.tell("mask", 7);
        answer.runs = vec![Run { seconds: 1e-9, hits: 0 }, Run { seconds: 1.5, hits: u64::MAX }];
        let text = answer.to_string();
        assert_eq!(
            text,
            "version mine 1.0\ninfo ranks 1\ninfo mask 0-3\ninfo mask 7\n\
             run 0.000000001 0\nrun 1.500000000 18446744073709551615\n"
        );
        assert_eq!(Answer::parse(text.as_bytes(), 2), Ok(answer));
    }

    #[test]
    fn bad_answers_are_told_apart() {
        use Kind::{Noise, Protocol};
        for (text, kind, words) in [
            ("", Protocol, "no version"),
            ("run 1 1\n", Protocol, "line 1: a run comes before the version"),
            ("version\nrun 1 1\n", Protocol, "no text after the word version"),
            ("version a\nversion b\nrun 1 1\n", Protocol, "line 2: a second version"),
            ("version a\n", Protocol, "1 run was requested, the answer has 0"),
            ("version a\nrun 1 1\nrun 1 1\n", Protocol, "the answer has 2"),
            ("version a\ninfo mask\nrun 1 1\n", Protocol, "key and a value"),
            ("version a\nrun 1\n", Protocol, "seconds and hits"),
            ("version a\nrun 1 1 1\n", Protocol, "seconds and hits"),
            ("version a\nrun 0 1\n", Protocol, "a nanosecond"),
            ("version a\nrun -1 1\n", Protocol, "a nanosecond"),
            ("version a\nrun nan 1\n", Protocol, "a nanosecond"),
            ("version a\nrun inf 1\n", Protocol, "a nanosecond"),
            ("version a\nrun 1e-320 1\n", Protocol, "1e-320 is not a time"),
            ("version a\nrun 9.9e-10 1\n", Protocol, "from 1e-9 seconds"),
            ("version a\nrun 1.1e8 1\n", Protocol, "to 1e8"),
            ("version a\nrun 1 -1\n", Protocol, "not a number of hits"),
            ("version a\nrun 1 1.0\n", Protocol, "not a number of hits"),
            ("version a\nHello\nrun 1 1\n", Noise, "line 2 on stdout is 'Hello'"),
            ("version a\nrunning 1 1\n", Noise, "running"),
        ] {
            let error = Answer::parse(text.as_bytes(), 1).unwrap_err();
            assert_eq!(error.kind, kind, "{text:?}");
            assert!(error.message.contains(words), "{text:?}: {}", error.message);
        }
        assert_eq!(Answer::parse(b"version \xff\n", 1).unwrap_err().kind, Noise);
        assert!(Answer::parse(b"version a\nrun 1e-9 1\n", 1).is_ok());
    }

    #[test]
    fn the_lines_and_bytes_of_an_answer_are_limited() {
        let told =
            |info: String| Answer::parse(format!("version a\n{info}run 1 1\n").as_bytes(), 1);
        let answer = told("info key value\n".repeat(MOST_INFO_LINES)).unwrap();
        let joined = answer.joined();
        assert_eq!(joined["key"].len(), MOST_INFO_LINES * "value; ".len() - "; ".len());
        for info in [
            "info key value\n".repeat(MOST_INFO_LINES + 1),
            format!("info key {}\n", "x".repeat(MOST_TOLD)),
            format!("info {} value\n", "x".repeat(MOST_TOLD)),
            format!("info key {}\n", "x".repeat(MOST_TOLD / 4)).repeat(5),
            "info key value\n".repeat(200_000),
        ] {
            let error = told(info).unwrap_err();
            assert_eq!(error.kind, Kind::Noise);
            assert!(error.message.contains("at most 10000 info lines"), "{}", error.message);
        }
        let version = format!("version {}\nrun 1 1\n", "x".repeat(MOST_TOLD + 1));
        assert_eq!(Answer::parse(version.as_bytes(), 1).unwrap_err().kind, Kind::Noise);
    }
}
