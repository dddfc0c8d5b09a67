//! Writes results line by line, so that everything measured so far is kept whatever happens.

use crate::failure::CheckFailed;
use crate::results::files::Target;
use crate::results::locked::{Locked, not_made, not_written, options};
use crate::results::{Header, Record};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A writer of results.
pub struct Writer<'a> {
    /// The name of the file in messages.
    path: PathBuf,
    sink: Sink<'a>,
}

enum Sink<'a> {
    /// A file that no other session may write to.
    File(Locked),
    /// A device or a pipe.
    Stream(File),
    Stdout(&'a mut dyn Write),
}

impl<'a> Writer<'a> {
    /// Opens the target of `-o`. `stdout` is the command's stdout. The contents of a file stay unchanged
    /// until [`begin`](Self::begin).
    ///
    /// # Errors
    /// If the file cannot be written, if another session writes to it, or if it holds anything but results.
    pub fn open(path: &Path, target: Target, stdout: &'a mut dyn Write) -> anyhow::Result<Self> {
        let sink = match target {
            Target::Stdout => Sink::Stdout(stdout),
            Target::Stream(file) => Sink::Stream(file),
            Target::Place => Sink::File(Locked::open(path)?),
        };
        Ok(Self { path: path.to_owned(), sink })
    }

    /// Creates a new file with this name. If the name is taken, a number is added to it.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        for number in 1.. {
            let path = PathBuf::from(match number {
                1 => format!("{name}.jsonl"),
                _ => format!("{name}-{number}.jsonl"),
            });
            match options().create_new(true).open(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(not_made(&path, &error)),
                Ok(file) => {
                    // Another session may have opened and locked the new file first.
                    if let Some(file) = Locked::lock(&path, file, true)? {
                        return Ok(Self { path, sink: Sink::File(file) });
                    }
                }
            }
        }
        unreachable!("there are more numbers than files")
    }

    /// A warning if the file could not be locked, so that another session could write to it.
    pub fn warning(&self) -> Option<&str> {
        match &self.sink {
            Sink::File(file) => file.unlocked.as_deref(),
            _ => None,
        }
    }

    /// Empties the file and writes the header.
    ///
    /// # Errors
    /// If it cannot be written, such as on a full disk.
    pub fn begin(&mut self, header: Header) -> anyhow::Result<()> {
        if let Sink::File(file) = &mut self.sink {
            file.empty().map_err(|error| not_written(&self.path, &error))?;
        }
        self.append(&Record::Header(header))
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If it cannot be written, such as on a full disk.
    pub fn append(&mut self, record: &Record) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        // One unbuffered write per line leaves nothing in a buffer if the process is killed.
        match &mut self.sink {
            Sink::File(file) => file.append(&line).map_err(|error| not_written(&self.path, &error)),
            Sink::Stream(file) => {
                file.write_all(&line).map_err(|error| not_streamed(&self.path, &error))
            }
            // All commands handle errors of stdout in the same way.
            Sink::Stdout(out) => Ok(out.write_all(&line).and_then(|()| out.flush())?),
        }
    }

    /// Where the results are, in words.
    ///
    /// # Errors
    /// If they are not there any more, because somebody removed the file or wrote to it.
    pub fn place(&self) -> anyhow::Result<String> {
        match &self.sink {
            Sink::Stdout(_) => Ok("on stdout".to_owned()),
            Sink::Stream(_) => Ok(format!("in {}", self.path.display())),
            Sink::File(file) => {
                file.check()?;
                Ok(format!("in {}", self.path.display()))
            }
        }
    }
}

/// A device or a pipe keeps nothing.
fn not_streamed(path: &Path, error: &io::Error) -> anyhow::Error {
    let path = path.display();
    CheckFailed(format!("could not write {path}: {error}; name a file with -o to keep the results"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Block, End, Results, Run, SCHEMA, Skipped};
    use std::fs;
    use std::os::unix::fs::symlink;

    const HEADER: &str = r#"{"record":"header","schema":1,"suite":"default"}"#;

    fn header() -> Header {
        Header {
            schema: SCHEMA,
            created: "2026-11-24T11:20:00Z".to_owned(),
            suite: "default".to_owned(),
            seed: u64::MAX,
            runners: [("pi".to_owned(), "pi 0.1.0".to_owned())].into(),
            environment: serde_json::json!({ "version": "0.1.0" }),
            ..Header::default()
        }
    }

    /// A folder with a file of this text.
    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn open(path: &Path) -> anyhow::Result<Writer<'static>> {
        Writer::open(
            path,
            Target::of(path, std::fs::metadata("/proc/self/fd/1"))?,
            Box::leak(Box::new(io::sink())),
        )
    }

    fn refused(path: &Path) -> String {
        open(path).err().expect("it is refused").to_string()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (_folder, path) = written(&format!("{HEADER}\nan older session, and a longer one\n"));
        let skipped = Skipped {
            cell: "a/b/c/1x1".to_owned(),
            runner: "b".to_owned(),
            reason: "not built".to_owned(),
        };
        let block = Block {
            cell: "philox/c@x86-64-v3/openmp-c/1x2".parse().unwrap(),
            runs: vec![Run { seconds: 0.0123, hits: u64::MAX }],
            expected_hits: Some(u64::MAX),
            ..Block::default()
        };
        let end = End { complete: true, noise_floor: Some(0.01), ..End::default() };
        let mut writer = open(&path).unwrap();
        assert_eq!(Results::read(&path).unwrap().problems.len(), 1, "the old file is still there");
        writer.begin(header()).unwrap();
        writer.append(&Record::Block(Box::new(block.clone()))).unwrap();
        writer.append(&Record::Skipped(skipped.clone())).unwrap();
        writer.append(&Record::End(end.clone())).unwrap();
        assert!(writer.place().unwrap().ends_with("results.jsonl"));
        let read = Results::read(&path).unwrap();
        assert_eq!(
            read,
            Results {
                header: header(),
                blocks: vec![block],
                skipped: vec![skipped],
                audits: vec![],
                end: Some(end),
                problems: vec![]
            }
        );
        let text = std::fs::read_to_string(&path).unwrap();
        let rare = ["\"weak\"", "\"twin\"", "\"superseded\""];
        assert!(!rare.iter().any(|key| text.contains(key)), "rare keys are written only if true");
    }

    #[test]
    fn a_file_of_something_else_is_not_replaced() {
        let (_folder, path) = written("precious\n");
        let error = refused(&path);
        assert!(error.contains("holds no results") && error.contains("-o"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious\n");
    }

    #[test]
    fn no_empty_file_is_left_behind() {
        let (folder, path) = written(HEADER);
        drop(open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), HEADER);
        let new = folder.path().join("new.jsonl");
        drop(open(&new).unwrap());
        assert!(!new.exists());
        fs::write(&new, "").unwrap();
        drop(open(&new).unwrap());
        assert!(new.exists(), "it was there before");
    }

    #[test]
    fn a_second_writer_of_a_file_is_refused_until_the_first_has_ended() {
        let (folder, path) = written(HEADER);
        for path in [path, folder.path().join("new.jsonl")] {
            let first = open(&path).unwrap();
            let error = refused(&path);
            assert!(error.contains("by another session") && error.contains("-o"), "{error}");
            assert!(path.exists(), "the first still has it");
            drop(first);
            open(&path).unwrap();
        }
    }

    #[test]
    fn default_names_are_those_of_new_files() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("pi-ffi-20260101T000000Z");
        fs::write(name.with_extension("jsonl"), "").unwrap();
        symlink("/nowhere", format!("{}-2.jsonl", name.display())).unwrap();
        let mut writers: Vec<Writer> =
            (0..2).map(|_| Writer::new(name.to_str().unwrap()).unwrap()).collect();
        for (number, writer) in (3..).zip(&mut writers) {
            writer.begin(header()).unwrap();
            assert!(writer.place().unwrap().ends_with(&format!("Z-{number}.jsonl")));
        }
        assert_eq!(fs::read(name.with_extension("jsonl")).unwrap(), b"");
    }

    #[test]
    fn links_are_not_followed() {
        let (folder, path) = written(HEADER);
        for (name, target) in [("link", &*path), ("dangling", &folder.path().join("nothing"))] {
            let link = folder.path().join(name);
            symlink(target, &link).unwrap();
            let error = refused(&link);
            assert!(error.contains("is a symbolic link"), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), HEADER);
        assert!(!folder.path().join("nothing").exists());
        assert!(refused(folder.path()).contains("is a folder"));
    }

    #[test]
    fn results_that_are_gone_are_an_error() {
        let begun = || {
            let (folder, path) = written(HEADER);
            let mut writer = open(&path).unwrap();
            writer.begin(header()).unwrap();
            (folder, path, writer)
        };
        let missed = |path: &Path, writer: &Writer, words: &str| {
            let error = writer.place().unwrap_err();
            assert!(error.is::<CheckFailed>());
            let error = error.to_string();
            assert!(error.contains(path.to_str().unwrap()) && error.contains(words), "{error}");
        };
        let (_folder, path, writer) = begun();
        fs::remove_file(&path).unwrap();
        missed(&path, &writer, "removed, renamed or replaced");
        let (folder, path, writer) = begun();
        fs::rename(&path, folder.path().join("elsewhere")).unwrap();
        missed(&path, &writer, "elsewhere");
        fs::write(&path, HEADER).unwrap();
        missed(&path, &writer, "elsewhere");
        let (_folder, path, mut writer) = begun();
        fs::write(&path, "").unwrap();
        writer.append(&Record::End(End::default())).unwrap();
        missed(&path, &writer, "not complete");
        assert!(fs::read_to_string(&path).unwrap().starts_with("{"), "there is no hole");
    }

    #[test]
    fn what_was_written_is_said_to_be_kept_in_files_alone() {
        let full = io::Error::from(ErrorKind::StorageFull);
        let error = not_written(Path::new("results"), &full).to_string();
        assert!(error.contains("write results: ") && error.contains("is kept there"), "{error}");
        let error = open(Path::new("/dev/full")).unwrap().begin(header()).unwrap_err().to_string();
        assert!(
            error.contains("write /dev/full: ") && error.ends_with("keep the results"),
            "{error}"
        );
        assert!(!error.contains("kept"), "{error}");
    }
}
