//! Reads results. Lines that are not records are kept as problems, and the other lines are used.

use super::records::{Audited, Block, End, Header, Identity, Record, SCHEMA, Skipped};
use anyhow::{anyhow, bail};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The largest size of a line in bytes. No record is that long.
const LONGEST_LINE: u64 = 64 << 20;

/// The records of a results file that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The header.
    pub header: Header,
    /// All blocks, in the order of the file.
    pub blocks: Vec<Block>,
    /// The cells that could not be measured.
    pub skipped: Vec<Skipped>,
    /// What the audit found of the kernels. Older results have none.
    pub audits: Vec<Audited>,
    /// The last record. There is none if the session was cut off.
    pub end: Option<End>,
    /// The lines that could not be read. A command that uses the rest reports them and exits with 1.
    pub problems: Vec<Problem>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file.display(), self.line, self.message)
    }
}

impl Results {
    /// Reads a file. Lines that are not records are kept as problems, and the other lines are used.
    ///
    /// # Errors
    /// If the file cannot be read, has neither header nor blocks, or has a schema that this version
    /// does not know.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let unreadable = |error| anyhow!("could not read {}: {error}", path.display());
        let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut reading = Reading::of(path);
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            let length = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut text);
            if length.map_err(unreadable)? == 0 || reading.line(line, &text).is_break() {
                break;
            }
        }
        reading.finish()
    }
}

/// A file as far as it was read.
struct Reading<'a> {
    path: &'a Path,
    header: Option<Header>,
    blocks: Vec<Block>,
    /// Which processes have a block that counts.
    processes: BTreeSet<Identity>,
    skipped: Vec<Skipped>,
    audits: Vec<Audited>,
    end: Option<End>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    fn of(path: &'a Path) -> Self {
        Self {
            path,
            header: None,
            blocks: Vec::new(),
            processes: BTreeSet::new(),
            skipped: Vec::new(),
            audits: Vec::new(),
            end: None,
            problems: Vec::new(),
        }
    }

    /// Takes a line, and breaks where nothing after it is of use.
    fn line(&mut self, number: usize, text: &[u8]) -> ControlFlow<()> {
        let is_whole = text.last() == Some(&b'\n');
        let is_too_long = !is_whole && text.len() as u64 == LONGEST_LINE;
        let without_mark = text.strip_prefix("\u{feff}".as_bytes()).filter(|_| number == 1);
        let text = without_mark.unwrap_or(text);
        if text.trim_ascii().is_empty() {
            return ControlFlow::Continue(());
        }
        if is_too_long {
            let message = format!(
                "the line has more than {LONGEST_LINE} bytes, so it is not a record of results"
            );
            self.problem(number, message);
            return ControlFlow::Break(());
        }
        match serde_json::from_slice(text) {
            Ok(record) => return self.record(number, record),
            Err(_) if !is_whole => self.problem(number, "the line is cut off"),
            Err(error) => self.problem(number, format!("this is not a record of results: {error}")),
        }
        ControlFlow::Continue(())
    }

    fn record(&mut self, line: usize, record: Record) -> ControlFlow<()> {
        match record {
            Record::Header(_) if self.header.is_some() => {
                let message = "a second header: a file holds one session, so pi does not use this line and \
                               the lines after it";
                self.problem(line, message);
                return ControlFlow::Break(());
            }
            Record::Header(header) => self.header = Some(header),
            Record::Block(block) => self.block(line, *block),
            Record::Skipped(cell) => self.skipped.push(cell),
            Record::Audit(audit) => match audit.fault() {
                None => self.audits.push(*audit),
                Some(fault) => self.problem(line, fault),
            },
            Record::End(_) if self.end.is_some() => self.problem(line, "a second end"),
            Record::End(end) => self.take_end(line, end),
            Record::Unknown => {}
        }
        ControlFlow::Continue(())
    }

    fn block(&mut self, line: usize, block: Block) {
        if block.superseded || self.processes.insert(block.identity()) {
            self.blocks.push(block);
        } else {
            let message = format!("process {} of this cell occurs a second time", block.process);
            self.problem(line, message);
        }
    }

    fn take_end(&mut self, line: usize, end: End) {
        let fault = end.fault();
        self.end = Some(if fault.is_some() { End { noise_floor: None, ..end } } else { end });
        if let Some(fault) = fault {
            self.problem(line, fault);
        }
    }

    fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem { file: self.path.to_owned(), line, message: message.into() });
    }

    /// What was read.
    ///
    /// # Errors
    /// If that is no result of a session, or of a later version.
    fn finish(mut self) -> anyhow::Result<Results> {
        if self.header.is_none() && !self.blocks.is_empty() {
            let message = "the file has no header, so its suite and machine are unknown";
            self.problem(1, message);
            self.problems.rotate_right(1);
            self.header = Some(Header { schema: SCHEMA, ..Header::default() });
        }
        let Self { path, header, blocks, skipped, audits, end, problems, .. } = self;
        let path = path.display();
        let Some(header) = header else {
            bail!(
                "{path} holds no results: a file of `pi bench` has a header, and this file has none{}",
                problems.first().map(|problem| format!(" ({problem})")).unwrap_or_default()
            );
        };
        if !(1..=SCHEMA).contains(&header.schema) {
            bail!(
                "{path} has schema {}, and this version of pi reads schemas 1 to {SCHEMA}: use a newer pi",
                header.schema
            );
        }
        Ok(Results { header, blocks, skipped, audits, end, problems })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::records::ErrorKind;

    fn written(lines: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        std::fs::write(&path, lines).unwrap();
        (folder, path)
    }

    const HEADER: &str = r#"{"record":"header","schema":1,"suite":"default"}"#;

    #[test]
    fn additions_of_a_later_version_are_ignored() {
        let (_folder, path) = written(&format!(
            "{HEADER}\n{}\n{}\n",
            r#"{"record":"weather","rain":true}"#,
            r#"{"record":"block","cell":"a/b/c/1x1","colour":"red","error":{"kind":"heat","message":"too hot"}}"#
        ));
        let results = Results::read(&path).unwrap();
        assert_eq!(results.problems, []);
        assert_eq!(results.blocks[0].cell.to_string(), "a/b/c/1x1");
        assert_eq!(results.blocks[0].error.as_ref().unwrap().kind, ErrorKind::Other);
    }

    #[test]
    fn lines_that_are_no_records_are_named_and_the_rest_is_used() {
        let (_folder, path) = written(&format!(
            "{HEADER}\n\nhello\n{{\"a\":1}}\n{{\"record\":\"block\",\"cell\":\"a/b/c/1x1\"}}\n\u{fffd}\n{{\"record\":\"blo"
        ));
        let results = Results::read(&path).unwrap();
        let lines: Vec<usize> = results.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4, 6, 7]);
        assert!(results.problems[3].to_string().ends_with("line 7: the line is cut off"));
        assert_eq!(results.blocks.len(), 1);
        assert!(results.end.is_none());
    }

    #[test]
    fn of_two_sessions_in_one_file_the_first_is_used() {
        let block = "{\"record\":\"block\",\"cell\":\"a/b/c/1x1\"}";
        let (_folder, path) = written(&format!("{HEADER}\n{block}\n{HEADER}\n{block}\n"));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (1, 1));
        assert!(results.problems[0].to_string().contains("line 3: a second header"));
    }

    #[test]
    fn a_file_that_lost_its_header_is_used_as_far_as_it_goes() {
        let (_folder, path) = written("der\"}\n{\"record\":\"block\",\"cell\":\"a/b/c/1x1\"}\n");
        let results = Results::read(&path).unwrap();
        assert_eq!(results.blocks.len(), 1);
        let problems: Vec<String> = results.problems.iter().map(Problem::to_string).collect();
        assert!(problems[0].contains("line 1: the file has no header"), "{problems:?}");
        assert!(problems[1].contains("line 1: this is not a record"), "{problems:?}");
    }

    #[test]
    fn a_process_that_stands_twice_counts_once() {
        let block = |more: &str| {
            format!("{{\"record\":\"block\",\"cell\":\"a/b/c/1x1\",\"process\":1{more}}}\n")
        };
        let old = block(",\"superseded\":true");
        let (_folder, path) = written(&format!("{HEADER}\n{old}{}{}", block(""), block("")));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (2, 1));
        assert!(results.problems[0].to_string().contains("line 4: process 1 of this cell"));
        // Blocks with another batch, way of scaling or copy belong to other cells.
        let others: String =
            [",\"batch\":1", ",\"batch\":2", ",\"weak\":true", ",\"twin\":true", ""]
                .map(block)
                .concat();
        let (_folder, path) = written(&format!("{HEADER}\n{others}"));
        let results = Results::read(&path).unwrap();
        assert_eq!((results.blocks.len(), results.problems.len()), (5, 0));
    }

    #[test]
    fn an_end_that_makes_no_sense_is_a_problem() {
        for (floor, good) in
            [("0", true), ("1000", true), ("-5", false), ("-1e-9", false), ("1001", false)]
        {
            let end = format!("{{\"record\":\"end\",\"complete\":true,\"noise_floor\":{floor}}}");
            let (_folder, path) = written(&format!("{HEADER}\n{end}\n"));
            let results = Results::read(&path).unwrap();
            assert_eq!(results.problems.is_empty(), good, "{floor}");
            let end = results.end.unwrap();
            assert!(end.complete);
            assert_eq!(end.noise_floor.is_some(), good, "{floor}");
        }
        let end = "{\"record\":\"end\"}";
        let (_folder, path) = written(&format!("{HEADER}\n{end}\n{end}\n"));
        assert!(Results::read(&path).unwrap().problems[0].to_string().ends_with("a second end"));
    }

    #[test]
    fn an_audit_that_makes_no_sense_is_a_problem() {
        for (work, good) in [("3.5", true), ("0", true), ("-1", false), ("1e300", false)] {
            let audit = format!(
                "{{\"record\":\"audit\",\"generator\":\"g\",\"kernel\":\"k\",\"width\":256,\
                 \"work\":{{\"instructions\":{work}}}}}"
            );
            let (_folder, path) = written(&format!("{HEADER}\n{audit}\n"));
            let results = Results::read(&path).unwrap();
            assert_eq!(
                (results.problems.is_empty(), results.audits.len()),
                (good, usize::from(good))
            );
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_read_only_to_the_limit() {
        let error = Results::read(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("bytes"), "{error}");
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        let (_folder, path) = written(&format!("\u{feff}{HEADER}\n"));
        assert_eq!(Results::read(&path).unwrap().problems, []);
    }

    #[test]
    fn a_file_without_a_header_or_of_a_later_schema_is_refused() {
        for (text, words) in [
            ("", "no results"),
            ("hello\n", "line 1"),
            ("{\"record\":\"header\",\"schema\":2,\"suite\":\"s\"}\n", "schema 2"),
            ("{\"record\":\"header\",\"schema\":0,\"suite\":\"s\"}\n", "schema 0"),
        ] {
            let (_folder, path) = written(text);
            let error = Results::read(&path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
