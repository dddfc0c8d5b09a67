//! What can be audited: the kernels of the catalog, and runners.

use crate::loading::kernels_are_loaded;
use anyhow::{Context, anyhow, ensure};
use libpi::{Catalog, CellName, Generator, cell_name, split_level};
use pi_audit::{Audit, Image, Running, Stop};
use pi_harness::loaded::{Loaded, Loads};
use pi_harness::results::Audited;
use pi_harness::runner_table::{PI, RunnerTable};
use pi_protocol::Request;
use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// Why a kernel is not shown that takes as many instructions for few samples as for many.
pub(crate) const NO_LOOP: &str =
    "it has no loop over samples: the number of its instructions does not depend on their number";

/// The command that starts this program as a runner.
fn own_runner() -> anyhow::Result<Vec<OsString>> {
    Ok(vec![std::env::current_exe()?.into(), "runner".into()])
}

/// A kernel that can be audited.
pub(crate) struct Subject {
    pub(crate) cell: CellName,
    code: Code,
}

/// Where a kernel's machine code is.
enum Code {
    /// In this program, or why it cannot run here.
    Own(Result<*const (), String>),
    /// In a library that this program loads.
    Library(Box<Loaded>),
    /// In the program of a runner, somewhere below `main`: its name, and its command or why it is missing.
    Runner(String, Result<Vec<OsString>, String>),
}

impl Subject {
    /// All kernels, those of a generator one after the other.
    pub(crate) fn all(catalog: &Catalog, loads: &Loads, runners: &RunnerTable) -> Vec<Self> {
        let serial = &catalog.drivers[0];
        let own = catalog.kernels.iter().map(|kernel| Self {
            cell: cell_name(kernel, serial, 1, 1),
            code: match loads.find(kernel.generator().name(), kernel.name()) {
                Some(loaded) => Code::Library(Box::new(loaded.clone())),
                None => Code::Own(match kernel.function() {
                    Ok(function) => Ok(function as *const ()),
                    Err(_) => Err(kernel.missing().unwrap_or_default().to_owned()),
                }),
            },
        });
        let others = runners.audited().map(|(generator, kernel, runner)| Self {
            cell: CellName {
                generator: generator.to_owned(),
                kernel: kernel.to_owned(),
                driver: serial.name().to_owned(),
                ranks: 1,
                threads: 1,
            },
            code: Code::Runner(
                runner.name.clone(),
                runner
                    .available(None, &AtomicBool::new(false))
                    .map(|_| runner.command(kernel, serial.name())),
            ),
        });
        let mut all: Vec<Self> = own.chain(others).collect();
        let generators = catalog.generators();
        let place = |subject: &Self| {
            generators.iter().position(|generator| generator.name() == subject.cell.generator)
        };
        all.sort_by_key(place);
        all
    }

    /// Whether it is built and this CPU has its instructions.
    pub(crate) fn can_run(&self) -> bool {
        match &self.code {
            Code::Own(function) => function.is_ok(),
            Code::Library(loaded) => loaded.function.is_ok(),
            Code::Runner(_, command) => command.is_ok(),
        }
    }

    /// `generator/kernel@level`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.cell.generator, self.cell.kernel)
    }

    /// The name without the level.
    pub(crate) fn name_at_any_level(&self) -> String {
        split_level(&self.name()).0.to_owned()
    }

    /// The level, if the name has one.
    pub(crate) fn level(&self) -> Option<&str> {
        split_level(&self.cell.kernel).1
    }

    /// The file that holds the kernel.
    pub(crate) fn image<'a>(&self, running: &'a Running) -> anyhow::Result<Cow<'a, Image>> {
        match &self.code {
            Code::Own(_) => Ok(Cow::Borrowed(&running.image)),
            Code::Library(loaded) => {
                let function = loaded.function.as_ref().map_err(|reason| anyhow!("{reason}"))?;
                Ok(Cow::Owned(Image::open(&function.file)?))
            }
            Code::Runner(_, command) => {
                let command = command.as_ref().map_err(|reason| anyhow!("{reason}"))?;
                Ok(Cow::Owned(Image::open(Path::new(&command[0]))?))
            }
        }
    }

    /// What the audit finds of the kernel.
    pub(crate) fn audited(&self, running: &Running) -> anyhow::Result<Audited> {
        let audit = self.audit(running)?;
        ensure!(!audit.executions.is_empty(), NO_LOOP);
        let per_sample = audit.tally();
        Ok(Audited {
            generator: self.cell.generator.clone(),
            kernel: self.cell.kernel.clone(),
            runner: match &self.code {
                Code::Own(_) | Code::Library(_) => PI.to_owned(),
                Code::Runner(name, _) => name.clone(),
            },
            width: per_sample.width(),
            per_sample,
            work: audit.work(),
        })
    }

    /// Counts the instructions of the kernel.
    pub(crate) fn audit(&self, running: &Running) -> anyhow::Result<Audit> {
        let image = self.image(running)?;
        let (entry, command) = match &self.code {
            Code::Own(function) => {
                let function = function.as_ref().map_err(|reason| anyhow!("{reason}"))?;
                (running.address_of(*function), Cow::Owned(own_runner()?))
            }
            Code::Library(loaded) => {
                let command: Vec<OsString> =
                    own_runner()?.into_iter().chain(loaded.arguments()).collect();
                let address = running.address_of(kernels_are_loaded as *const ());
                let entry = image.function(&loaded.place.symbol)?;
                let loaded = Stop { image: &running.image, address };
                return Audit::of_library(&image, entry, loaded, |samples| {
                    self.call(&command, samples)
                });
            }
            Code::Runner(_, command) => {
                let command = command.as_ref().map_err(|reason| anyhow!("{reason}"))?;
                (image.function("main")?, Cow::Borrowed(command))
            }
        };
        Audit::new(&image, entry, |samples| self.call(&command, samples))
    }

    /// The command that counts a number of samples in one call.
    fn call(&self, words: &[OsString], samples: u64) -> anyhow::Result<Command> {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(self.request(samples)?);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }

    fn request(&self, samples: u64) -> anyhow::Result<File> {
        let generator = Generator::problem(&self.cell.generator);
        let request = Request {
            generator: self.cell.generator.clone(),
            seed: generator.default_seed(),
            first: 0,
            count: samples,
            kernel: self.cell.kernel.clone(),
            driver: self.cell.driver.clone(),
            ranks: 1,
            threads: 1,
            warmup: 0,
            runs: 1,
            more: Vec::new(),
        };
        let mut file = tempfile::tempfile().context("cannot write the request")?;
        file.write_all(request.to_string().as_bytes())?;
        file.rewind()?;
        Ok(file)
    }
}
