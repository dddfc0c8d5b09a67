//! `pi report`: a page that shows results, and how they came about.

mod calls;
mod document;
mod html;
mod markdown;
mod plots;
mod scales;
mod speeds;

use crate::answer;
use crate::output::command_line;
use anyhow::{Context, bail};
use clap::Args;
use document::{Document, Part, Picture, Table, name, prose};
use flate2::{Compression, write::GzEncoder};
use pi_harness::analysis::measured::{Measured, all_read, floor_text};
use pi_harness::analysis::rows::kind_text;
use pi_harness::analysis::stats::Times;
use pi_harness::failure::CheckFailed;
use pi_harness::number::counted;
use pi_harness::process::watch_for_interruption;
use pi_harness::results::files::{Target, is_same, replace, replaceable};
use pi_harness::shown::readable;
use plots::Words;
use serde_json::Value;
use std::fs::{self, File, Metadata};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Report {
    /// Results of `pi bench`, each a chapter
    #[arg(value_name = "RESULTS", required = true)]
    results: Vec<PathBuf>,

    /// The page: Markdown if its name ends in .md or .MD, else HTML; - for stdout
    #[arg(short = 'o', long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,

    /// Replace a file that is no page made by pi report, or a symbolic link
    #[arg(long)]
    force: bool,
}

const EXAMPLES: &str = "\
The HTML page is one file and asks the network for nothing: pictures, tables, the environment, how \
it was measured, and the results themselves to be taken out again. A page replaces an older one, whose \
permissions stay, and owner and group where that is allowed. Anything else is replaced only with \
--force; a symbolic link is then replaced itself, and what it leads to stays.

Examples:
  pi report results.jsonl                 makes report.html
  pi report default.jsonl ffi.jsonl -o all.html
  pi report results.jsonl -o results.md";

/// Where a page goes: of a file, what is there already.
enum Place {
    Stdout,
    Stream(File),
    File(Option<Metadata>),
}

pub(crate) fn run(options: &Report, out: &mut impl Write) -> anyhow::Result<()> {
    let output = &*options.output;
    if let Some(results) = options.results.iter().find(|path| is_same_file(path, output)) {
        bail!(
            "the page {} would replace the results {}: name another file with -o",
            output.display(),
            results.display()
        );
    }
    // Looked at before the work, since it may be refused.
    let target = match Target::of(output, answer::metadata())? {
        Target::Stdout => Place::Stdout,
        Target::Stream(file) => Place::Stream(file),
        Target::Place => Place::File(replaceable(output, is_page, options.force)?),
    };
    let sessions: Vec<Measured> =
        options.results.iter().map(|path| Measured::read(path)).collect::<anyhow::Result<_>>()?;
    let chapters: Vec<(&Path, &Measured)> =
        options.results.iter().map(|path| &**path).zip(&sessions).collect();
    let document = document(&chapters)?;
    let markdown = output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"));
    let page = if markdown { markdown::page(&document) } else { html::page(&document) };
    write(out, output, target, page.as_bytes())?;
    all_read(&sessions.iter().collect::<Vec<_>>())
}

/// Whether two paths lead to one file, by links or otherwise.
fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::metadata(one), fs::metadata(other)), (Ok(one), Ok(other)) if is_same(&one, &other))
}

/// Whether a file begins as the pages made here do.
fn is_page(begin: &[u8]) -> bool {
    begin.starts_with(html::BEGIN.as_bytes()) || begin.starts_with(markdown::BEGIN.as_bytes())
}

/// Writes a page, and says where it is.
fn write(out: &mut impl Write, path: &Path, target: Place, page: &[u8]) -> anyhow::Result<()> {
    let written = match target {
        Place::Stdout => return Ok(out.write_all(page).and_then(|()| out.flush())?),
        Place::Stream(mut file) => file.write_all(page),
        Place::File(old) => replace(path, page, old.as_ref(), &*watch_for_interruption()?),
    };
    written.map_err(|error| CheckFailed(format!("could not write {}: {error}", path.display())))?;
    writeln!(out, "report in {}", path.display())?;
    Ok(())
}

fn document(chapters: &[(&Path, &Measured)]) -> anyhow::Result<Document> {
    let suites: Vec<&str> = chapters.iter().map(|(_, m)| &*m.header.suite).collect();
    let mut parts = Vec::new();
    for (number, (path, measured)) in chapters.iter().enumerate() {
        chapter(&mut parts, number, path, measured)?;
    }
    method(&mut parts);
    let noun = if suites.len() == 1 { "suite" } else { "suites" };
    Ok(Document { title: format!("libpi: {noun} {}", suites.join(", ")), parts })
}

fn chapter(
    parts: &mut Vec<Part>,
    chapter: usize,
    path: &Path,
    measured: &Measured,
) -> anyhow::Result<()> {
    let header = &measured.header;
    parts.push(Part::Chapter(format!("Suite {}", header.suite)));
    let question = header.question.split_whitespace().collect::<Vec<_>>().join(" ");
    if !question.is_empty() {
        parts.push(Part::Text(question));
    }
    parts.push(Part::Text(facts(measured)));
    let told = header.environment["warnings"].as_array().into_iter().flatten();
    let told = told.filter_map(Value::as_str).map(str::to_owned);
    let notes: Vec<String> = measured.remarks.iter().cloned().chain(told).collect();
    if !notes.is_empty() {
        parts.push(Part::Text("What to know before believing the numbers:".to_owned()));
        parts.push(Part::List(notes));
    }
    let mut pictures = Pictures { chapter, count: 0, parts };
    if header.picture == "scaling" {
        scales::scalings(&mut pictures, measured)?;
    }
    if header.picture == "matrix" {
        speeds::drivers(&mut pictures, measured)?;
    }
    speeds::ladder(&mut pictures, measured)?;
    calls::crossings(&mut pictures, measured)?;
    calls::batches(&mut pictures, measured)?;
    without_times(parts, measured);

    parts.push(Part::Heading("Where and with what".to_owned()));
    parts.push(Part::Table(Table {
        caption: "What decides over speed; the flags are those of the CPU's best level".to_owned(),
        header: vec![name("what"), prose("value")],
        rows: essentials(measured),
    }));
    let mut rows = Vec::new();
    flatten(&mut rows, String::new(), &header.environment);
    parts.push(Part::Table(Table {
        caption: format!("The whole environment of suite {}, as `pi info` tells it", header.suite),
        header: vec![name("what"), prose("value")],
        rows,
    }));
    parts.push(Part::Text(format!(
        "Made on {} by this command; seed {} gives the same order of blocks again.",
        date(&header.created),
        header.seed
    )));
    parts.push(Part::Code(command_line(&header.command)));
    let raw = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let name = readable(path.file_name().unwrap_or_default());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&raw)?;
    parts.push(Part::File { name, gzip: encoder.finish()? });
    Ok(())
}

/// The session in a sentence.
fn facts(measured: &Measured) -> String {
    let sum = |of: fn(&Times) -> usize| -> usize {
        measured.cells.iter().map(|cell| of(&cell.times)).sum()
    };
    let cpu = measured.header.environment.pointer("/machine/cpu").and_then(Value::as_str);
    format!(
        "{}, {}, {}; {}; measured {}{}.",
        counted(measured.cells.len(), "cell"),
        counted(sum(Times::processes), "process"),
        counted(sum(Times::runs), "run"),
        floor_text(measured.noise_floor),
        date(&measured.header.created),
        cpu.map(|cpu| format!(" on {cpu}")).unwrap_or_default()
    )
}

/// A date as people read it: `2026-11-24 11:20:00 UTC`.
fn date(created: &str) -> String {
    created.replacen('T', " ", 1).replacen('Z', " UTC", 1)
}

/// Where pictures are added, each with an id of its own.
struct Pictures<'a> {
    chapter: usize,
    count: usize,
    parts: &'a mut Vec<Part>,
}

impl Pictures<'_> {
    fn add(
        &mut self,
        title: &str,
        description: &str,
        draw: impl FnOnce(&Words) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let id = format!("picture-{}-{}", self.chapter, self.count);
        self.count += 1;
        let svg = draw(&Words { id: &id, title, description })?;
        self.parts.push(Part::Picture(Picture { caption: description.to_owned(), svg }));
        Ok(())
    }

    fn heading(&mut self, title: &str) {
        self.parts.push(Part::Heading(title.to_owned()));
    }

    fn text(&mut self, text: String) {
        self.parts.push(Part::Text(text));
    }
}

/// What went wrong, and what could not be measured here.
fn without_times(parts: &mut Vec<Part>, measured: &Measured) {
    let failures = measured.failures.iter().map(|failure| {
        let what = format!("error in process {}: {}", failure.process, kind_text(failure.kind));
        vec![failure.key.to_string(), what, failure.message.clone()]
    });
    let skipped = measured
        .skipped
        .iter()
        .map(|skipped| vec![skipped.cell.clone(), "skipped".to_owned(), skipped.reason.clone()]);
    let rows: Vec<Vec<String>> = failures.chain(skipped).collect();
    if rows.is_empty() {
        return;
    }
    parts.push(Part::Heading("Without times".to_owned()));
    parts.push(Part::Table(Table {
        caption: "Errors and cells that were skipped: a wrong count is an error, never a time"
            .to_owned(),
        header: vec![name("cell"), name("what"), prose("why")],
        rows,
    }));
}

/// What of the environment decides over speed, and where it is told.
const ESSENTIALS: &[(&str, &str)] = &[
    ("CPU", "/machine/cpu"),
    ("usable CPUs", "/cpus/usable"),
    ("best level", "/machine/best_level"),
    ("system", "/machine/operating_system"),
    ("virtualisation", "/machine/virtualisation"),
    ("OpenMP", "/build/openmp_runtime"),
    ("MPI library", "/build/mpi_library"),
    ("MPI launcher", "/mpi_launcher"),
    ("revision", "/sources/built_revision"),
    ("warnings of the build", "/build/warnings"),
];

/// Machine, compilers, sources and runners, as far as they are told.
fn essentials(measured: &Measured) -> Vec<Vec<String>> {
    let environment = &measured.header.environment;
    let text = |pointer: &str| environment.pointer(pointer).map(scalar);
    let mut rows: Vec<Vec<String>> = ESSENTIALS
        .iter()
        .filter_map(|&(what, pointer)| Some(vec![what.to_owned(), text(pointer)?]))
        .collect();
    let level = environment.pointer("/machine/best_level");
    for compiler in
        environment.pointer("/build/compilers").and_then(Value::as_array).into_iter().flatten()
    {
        let flags = compiler["flags"].as_array().into_iter().flatten();
        let flags =
            flags.filter(|flags| Some(&flags["level"]) == level).map(|f| scalar(&f["flags"]));
        let told = std::iter::once(scalar(&compiler["version"])).chain(flags);
        rows.push(vec![scalar(&compiler["language"]), told.collect::<Vec<_>>().join("; ")]);
    }
    for (name, version) in &measured.header.runners {
        // A runner without a command for its version tells it in its blocks.
        let block = measured.cells.iter().map(|cell| &cell.block).find(|b| b.runner == *name);
        let told = block.filter(|_| version.is_empty()).map_or(version, |block| &block.version);
        rows.push(vec![format!("runner {name}"), told.clone()]);
    }
    rows
}

/// An environment as rows of names and values.
fn flatten(rows: &mut Vec<Vec<String>>, name: String, value: &Value) {
    let under =
        |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name} · {key}") };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                flatten(rows, under(&key.replace('_', " ")), value);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            for (number, entry) in entries.iter().enumerate() {
                // What an entry is called, it is called here too.
                let called = ["name", "language", "level"]
                    .into_iter()
                    .find_map(|key| Some((key, entry[key].as_str()?)));
                let (key, name) = called.unwrap_or_default();
                let name = if name.is_empty() { number.to_string() } else { name.to_owned() };
                let mut entry = entry.clone();
                if let Some(keys) = entry.as_object_mut() {
                    keys.remove(key);
                }
                flatten(rows, under(&name), &entry);
            }
        }
        other => rows.push(vec![name, scalar(other)]),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) if !entries.is_empty() => {
            entries.iter().map(scalar).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Array(_) => "-".to_owned(),
        other => other.to_string(),
    }
}

fn method(parts: &mut Vec<Part>) {
    parts.push(Part::Chapter("How it was measured".to_owned()));
    parts.push(Part::List(
        [
            "Each cell computes the same pure function; the count of hits of every run was held \
             against the known one, and a cell with a wrong count has no times.",
            "A block is a fresh process that warms up and times its runs by itself, with a monotonic \
             clock, around the call alone. Blocks were run in rounds, one of every cell in each, in a \
             random order.",
            "A process is one number, the median of its runs; a cell is the lower quartile of its \
             processes: others make a process slower and never faster. Its interval is between two of \
             its processes, and that of a ratio or a difference of two cells between two of the \
             ratios or differences of their processes; the level is the one that is reached, whatever \
             the distribution. Of fewer than five processes there is none.",
            "Some cells were measured twice. What one differed from itself is the noise floor; two \
             cells differ if the whole interval of their ratio lies beyond it. A cell shares the rank \
             above it if it does not differ from that cell of the rank whose interval ends first; \
             cells of fewer than five processes have no rank.",
            "Rates are made from these times. Nothing is averaged, and nothing is left out for being far \
             from the rest.",
        ]
        .map(str::to_owned)
        .into(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_harness::environment::Environment;

    #[test]
    fn what_is_shown_is_in_every_environment() {
        let here = serde_json::to_value(Environment::here(None, None)).unwrap();
        for (_, pointer) in ESSENTIALS {
            assert!(here.pointer(pointer).is_some(), "{pointer} is not in {here:#}");
        }
    }
}
