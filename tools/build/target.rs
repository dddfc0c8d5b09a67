//! The target of the build: how the user names compilers for it, how they are usually named, and
//! whether a compiler makes objects for it. A compiler for another machine would put objects into
//! the library that no linker of the target accepts.

use crate::compiler::Compiler;
use crate::say::variable;
use std::fs;
use std::path::Path;

/// Whether cargo builds for another target than this machine's.
pub(crate) fn is_cross() -> bool {
    variable("TARGET") != variable("HOST")
}

/// The variables that may name a tool such as `CC`, the most specific first, as the crate cc reads
/// them: `CC_aarch64-unknown-linux-gnu`, `CC_aarch64_unknown_linux_gnu`, `TARGET_CC`, `CC`.
pub(crate) fn tool_variables(tool: &str) -> [String; 4] {
    let target = variable("TARGET");
    let side = if is_cross() { "TARGET" } else { "HOST" };
    [
        format!("{tool}_{target}"),
        format!("{tool}_{}", target.replace(['-', '.'], "_")),
        format!("{side}_{tool}"),
        tool.to_owned(),
    ]
}

/// The variable that a message recommends for naming a tool.
pub(crate) fn recommended_variable(tool: &str) -> String {
    let [_, specific, _, plain] = tool_variables(tool);
    if is_cross() { specific } else { plain }
}

/// The usual name of a cross compiler, such as `aarch64-linux-gnu-gfortran`. It begins with the
/// machine that the C compiler names.
pub(crate) fn cross_name(c: &Compiler, name: &str) -> String {
    let machine = c.machine().unwrap_or_else(|| variable("TARGET"));
    format!("{}-{name}", machine.replace("-unknown-", "-").replace("-pc-", "-"))
}

/// Compiles a source, and returns why its object does not fit the target.
///
/// # Errors
/// The compiler's message, or that its objects are for another machine or C library.
pub(crate) fn check(
    compiler: &Compiler,
    source: &str,
    extension: &str,
    flags: &[String],
    out: &Path,
) -> Result<(), String> {
    let file = out.join("target_probe").with_extension(extension);
    let object = file.with_extension(format!("{extension}.o"));
    fs::write(&file, source).map_err(|error| format!("{}: {error}", file.display()))?;
    compiler.compile(&file, flags, &object)?;
    let bytes = fs::read(&object).map_err(|error| format!("{}: {error}", object.display()))?;
    let wanted = Machine::of_target(
        &variable("CARGO_CFG_TARGET_ARCH"),
        &variable("CARGO_CFG_TARGET_POINTER_WIDTH"),
        &variable("CARGO_CFG_TARGET_ENDIAN"),
    );
    let fits = match (wanted, Machine::of_object(&bytes)) {
        (Some(wanted), Some(machine)) => wanted == machine,
        // There is nothing to compare: the linker decides.
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let machine = compiler.machine().unwrap_or_else(|| "another machine".to_owned());
    Err(format!("{} compiles for {machine}, not for {}", compiler.name(), variable("TARGET")))
}

/// Checks that the runtime libraries of a compiler (OpenMP's, Fortran's) use the C library of the
/// target. For musl, gcc's usual ones do not, although gcc can compile for it.
///
/// # Errors
/// What the runtime libraries are for.
pub(crate) fn check_runtimes(compiler: &Compiler) -> Result<(), String> {
    let machine = compiler.machine().unwrap_or_default();
    if is_of_c_library(&machine, &variable("CARGO_CFG_TARGET_ENV")) {
        return Ok(());
    }
    let (name, target) = (compiler.name(), variable("TARGET"));
    Err(format!("the runtime libraries of {name} are for {machine}, not for {target}"))
}

fn is_of_c_library(machine: &str, environment: &str) -> bool {
    match environment {
        "musl" => machine.contains("musl"),
        "gnu" => !machine.contains("musl"),
        _ => true,
    }
}

/// What the header of an ELF object says about its machine.
#[derive(Debug, PartialEq)]
struct Machine {
    /// 1: 32 bits, 2: 64 bits.
    class: u8,
    /// 1: little endian, 2: big endian.
    order: u8,
    /// The number of the architecture.
    number: u16,
}

impl Machine {
    /// The machine of a target, if its architecture is a known one.
    fn of_target(architecture: &str, width: &str, endian: &str) -> Option<Self> {
        let number = match architecture {
            "x86" => 3,
            "mips" | "mips64" => 8,
            "powerpc" => 20,
            "powerpc64" => 21,
            "s390x" => 22,
            "arm" => 40,
            "sparc64" => 43,
            "x86_64" => 62,
            "aarch64" => 183,
            "riscv32" | "riscv64" => 243,
            "loongarch64" => 258,
            _ => return None,
        };
        let class = if width == "64" { 2 } else { 1 };
        let order = if endian == "big" { 2 } else { 1 };
        Some(Self { class, order, number })
    }

    /// The machine of an object, if it is an ELF file.
    fn of_object(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk::<20>().filter(|header| header.starts_with(b"\x7fELF"))?;
        let (class, order, number) = (header[4], header[5], [header[18], header[19]]);
        let number =
            if order == 2 { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
        Some(Self { class, order, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_this_program_is_for_its_machine() {
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        let endian = if cfg!(target_endian = "big") { "big" } else { "little" };
        let width = usize::BITS.to_string();
        let target = Machine::of_target(std::env::consts::ARCH, &width, endian);
        assert_eq!(Machine::of_object(&program), target);
        assert_eq!(Machine::of_target("a new one", "64", "little"), None);
    }

    #[test]
    fn runtime_libraries_are_of_one_c_library() {
        assert!(is_of_c_library("x86_64-linux-gnu", "gnu"));
        assert!(is_of_c_library("x86_64-redhat-linux", "gnu"));
        assert!(is_of_c_library("x86_64-alpine-linux-musl", "musl"));
        assert!(!is_of_c_library("x86_64-linux-gnu", "musl"));
        assert!(!is_of_c_library("x86_64-alpine-linux-musl", "gnu"));
    }

    #[test]
    fn machines_differ_in_architecture_width_and_order_of_bytes() {
        let header = |class, order, number: [u8; 2]| {
            let mut bytes = [0; 20];
            bytes[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, order]);
            bytes[18..].copy_from_slice(&number);
            Machine::of_object(&bytes)
        };
        let target = |architecture, width, endian| Machine::of_target(architecture, width, endian);
        assert_eq!(header(2, 1, [183, 0]), target("aarch64", "64", "little"));
        assert_ne!(header(2, 1, [62, 0]), target("aarch64", "64", "little"));
        // x32: the instructions of x86-64 with pointers of 32 bits.
        assert_ne!(header(1, 1, [62, 0]), target("x86_64", "64", "little"));
        assert_eq!(header(2, 2, [0, 21]), target("powerpc64", "64", "big"));
        assert_ne!(header(2, 1, [21, 0]), target("powerpc64", "64", "big"));
        assert_eq!(Machine::of_object(b"\x7fEL"), None);
        assert_eq!(Machine::of_object(&[0; 64]), None);
    }
}
