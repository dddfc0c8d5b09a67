//! The objects of C and Fortran define one global symbol each, hold no state, call nothing that
//! they should not, and use the instructions of their level.

mod compilers;

use compilers::{Unit, output, units};
use std::process::Command;

/// A symbol of an object. `kind` is the letter that `nm` prints for its type.
struct Symbol {
    name: String,
    kind: char,
}

impl Symbol {
    fn is_undefined(&self) -> bool {
        "Uwv".contains(self.kind)
    }
}

fn symbols(unit: &Unit) -> Vec<Symbol> {
    let text = output(Command::new("nm").arg("-P").arg(unit.object()));
    let symbol = |line: &str| {
        let mut fields = line.split_whitespace();
        let name = fields.next()?.to_owned();
        Some(Symbol { name, kind: fields.next()?.chars().next()? })
    };
    text.lines().filter_map(symbol).collect()
}

#[test]
fn every_object_defines_one_global_symbol() {
    for unit in units() {
        let symbols = symbols(&unit);
        let globals = symbols.iter().filter(|symbol| {
            !symbol.is_undefined() && (symbol.kind.is_uppercase() || symbol.kind == 'u')
        });
        // Flang's names of procedures and constants are global. They begin with that of their module,
        // which no other object has.
        let of_module = format!("_QM{}", unit.module());
        let is_flangs = |name: &&str| unit.compiler.name == "flang" && name.starts_with(&of_module);
        let names = globals.map(|symbol| symbol.name.as_str()).filter(|name| !is_flangs(name));
        let names: Vec<_> = names.collect();
        assert_eq!(names, [unit.symbol.as_str()], "{}", unit.object().display());
    }
}

/// Objects have no writable data: no globals, no statics, no common blocks, no thread-local data.
#[test]
fn no_object_holds_state() {
    for unit in units() {
        let symbols = symbols(&unit);
        let state =
            symbols.iter().filter(|symbol| "BDCGS".contains(symbol.kind.to_ascii_uppercase()));
        let names: Vec<_> = state.map(|symbol| symbol.name.as_str()).collect();
        assert!(names.is_empty(), "{} has {names:?}", unit.object().display());
    }
}

/// The functions to which compilers may turn a loop or an assignment of any code.
const BY_COMPILERS: [&str; 4] = ["memcmp", "memcpy", "memmove", "memset"];

/// The functions that an object may call, as prefixes of names. Exact kernels may call none.
fn allowed(unit: &Unit) -> &'static [&'static str] {
    match (&*unit.stem, unit.compiler.language) {
        ("textbook", "C") => &["erand48"],
        ("textbook", _) => &["_gfortran_random_", "_gfortran_arandom_", "_FortranARandom"],
        // On AArch64, gcc's atomic operations are functions of libgcc.
        ("openmp", _) => &["GOMP_", "omp_get_", "omp_set_dynamic", "__kmpc_", "__aarch64_"],
        _ => &[],
    }
}

#[test]
fn objects_call_only_what_they_must() {
    for unit in units() {
        let symbols = symbols(&unit);
        let called = symbols.iter().filter(|symbol| symbol.is_undefined());
        let names: Vec<_> = called
            .map(|symbol| symbol.name.as_str())
            .filter(|name| *name != "_GLOBAL_OFFSET_TABLE_")
            .filter(|name| !allowed(&unit).iter().any(|start| name.starts_with(start)))
            .filter(|name| !BY_COMPILERS.contains(name))
            .collect();
        assert!(names.is_empty(), "{} calls {names:?}", unit.object().display());
    }
}

/// The code of each level uses vectors of the level's width and no wider ones. No level fuses
/// multiplications of doubles with additions, which would round differently. Floats decide only
/// what is far from the circle.
#[cfg(target_arch = "x86_64")]
#[test]
fn every_kernel_has_the_instructions_of_its_level() {
    let mut wrong = Vec::new();
    for unit in units() {
        let object = unit.object();
        let code = output(Command::new("objdump").arg("-d").arg(&object));
        let has = |register| code.contains(register);
        let fits = match unit.level {
            "base" => !has("%ymm") && !has("%zmm"),
            "v3" => has("%ymm") && !has("%zmm"),
            // Flang has no option that makes it prefer 512-bit vectors.
            _ => has("%zmm") || !unit.flags().contains("prefer-vector-width=512"),
        };
        let is_fused = |word: &str| {
            ["vfm", "vfnm"].iter().any(|start| word.starts_with(start)) && word.ends_with('d')
        };
        if !fits {
            wrong.push(format!("{} lacks the vectors of its level", object.display()));
        }
        if let Some(fused) = code.split_whitespace().find(|word| is_fused(word)) {
            wrong.push(format!("{} has {fused}", object.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
