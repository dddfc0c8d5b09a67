//! The runner protocol, see `bench/PROTOCOL.md`: a request of `key value` lines, and an answer of
//! `version`, `info` and `run` lines.

use crate::results::{BlockError, ErrorKind, Run};
use crate::shown::shortened;
use std::collections::BTreeMap;
use std::fmt;

/// The keys that every request has or may have; other keys are the runner's own.
pub const KEYS: [&str; 11] = [
    "generator",
    "seed",
    "first",
    "count",
    "kernel",
    "driver",
    "ranks",
    "threads",
    "warmup",
    "runs",
    "batch",
];

/// What a runner is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub generator: String,
    pub seed: u64,
    pub first: u64,
    pub count: u64,
    pub kernel: String,
    pub driver: String,
    pub ranks: u32,
    pub threads: u32,
    pub warmup: u32,
    pub runs: u32,
    /// What only some runners understand, such as `batch`.
    pub more: Vec<(String, String)>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generator, seed, first, count, kernel, driver, .. } = self;
        let Self { ranks, threads, warmup, runs, more, .. } = self;
        writeln!(f, "generator {generator}\nseed {seed}\nfirst {first}\ncount {count}")?;
        writeln!(f, "kernel {kernel}\ndriver {driver}\nranks {ranks}\nthreads {threads}")?;
        writeln!(f, "warmup {warmup}\nruns {runs}")?;
        more.iter().try_for_each(|(key, value)| writeln!(f, "{key} {value}"))?;
        writeln!(f)
    }
}

/// The keys and values of a request, up to an empty line or the end.
pub fn parse_request(text: &str) -> anyhow::Result<BTreeMap<&str, &str>> {
    let mut values = BTreeMap::new();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    for (number, line) in (1..).zip(lines) {
        let Some((key, value)) = line.split_once(char::is_whitespace) else {
            anyhow::bail!("line {number} of the request, '{line}', is no key and value");
        };
        if values.insert(key, value.trim()).is_some() {
            anyhow::bail!("line {number} of the request names {key} a second time");
        }
    }
    Ok(values)
}

/// What a runner answered.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    pub version: String,
    pub info: BTreeMap<String, String>,
    pub masks: Vec<String>,
    pub runs: Vec<Run>,
}

/// An error of this kind.
pub fn error(kind: ErrorKind, message: impl Into<String>) -> BlockError {
    BlockError { kind, message: message.into() }
}

/// The most info lines of an answer: room for a mask of every CPU.
const MOST_INFO_LINES: usize = 10_000;

/// The most bytes of a version and of all info lines, which every block of the results keeps.
const MOST_TOLD: usize = 1 << 20;

fn broken(message: String) -> BlockError {
    error(ErrorKind::Protocol, message)
}

/// Reads an answer that should have this many runs.
pub fn parse_answer(stdout: &[u8], runs: u32) -> Result<Answer, BlockError> {
    let noise = |message: String| {
        error(ErrorKind::Noise, format!("{message}; what is not of the protocol belongs on stderr"))
    };
    let text =
        std::str::from_utf8(stdout).map_err(|_| noise("stdout is no text in UTF-8".to_owned()))?;
    let mut answer = Answer::default();
    let (mut info_lines, mut told) = (0, 0);
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        if matches!(word, "version" | "info") {
            info_lines += usize::from(word == "info");
            told += rest.len();
        }
        if info_lines > MOST_INFO_LINES || told > MOST_TOLD {
            return Err(noise(format!(
                "line {number}: an answer has at most {MOST_INFO_LINES} info lines, and at most \
                 {MOST_TOLD} bytes in its version and info lines"
            )));
        }
        match word {
            "" => {}
            "version" if rest.is_empty() => {
                return Err(broken(format!("line {number}: there is no text after version")));
            }
            "version" if answer.version.is_empty() => answer.version = rest.to_owned(),
            "version" => return Err(broken(format!("line {number}: a second version"))),
            "info" => answer.info(rest).map_err(|why| broken(format!("line {number}: {why}")))?,
            "run" => {
                if answer.version.is_empty() {
                    return Err(broken(format!("line {number}: a run before the version")));
                }
                let run = parse_run(rest).map_err(|why| broken(format!("line {number}: {why}")))?;
                answer.runs.push(run);
            }
            _ => return Err(noise(format!("line {number} on stdout is '{}'", shortened(line)))),
        }
    }
    if answer.version.is_empty() {
        return Err(broken("there is no version line".to_owned()));
    }
    if answer.runs.len() != runs as usize {
        let were = if runs == 1 { "run was" } else { "runs were" };
        return Err(broken(format!("{runs} {were} asked for, {} came", answer.runs.len())));
    }
    Ok(answer)
}

impl Answer {
    fn info(&mut self, rest: &str) -> Result<(), String> {
        let Some((key, value)) = rest.split_once(char::is_whitespace) else {
            return Err(format!("'info {}' wants a key and a value", shortened(rest)));
        };
        let value = value.trim();
        if key == "mask" {
            self.masks.push(value.to_owned());
        }
        let values = self.info.entry(key.to_owned()).or_default();
        if !values.is_empty() {
            values.push_str("; ");
        }
        values.push_str(value);
        Ok(())
    }
}

/// What a time of a run is, in words.
pub const A_TIME: &str = "a time is from 1e-9 seconds, a nanosecond, to 1e8, three years";

/// Whether a run can have taken so many seconds: no clock tells less than a nanosecond, a rate by
/// nearly 0 would be endless, and nobody waits for years.
pub fn is_time(seconds: f64) -> bool {
    (1e-9..=1e8).contains(&seconds)
}

fn parse_run(rest: &str) -> Result<Run, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [seconds, hits] = words[..] else {
        return Err(format!("'run {}' wants seconds and hits", shortened(rest)));
    };
    let time = seconds.parse::<f64>().ok().filter(|time| is_time(*time));
    let seconds = time.ok_or_else(|| {
        let seconds = shortened(seconds);
        format!("{seconds} is no time: {A_TIME}")
    })?;
    let hits = hits.parse().map_err(|_| format!("'{}' is no number of hits", shortened(hits)))?;
    Ok(Run { seconds, hits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_is_written() {
        let request = Request {
            generator: "philox".to_owned(),
            seed: 42,
            first: 0,
            count: u64::MAX,
            kernel: "c@x86-64".to_owned(),
            driver: "serial".to_owned(),
            ranks: 1,
            threads: 2,
            warmup: 1,
            runs: 3,
            more: vec![("batch".to_owned(), "16".to_owned())],
        };
        let text = request.to_string();
        assert!(text.ends_with("\n\n"), "it ends with an empty line");
        let values = parse_request(&text).unwrap();
        assert_eq!(values.len(), 11);
        assert_eq!(values["count"], u64::MAX.to_string());
        assert_eq!(values["batch"], "16");
    }

    #[test]
    fn a_request_ends_at_an_empty_line_or_at_the_end() {
        let expected = BTreeMap::from([("runs", "3"), ("kernel", "a b")]);
        for text in ["runs 3\nkernel a b", "runs\t3 \r\nkernel  a b\r\n\r\nruns 4\n"] {
            assert_eq!(parse_request(text).unwrap(), expected, "{text:?}");
        }
        assert!(parse_request("runs").unwrap_err().to_string().contains("line 1"));
        assert!(parse_request("runs 1\nruns 2").unwrap_err().to_string().contains("second"));
    }

    #[test]
    fn a_good_answer() {
        let text = "version 1.0 of mine\ninfo mask 0\ninfo mask 1\n run  1.5E-02   18446744073709551615\nrun 2 0\n";
        let answer = parse_answer(text.as_bytes(), 2).unwrap();
        assert_eq!(answer.version, "1.0 of mine");
        assert_eq!(answer.masks, ["0", "1"]);
        assert_eq!(answer.info["mask"], "0; 1");
        assert_eq!(answer.runs[0], Run { seconds: 0.015, hits: u64::MAX });
    }

    #[test]
    fn bad_answers_are_told_apart() {
        use ErrorKind::{Noise, Protocol};
        for (text, kind, words) in [
            ("", Protocol, "no version"),
            ("run 1 1\n", Protocol, "before the version"),
            ("version\nrun 1 1\n", Protocol, "no text after version"),
            ("version a\nversion b\nrun 1 1\n", Protocol, "second version"),
            ("version a\n", Protocol, "1 run was asked for, 0 came"),
            ("version a\nrun 1 1\nrun 1 1\n", Protocol, "2 came"),
            ("version a\ninfo mask\nrun 1 1\n", Protocol, "key and a value"),
            ("version a\nrun 1\n", Protocol, "seconds and hits"),
            ("version a\nrun 1 1 1\n", Protocol, "seconds and hits"),
            ("version a\nrun 0 1\n", Protocol, "a nanosecond"),
            ("version a\nrun -1 1\n", Protocol, "a nanosecond"),
            ("version a\nrun nan 1\n", Protocol, "a nanosecond"),
            ("version a\nrun inf 1\n", Protocol, "a nanosecond"),
            ("version a\nrun 1e-320 1\n", Protocol, "1e-320 is no time"),
            ("version a\nrun 9.9e-10 1\n", Protocol, "from 1e-9 seconds"),
            ("version a\nrun 1.1e8 1\n", Protocol, "to 1e8"),
            ("version a\nrun 1 -1\n", Protocol, "no number of hits"),
            ("version a\nrun 1 1.0\n", Protocol, "no number of hits"),
            ("version a\nHello\nrun 1 1\n", Noise, "line 2 on stdout is 'Hello'"),
            ("version a\nrunning 1 1\n", Noise, "running"),
            ("version a\nrun \x1b[2J 1\n", Protocol, "\\u{1b}[2J is no time"),
            ("version a\n\x1b[2J\n", Noise, "'\\u{1b}[2J'"),
        ] {
            let error = parse_answer(text.as_bytes(), 1).unwrap_err();
            assert_eq!(error.kind, kind, "{text:?}");
            assert!(error.message.contains(words), "{text:?}: {}", error.message);
        }
        assert_eq!(parse_answer(b"version \xff\n", 1).unwrap_err().kind, Noise);
        assert!(parse_answer(b"version a\nrun 1e-9 1\n", 1).is_ok());
    }

    /// What a runner may tell is bounded, in lines and in bytes, before any of it is kept for long.
    #[test]
    fn an_answer_tells_only_so_much() {
        let told = |info: String| parse_answer(format!("version a\n{info}run 1 1\n").as_bytes(), 1);
        let answer = told("info key value\n".repeat(MOST_INFO_LINES)).unwrap();
        assert_eq!(answer.info["key"].len(), MOST_INFO_LINES * "value; ".len() - "; ".len());
        for info in [
            "info key value\n".repeat(MOST_INFO_LINES + 1),
            format!("info key {}\n", "x".repeat(MOST_TOLD)),
            format!("info {} value\n", "x".repeat(MOST_TOLD)),
            format!("info key {}\n", "x".repeat(MOST_TOLD / 4)).repeat(5),
            "info key value\n".repeat(200_000),
        ] {
            let error = told(info).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Noise);
            assert!(error.message.contains("at most 10000 info lines"), "{}", error.message);
        }
        let version = format!("version {}\nrun 1 1\n", "x".repeat(MOST_TOLD + 1));
        assert_eq!(parse_answer(version.as_bytes(), 1).unwrap_err().kind, ErrorKind::Noise);
    }
}
