//! An ELF file: its symbols and its machine code.

use anyhow::{Context, Result, anyhow, bail, ensure};
use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSymbol, SymbolKind};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A program or a library on disk.
#[derive(Debug, Clone)]
pub struct Image {
    path: PathBuf,
    sections: Vec<Section>,
    functions: Vec<(String, u64)>,
    /// Whether the system chooses the address at which the program is loaded.
    moves: bool,
}

/// A section of machine code.
#[derive(Debug, Clone)]
struct Section {
    address: u64,
    code: Vec<u8>,
    /// Whether it holds jumps into other libraries, and no functions of this file.
    links: bool,
}

impl Section {
    fn range(&self) -> Range<u64> {
        self.address..self.address + self.code.len() as u64
    }
}

impl Image {
    /// Reads a program.
    ///
    /// # Errors
    /// If the file cannot be read, is not ELF, or is for another architecture.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let path = fs::canonicalize(path).with_context(|| format!("cannot read {shown}"))?;
        let data = fs::read(&path).with_context(|| format!("cannot read {shown}"))?;
        let file = object::File::parse(&*data)
            .map_err(|error| anyhow!("{shown} is no program in machine code: {error}"))?;
        ensure!(
            file.architecture() == Architecture::X86_64,
            "{shown} is for {:?}: the audit reads the machine code of x86-64 only",
            file.architecture()
        );
        let mut sections = Vec::new();
        for section in file.sections().filter(|s| s.kind() == object::SectionKind::Text) {
            sections.push(Section {
                address: section.address(),
                code: section.data()?.to_vec(),
                links: section.name()?.starts_with(".plt"),
            });
        }
        let functions = file
            .symbols()
            .chain(file.dynamic_symbols())
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.address() != 0)
            .filter_map(|symbol| Some((symbol.name().ok()?.to_owned(), symbol.address())))
            .collect();
        Ok(Self { path, sections, functions, moves: file.kind() == ObjectKind::Dynamic })
    }

    /// The file, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The address of a function in the file.
    ///
    /// # Errors
    /// If the file has no such symbol, or has been stripped.
    pub fn function(&self, name: &str) -> Result<u64> {
        let shown = self.path.display();
        ensure!(
            !self.functions.is_empty(),
            "{shown} has no symbols: it was stripped; build it without strip or -s"
        );
        match self.functions.iter().find(|(known, _)| known == name) {
            Some(&(_, address)) => Ok(address),
            None => bail!("{shown} has no function {name}: was it inlined? Declare it noinline"),
        }
    }

    /// The machine code from an address to the end of its section; nothing if there is no code.
    pub(crate) fn code_at(&self, address: u64) -> Option<&[u8]> {
        let section = self.sections.iter().find(|s| s.range().contains(&address))?;
        let offset = usize::try_from(address - section.address).ok()?;
        (!section.links).then(|| &section.code[offset..])
    }

    pub(crate) fn moves(&self) -> bool {
        self.moves
    }
}

/// The program that is running.
#[derive(Debug)]
pub struct Running {
    /// Its file.
    pub image: Image,
    /// The difference between an address in memory and in the file.
    base: u64,
}

impl Running {
    /// Reads the program's own file.
    ///
    /// # Errors
    /// If the file is gone, or [`Image::open`] refuses it.
    pub fn open() -> Result<Self> {
        let image = Image::open(Path::new("/proc/self/exe"))?;
        let base = if image.moves { base_in("/proc/self/maps", &image)? } else { 0 };
        Ok(Self { image, base })
    }

    /// Where a function of the program is in its file.
    pub fn address_of(&self, function: *const ()) -> u64 {
        (function.addr() as u64).wrapping_sub(self.base)
    }
}

/// The address at which a process has loaded an image, by the list of its memory in `/proc`.
pub(crate) fn base_in(maps: &str, image: &Image) -> Result<u64> {
    let path = image.path.display().to_string();
    let maps = fs::read_to_string(maps)?;
    let is_start =
        |line: &&str| line.ends_with(&path) && line.split_whitespace().nth(2) == Some("00000000");
    let line = maps.lines().find(is_start);
    let start = line.and_then(|line| line.split('-').next());
    let start = start.with_context(|| format!("the program does not run {path}"))?;
    Ok(u64::from_str_radix(start, 16)?)
}
