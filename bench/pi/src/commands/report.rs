//! `pi report`: a page that shows results, and how they were measured.

mod bounds;
mod calls;
mod document;
mod environment;
mod html;
mod markdown;
mod overhead;
mod palette;
mod peers;
mod plots;
mod rungs;
mod scales;
mod speeds;

use crate::answer;
use crate::output::command_line;
use anyhow::{Context, bail};
use clap::Args;
use document::{Document, Part, Picture, Table, name, prose};
use environment::environment;
use flate2::{Compression, write::GzEncoder};
use pi_harness::analysis::answer::answers;
use pi_harness::analysis::measured::{Measured, all_read, floor_text};
use pi_harness::analysis::rows::kind_text;
use pi_harness::analysis::stats::Times;
use pi_harness::failure::CheckFailed;
use pi_harness::number::counted;
use pi_harness::process::watch_for_interruption;
use pi_harness::results::files::{Target, is_same, replace, replaceable};
use pi_harness::shown::readable;
use plots::{Drawing, Words};
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

    /// The page: Markdown if the name ends in .md, the first picture alone if it ends in .svg, else
    /// HTML; - writes HTML to stdout
    #[arg(short = 'o', long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,

    /// Replace also a file that pi report did not make, or a symbolic link
    #[arg(long)]
    force: bool,
}

const EXAMPLES: &str = "\
The HTML page is one file and fetches nothing from the network. It holds the answer, pictures, tables, \
the environment, how it was measured, and the results, which a link saves as a file. A new page replaces \
an older one and keeps its permissions, and its owner and group if the system allows it. Other files are \
replaced only with --force. With --force, a symbolic link is replaced itself; the file behind it stays.

Examples:
  pi report results.jsonl                 write report.html
  pi report default.jsonl ffi.jsonl -o all.html
  pi report results.jsonl -o results.md   Markdown, for a terminal or a forge
  pi report results.jsonl -o result.svg   the first picture, for a README";

/// Where a page goes. For a file: the metadata of the file that it replaces.
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
    // The target is checked before the work, because it may be refused.
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
    let ends_in =
        |ending: &str| output.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending));
    let page = if ends_in("md") {
        markdown::page(&document)
    } else if ends_in("svg") {
        first_picture(&document)?
    } else {
        html::page(&document)
    };
    write(out, output, target, page.as_bytes())?;
    all_read(&sessions.iter().collect::<Vec<_>>())
}

/// Whether two paths lead to the same file, even through links.
fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::metadata(one), fs::metadata(other)), (Ok(one), Ok(other)) if is_same(&one, &other))
}

/// Whether a file begins like the pages and pictures of `pi report`.
fn is_page(begin: &[u8]) -> bool {
    let begins = [html::BEGIN, markdown::BEGIN, plots::BEGIN];
    begins.iter().any(|page| begin.starts_with(page.as_bytes()))
}

/// The first picture as a file of its own.
fn first_picture(document: &Document) -> anyhow::Result<String> {
    let picture = document.parts.iter().find_map(|part| match part {
        Part::Picture(picture) => Some(picture.drawing.standalone()),
        _ => None,
    });
    picture.ok_or_else(|| {
        CheckFailed("there is no picture, since no cell has times: measure again".to_owned()).into()
    })
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
    let single = chapters.len() == 1;
    let mut parts = Vec::new();
    for (number, (path, measured)) in chapters.iter().enumerate() {
        if !single {
            let same = suites.iter().filter(|suite| **suite == suites[number]).count() > 1;
            let file = if same { format!(", {}", path.display()) } else { String::new() };
            parts.push(Part::Chapter(format!("Suite {}{file}", suites[number])));
        }
        let mut sections = Sections { chapter: number, single, pictures: 0, parts: &mut parts };
        chapter(&mut sections, path, measured)?;
    }
    method(&mut parts);
    let title = match single {
        true => format!("libpi: suite {}", suites[0]),
        false => format!("libpi: {} results", chapters.len()),
    };
    Ok(Document { title, parts })
}

fn chapter(sections: &mut Sections, path: &Path, measured: &Measured) -> anyhow::Result<()> {
    let header = &measured.header;
    let question = header.question.split_whitespace().collect::<Vec<_>>().join(" ");
    if !question.is_empty() {
        sections.text(question);
    }
    let answers = answers(measured);
    if !answers.is_empty() {
        sections.parts.push(Part::Answer(answers));
    }
    sections.text(facts(measured));
    let warnings = header.environment["warnings"].as_array().into_iter().flatten();
    let warnings = warnings.filter_map(Value::as_str).map(str::to_owned);
    let notes: Vec<String> = measured.remarks.iter().cloned().chain(warnings).collect();
    if !notes.is_empty() {
        sections.text("Read this before you trust the numbers:".to_owned());
        sections.parts.push(Part::List(notes));
    }
    if header.picture == "scaling" {
        scales::scalings(sections, measured);
    }
    overhead::overhead(sections, measured);
    rungs::ladder(sections, measured);
    peers::peers(sections, measured);
    speeds::speeds(sections, measured);
    bounds::bounds(sections, measured);
    calls::crossings(sections, measured);
    without_times(sections, measured);

    sections.heading("Environment");
    environment(sections.parts, measured);
    sections.text(format!(
        "This command made the result on {}. Seed {} gives the same order of blocks again.",
        date(&header.created),
        header.seed
    ));
    sections.parts.push(Part::Code(command_line(&header.command)));
    let raw = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let name = readable(path.file_name().unwrap_or_default());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&raw)?;
    sections.parts.push(Part::File { name, gzip: encoder.finish()? });
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

/// A date in the form `2026-11-24 11:20:00 UTC`.
fn date(created: &str) -> String {
    created.replacen('T', " ", 1).replacen('Z', " UTC", 1)
}

/// The sections of a chapter. Each picture gets an id of its own.
struct Sections<'a> {
    chapter: usize,
    /// Whether the chapter is the only one. The title of the page is then its title, too.
    single: bool,
    pictures: usize,
    parts: &'a mut Vec<Part>,
}

impl Sections<'_> {
    /// Adds a picture. A format without pictures shows the table, if there is one.
    fn picture(
        &mut self,
        title: &str,
        description: &str,
        table: Option<Table>,
        draw: impl FnOnce(&Words) -> Drawing,
    ) {
        let id = format!("picture-{}-{}", self.chapter, self.pictures);
        self.pictures += 1;
        let drawing = draw(&Words { id: &id, title, description });
        let caption = description.to_owned();
        self.parts.push(Part::Picture(Box::new(Picture { caption, drawing, table })));
    }

    fn heading(&mut self, title: &str) {
        let title = title.to_owned();
        self.parts.push(if self.single { Part::Chapter(title) } else { Part::Heading(title) });
    }

    fn text(&mut self, text: String) {
        self.parts.push(Part::Text(text));
    }

    fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }
}

/// The errors, and the cells that could not be measured here.
fn without_times(sections: &mut Sections, measured: &Measured) {
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
    sections.heading("Without times");
    sections.table(Table {
        caption: "Errors and skipped cells: a wrong count is an error, never a time".to_owned(),
        header: vec![name("cell"), name("what"), prose("why")],
        rows,
    });
}

fn method(parts: &mut Vec<Part>) {
    parts.push(Part::Chapter("How it was measured".to_owned()));
    parts.push(Part::List(
        [
            "All cells of a generator compute the same pure function. The hits of every run were compared \
             with the expected hits. A cell with a wrong count has no times.",
            "A block is a fresh process. It warms up and then times its runs itself, with a monotonic clock, \
             around the call alone. The blocks ran in rounds, one block of every cell in each, in random \
             order.",
            "A process gives one number, the median of its runs. The time of a cell is the lower quartile \
             of its processes, because other programs make a process slower and never faster. The interval \
             of a cell runs from one of its processes to another. The interval of a ratio or a difference \
             of two cells runs between ratios or differences of their processes. Each interval states the \
             level that it reaches, whatever the distribution. With fewer than five processes there is no \
             interval.",
            "Some cells were measured twice. The largest gap between two measurements of the same cell is \
             the noise floor. Two cells differ if the whole interval of their ratio lies beyond it. Cells \
             are ranked within a generator. A cell shares a rank if it does not differ from the cell of that rank whose interval ends first. \
             Cells with fewer than five processes have no rank.",
            "Rates follow from these times. Nothing is averaged, and no time is left out as an outlier.",
        ]
        .map(str::to_owned)
        .into(),
    ));
}
