//! The loops of all callers, and the callees, by language.

use crate::Language;
use crate::caller::*;
use libpi::{Catalog, Generator, KernelFn, Level};
use std::ffi::{CStr, c_char};

/// A loop that makes `count` calls, numbered from `first` on. The first call gets the seed, and
/// each other call the answer of the previous one. Any arguments are valid, as for the callees.
pub type CallLoop = extern "C" fn(seed: u64, first: u64, count: u64) -> u64;

/// A [`CallLoop`] through a pointer.
pub type PointerLoop =
    unsafe extern "C" fn(callee: KernelFn, seed: u64, first: u64, count: u64) -> u64;

/// A loop that counts the hits of a range through a pointer to a kernel, `batch` samples per call.
pub type BatchLoop =
    unsafe extern "C" fn(kernel: KernelFn, seed: u64, first: u64, count: u64, batch: u64) -> u64;

/// A [`CallLoop`] through `libpi_hits_with`, which takes the name of a kernel. Each call is for 0
/// samples. The loop returns the number of calls that find no hits, or [`u64::MAX`] if a call
/// failed.
pub type CheckedLoop =
    unsafe extern "C" fn(kernel: *const c_char, seed: u64, first: u64, count: u64) -> u64;

/// A [`BatchLoop`] through `libpi_hits_with`. It returns [`u64::MAX`] if a call failed.
pub type CheckedBatchLoop = unsafe extern "C" fn(
    kernel: *const c_char,
    seed: u64,
    first: u64,
    count: u64,
    batch: u64,
) -> u64;

/// The loops of a caller.
#[derive(Debug)]
pub struct Caller {
    /// Contains the callee's one line and makes no call.
    pub floor: CallLoop,
    /// Call each callee by its symbol, in the order of [`Language::ALL`].
    direct: [Option<CallLoop>; 3],
    /// Calls through a pointer.
    pub pointer: PointerLoop,
    /// Counts batches of samples through a pointer.
    pub batches: BatchLoop,
}

impl Caller {
    /// The caller in a language.
    ///
    /// # Errors
    /// If the language was not built.
    pub fn of(language: Language) -> Result<&'static Self, String> {
        match language {
            Language::Rust => Ok(&RUST),
            Language::C => Ok(&C),
            Language::Fortran => FORTRAN.as_ref().ok_or_else(without_fortran),
        }
    }

    /// The loop that calls a callee by its symbol.
    ///
    /// # Errors
    /// If the callee's language was not built.
    pub fn direct(&self, callee: Language) -> Result<CallLoop, String> {
        self.direct[callee as usize].ok_or_else(without_fortran)
    }
}

/// A pointer to the callee in a language.
///
/// # Errors
/// If the language was not built.
pub fn callee(language: Language) -> Result<KernelFn, String> {
    CALLEES[language as usize].ok_or_else(without_fortran)
}

/// The philox kernel of a language at the base level: its full name and its function.
///
/// # Errors
/// If the language was not built.
pub fn kernel(language: Language) -> Result<(String, KernelFn), String> {
    let name = format!("{language}@{}", Level::Base);
    let kernel = Catalog::here().kernel(Generator::Philox, &name);
    let function = kernel.and_then(libpi::Kernel::function).map_err(|error| error.to_string())?;
    Ok((name, function))
}

fn without_fortran() -> String {
    let reason = option_env!("LIBPI_WITHOUT_FORTRAN").unwrap_or_default();
    format!("built without Fortran: {reason}")
}

/// `Some` item if Fortran was built, else `None`.
#[cfg(built_fortran)]
macro_rules! fortran {
    ($item:expr) => {
        Some($item)
    };
}
#[cfg(not(built_fortran))]
macro_rules! fortran {
    ($item:expr) => {
        None
    };
}

static RUST: Caller = Caller {
    floor: libpi_loop_rust_floor,
    direct: [
        Some(libpi_loop_rust_direct_rust),
        Some(libpi_loop_rust_direct_c),
        fortran!(libpi_loop_rust_direct_fortran),
    ],
    pointer: libpi_loop_rust_pointer,
    batches: libpi_loop_rust_batches,
};

static C: Caller = Caller {
    floor: libpi_loop_c_floor,
    direct: [
        Some(libpi_loop_c_direct_rust),
        Some(libpi_loop_c_direct_c),
        fortran!(libpi_loop_c_direct_fortran),
    ],
    pointer: libpi_loop_c_pointer,
    batches: libpi_loop_c_batches,
};

static FORTRAN: Option<Caller> = fortran!(Caller {
    floor: libpi_loop_fortran_floor,
    direct: [
        Some(libpi_loop_fortran_direct_rust),
        Some(libpi_loop_fortran_direct_c),
        Some(libpi_loop_fortran_direct_fortran),
    ],
    pointer: libpi_loop_fortran_pointer,
    batches: libpi_loop_fortran_batches,
});

static CALLEES: [Option<KernelFn>; 3] =
    [Some(libpi_callee_rust), Some(libpi_callee_c), fortran!(libpi_callee_fortran)];

/// Declares loops of calls.
macro_rules! call_loops {
    ($($name:ident),*) => {
        unsafe extern "C" { $(safe fn $name(seed: u64, first: u64, count: u64) -> u64;)* }
    };
}

call_loops!(libpi_loop_c_floor, libpi_loop_c_direct_rust, libpi_loop_c_direct_c);
#[cfg(built_fortran)]
call_loops!(libpi_loop_c_direct_fortran, libpi_loop_fortran_floor);
#[cfg(built_fortran)]
call_loops!(
    libpi_loop_fortran_direct_rust,
    libpi_loop_fortran_direct_c,
    libpi_loop_fortran_direct_fortran
);

/// Declares the loops of a caller that take a pointer.
macro_rules! loops_with_pointers {
    ($pointer:ident, $batches:ident) => {
        unsafe extern "C" {
            fn $pointer(callee: KernelFn, seed: u64, first: u64, count: u64) -> u64;
            fn $batches(kernel: KernelFn, seed: u64, first: u64, count: u64, batch: u64) -> u64;
        }
    };
}

loops_with_pointers!(libpi_loop_c_pointer, libpi_loop_c_batches);
#[cfg(built_fortran)]
loops_with_pointers!(libpi_loop_fortran_pointer, libpi_loop_fortran_batches);

/// The loop of a language that calls through a pointer, for callees that no linker sees: they are in
/// Python. Null if this build lacks the language.
///
/// # Safety
/// `language` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libpi_loop_pointer(language: *const c_char) -> Option<PointerLoop> {
    // SAFETY: the caller's promise.
    let language = unsafe { CStr::from_ptr(language) }.to_str().ok()?.parse().ok()?;
    Caller::of(language).ok().map(|caller| caller.pointer)
}
