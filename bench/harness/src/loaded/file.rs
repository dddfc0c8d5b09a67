//! What the file of a library says of itself, read without running any of its code.

use crate::number::counted;
use crate::shown::shortened;
use object::{Architecture, File, Object, ObjectKind, ObjectSymbol, SymbolKind};

/// The architecture of this program, if its code is checked for it.
const HERE: Option<Architecture> = if cfg!(target_arch = "x86_64") {
    Some(Architecture::X86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(Architecture::Aarch64)
} else {
    None
};

/// The most functions that a message names.
const MOST_NAMES: usize = 8;

/// Checks that the file is a shared library for this machine and has the function.
///
/// # Errors
/// What it is instead, or which functions it has instead.
pub(super) fn check(bytes: &[u8], symbol: &str) -> Result<(), String> {
    let file = parse(bytes)?;
    if let Some(here) = HERE.filter(|&here| here != file.architecture()) {
        let there = architecture(file.architecture());
        return Err(format!(
            "it is for {there}, and this pi is for {}: build the library for this machine",
            architecture(here)
        ));
    }
    match file.kind() {
        ObjectKind::Dynamic => find(&file, symbol),
        ObjectKind::Relocatable => Err(
            "it is an object file: link it into a shared library, cc -shared FILE -o libNAME.so"
                .to_owned(),
        ),
        _ => {
            Err("it is a program or another ELF file: build a shared library, with -shared"
                .to_owned())
        }
    }
}

fn parse(bytes: &[u8]) -> Result<File<'_>, String> {
    if bytes.starts_with(b"!<arch>") {
        return Err("it is a static library: build a shared one, with -shared -fPIC".to_owned());
    }
    if !bytes.starts_with(b"\x7fELF") {
        return Err("it is not a shared library: it does not begin as an ELF file does".to_owned());
    }
    File::parse(bytes).map_err(|error| format!("it is a damaged ELF file: {error}"))
}

fn architecture(architecture: Architecture) -> String {
    match architecture {
        Architecture::X86_64 => "x86-64".to_owned(),
        Architecture::I386 => "x86 (32 bits)".to_owned(),
        Architecture::Aarch64 => "AArch64".to_owned(),
        Architecture::Unknown => "an architecture that pi does not know".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Checks that the library itself defines the function. One of a library that it needs does not count,
/// because the hash says nothing of that library.
fn find(file: &File, symbol: &str) -> Result<(), String> {
    let defined = file.dynamic_symbols().filter(|symbol| symbol.is_definition());
    let named = defined.filter_map(|symbol| Some((symbol.name().ok()?, symbol.kind())));
    let symbols: Vec<(&str, SymbolKind)> = named.collect();
    match symbols.iter().find(|(name, _)| *name == symbol) {
        Some((_, SymbolKind::Data | SymbolKind::Tls)) => {
            return Err(format!("{symbol} is data, and not a function"));
        }
        Some(_) => return Ok(()),
        None => {}
    }
    let is_function = |kind: SymbolKind| kind == SymbolKind::Text;
    let mut names: Vec<&str> =
        symbols.iter().filter(|(_, kind)| is_function(*kind)).map(|(name, _)| *name).collect();
    names.sort_unstable();
    // The same name with an underscore, or inside a mangled one, is probably the function.
    names.sort_by_key(|name| !name.contains(symbol));
    Err(format!("it has no function {}: {}", shortened(symbol), instead(&names)))
}

/// The functions that there are, and how one comes to be among them.
fn instead(names: &[&str]) -> String {
    if names.is_empty() {
        return "it exports none; give the function C linkage and default visibility (C++: extern \"C\", \
                Rust: #[unsafe(no_mangle)] pub extern \"C\" fn, Fortran: bind(c))"
            .to_owned();
    }
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| shortened(name)).collect();
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(", and {}", counted(more, "other")),
    };
    format!("its functions are {}{more}", shown.join(", "))
}
