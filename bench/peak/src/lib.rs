//! Micro-kernels: loops of instructions of one kind, or of a mix, on independent registers. Their times
//! say how many such instructions this core executes in a second.
//!
//! A micro-kernel has the name that the audit gives to such instructions: `multiply-256` multiplies in
//! vectors of 256 bits, `slots-256` mixes what vectors of 256 bits compute, `instructions-256` mixes that
//! with what is no vector. They are written in assembly language, so that no compiler changes them, and
//! exist for x86-64.

#[cfg(target_arch = "x86_64")]
#[macro_use]
mod micro;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod scalar;
#[cfg(target_arch = "x86_64")]
mod sse2;

use libpi::Level;

/// The name of the generator in the cells of micro-kernels.
pub const GENERATOR: &str = "peak";

/// The instructions in one turn of a loop, without the two that make it a loop. Counts are multiples of it.
pub const TURN: u64 = 48;

/// The memory from which micro-kernels load and to which they store: a vector of 512 bits for each
/// instruction of a group.
#[derive(Debug)]
#[repr(align(64))]
pub struct Memory([u64; 96]);

impl Default for Memory {
    fn default() -> Self {
        Self([MARK; 96])
    }
}

/// What is loaded and stored.
const MARK: u64 = 0x0123_4567_89AB_CDEF;

/// A micro-kernel.
#[derive(Debug)]
pub struct Micro {
    /// Its kind and width, as the audit names them.
    pub name: &'static str,
    /// The level whose instructions it uses.
    pub level: &'static str,
    /// Runs so many turns. Returns the value of one of its results.
    run: unsafe fn(turns: u64, memory: &mut Memory) -> u64,
    /// The value that this result must have.
    expected: fn(turns: u64) -> u64,
}

impl Micro {
    /// The micro-kernels of this architecture, the narrowest first.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        // They are statics, so that each micro-kernel has one address.
        #[cfg(target_arch = "x86_64")]
        let all = [scalar::ALL, sse2::ALL, avx2::ALL, avx512::ALL];
        #[cfg(not(target_arch = "x86_64"))]
        let all: [&[Self]; 0] = [];
        all.into_iter().flatten()
    }

    /// The micro-kernel of a name.
    ///
    /// # Errors
    /// If there is none, or this CPU lacks its instructions.
    pub fn find(name: &str) -> Result<&'static Self, String> {
        let Some(micro) = Self::all().find(|micro| micro.name == name) else {
            let names: Vec<&str> = Self::all().map(|micro| micro.name).collect();
            return Err(match names.is_empty() {
                true => format!("there are no micro-kernels for {}", std::env::consts::ARCH),
                false => {
                    format!("no micro-kernel is named '{name}'; there are {}", names.join(", "))
                }
            });
        };
        let level = Level::ALL.iter().find(|level| level.name() == micro.level);
        match level.map(|level| level.missing()) {
            Some(None) => Ok(micro),
            Some(Some(reason)) => Err(format!("{name}: {reason}")),
            None => Err(format!("{name}: this machine has no level {}", micro.level)),
        }
    }

    /// The address of its machine code.
    pub fn code(&self) -> *const () {
        self.run as *const ()
    }

    /// Executes so many instructions. Returns their number.
    ///
    /// # Errors
    /// If the number is no multiple of [`TURN`], or a result is wrong.
    pub fn execute(&self, count: u64, memory: &mut Memory) -> Result<u64, String> {
        if count == 0 || !count.is_multiple_of(TURN) {
            return Err(format!(
                "count {count}: a micro-kernel executes a multiple of {TURN} instructions, at least {TURN}"
            ));
        }
        let turns = count / TURN;
        // SAFETY: `find` gives only micro-kernels whose instructions this CPU has, and `turns` is not 0.
        let result = unsafe { (self.run)(turns, memory) };
        let expected = (self.expected)(turns);
        if result == expected {
            Ok(count)
        } else {
            Err(format!("{} gives {result:#x} instead of {expected:#x}", self.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available() -> impl Iterator<Item = &'static Micro> {
        Micro::all().filter_map(|micro| Micro::find(micro.name).ok())
    }

    #[test]
    fn each_micro_kernel_has_the_result_of_its_instructions() {
        for micro in available() {
            for turns in [1, 2, 1001] {
                let done = micro.execute(turns * TURN, &mut Memory::default());
                assert_eq!(done, Ok(turns * TURN), "{}", micro.name);
            }
        }
    }

    #[test]
    fn a_wrong_result_is_an_error() {
        let wrong = Micro { name: "wrong", level: "", run: |_, _| 1, expected: |_| 2 };
        let error = wrong.execute(TURN, &mut Memory::default()).unwrap_err();
        assert_eq!(error, "wrong gives 0x1 instead of 0x2");
    }

    #[test]
    fn counts_are_whole_turns() {
        for micro in available() {
            for count in [0, 1, TURN + 1] {
                let error = micro.execute(count, &mut Memory::default()).unwrap_err();
                assert!(error.contains("a multiple of 48"), "{error}");
            }
        }
    }

    #[test]
    fn an_unknown_name_gives_those_that_are_known() {
        let error = Micro::find("divide-256").unwrap_err();
        let words = if cfg!(target_arch = "x86_64") { "multiply-256" } else { "no micro-kernels" };
        assert!(error.contains(words), "{error}");
    }
}
