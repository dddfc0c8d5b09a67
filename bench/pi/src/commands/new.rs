//! `pi new`: writes a small project for a kernel of the user's own.

mod language;

use crate::loading::parse_problem;
use crate::output;
use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use language::Language;
use libpi::{AUTO, Catalog, Generator};
use pi_harness::process::Program;
use pi_harness::shown::readable;
use pi_harness::suite::names;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// The folder, which may exist. No file in it is overwritten
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The language of the kernel
    #[arg(long)]
    language: Language,

    /// philox, or a name of your own for a problem of your own
    #[arg(long, value_name = "NAME", default_value = "philox", value_parser = parse_problem)]
    generator: Generator,

    #[command(flatten)]
    output: crate::options::Output,
}

const EXAMPLES: &str = "\
Writes four files or five: the kernel, a loop that works; a Makefile that builds it as a shared library, \
checks it with `pi check-kernel` and measures it; a suite, which names what is measured beside it; and a \
README. Then change the loop.

Examples:
  pi new mine --language zig && make -C mine
  pi new /tmp/mine --language c++
  pi new primes --language fortran --generator primes";

const MAKEFILE: &str = include_str!("../../new/Makefile");
const README: &str = include_str!("../../new/README.md");
const SUITE: &str = include_str!("../../new/suite.toml");

/// The kernels of libpi that the suite measures too.
const OURS: [&str; 4] = ["rust", "c", "fortran", "rust-simd"];

pub(crate) fn run(catalog: &Catalog, options: &New, out: &mut impl Write) -> anyhow::Result<()> {
    let project = Project::new(catalog, options)?;
    let files = project.files();
    write_all(&options.folder, &files)?;
    let written: Vec<String> =
        files.iter().map(|(name, _)| readable(options.folder.join(name))).collect();
    let missing = project.tool.err();
    if options.output.json {
        output::json(out, &serde_json::json!({ "files": written, "missing": missing }))?;
        return Ok(());
    }
    for file in &written {
        output::line(out, file)?;
    }
    output::warn(missing.as_slice());
    let folder = output::command_line(&[&options.folder]);
    output::line(out, format_args!("To build, check and measure it: make -C {folder}"))?;
    Ok(())
}

/// Writes all files, or none.
fn write_all(folder: &Path, files: &[(&str, String)]) -> anyhow::Result<()> {
    for (name, _) in files {
        let file = folder.join(name);
        if fs::symlink_metadata(&file).is_ok() {
            bail!(
                "{} exists, and nothing is overwritten: choose another folder, or move the file away",
                readable(&file)
            );
        }
    }
    let shown = readable(folder);
    if fs::symlink_metadata(folder).is_ok() && !folder.is_dir() {
        bail!("{shown} exists, and is not a folder: choose another name");
    }
    fs::create_dir_all(folder).with_context(|| format!("could not make the folder {shown}"))?;
    for (name, text) in files {
        let file = folder.join(name);
        let written =
            fs::File::create_new(&file).and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("could not write {}", readable(&file)))?;
    }
    Ok(())
}

/// What the files are made for.
struct Project {
    name: String,
    language: Language,
    generator: Generator,
    pi: String,
    /// The compiler, or why it is missing.
    tool: Result<String, String>,
}

impl Project {
    fn new(catalog: &Catalog, options: &New) -> anyhow::Result<Self> {
        let generator = options.generator;
        ensure!(
            generator == Generator::Philox || generator.is_problem(),
            "there is no loop of {generator} to begin with: take philox, read SAMPLER.md of libpi, and write \
             {generator} into the Makefile and the suite"
        );
        let pi = Program::own().map(Program::path).context("pi cannot find its own file")?;
        let pi = pi.to_str().filter(|path| !path.contains(['\n', '"', '`', '\\', '#']));
        let pi = pi.ok_or_else(|| anyhow!("the path of pi cannot stand in a Makefile: move pi"))?;
        let name = own_name(catalog, &options.folder);
        let (language, pi) = (options.language, pi.replace('$', "$$$$"));
        Ok(Self { name, language, generator, pi, tool: language.tool() })
    }

    fn files(&self) -> Vec<(&'static str, String)> {
        let language = self.language.parts();
        let kernels = if self.generator.is_problem() { language.problem } else { language.philox };
        let kernels = kernels.iter().map(|(name, text)| (*name, (*text).to_owned()));
        let texts = [("Makefile", MAKEFILE), ("suite.toml", SUITE), ("README.md", README)];
        kernels.chain(texts.map(|(name, text)| (name, self.filled(text)))).collect()
    }

    /// The text with the words of this project.
    fn filled(&self, text: &str) -> String {
        let language = self.language.parts();
        let kernels = if self.generator.is_problem() { &[][..] } else { &OURS };
        let kernels: Vec<String> =
            [&*self.name].iter().chain(kernels).map(|name| format!("\"{name}\"")).collect();
        let (counts, question, beside) = match self.generator.is_problem() {
            true => (
                "the indices in a range that have a property".to_owned(),
                "How fast does my kernel count, and what does each way of going parallel give?",
                " under every driver",
            ),
            false => (
                "the hits of philox in a range".to_owned(),
                "How fast is my kernel beside those of libpi?",
                " beside the kernels of libpi",
            ),
        };
        // The rules to build hold words too.
        let words: [(&str, &str); 13] = [
            ("@BUILD@", language.build),
            ("@NAME@", &self.name),
            ("@PI@", &self.pi),
            ("@TARGET@", &self.language.target()),
            ("@TOOL@", self.tool.as_deref().unwrap_or(language.usual_tool)),
            ("@SYMBOL@", if self.generator.is_problem() { "count_range" } else { "philox" }),
            ("@GENERATOR@", self.generator.name()),
            ("@LANGUAGE@", language.title),
            ("@SOURCE@", language.problem[0].0),
            ("@COUNTS@", &counts),
            ("@QUESTION@", question),
            ("@KERNELS@", &kernels.join(", ")),
            ("@BESIDE@", beside),
        ];
        words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
    }
}

/// The kernel's name: that of the folder, unless it cannot be one or libpi has such a kernel.
fn own_name(catalog: &Catalog, folder: &Path) -> String {
    let absolute = std::path::absolute(folder).unwrap_or_default();
    let name = absolute.file_name().map(readable).unwrap_or_default();
    let is_free =
        |name: &str| name != AUTO && catalog.kernels.iter().all(|kernel| kernel.name() != name);
    if names::check("kernel", &name).is_ok() && is_free(&name) { name } else { "mine".to_owned() }
}
