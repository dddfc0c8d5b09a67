//! How a micro-kernel is written.

/// A function that runs a micro-kernel: what is prepared once, and the instructions of a quarter of a turn.
/// `{a}` and `{b}` in the preparation stand for two numbers, `{memory}` for the memory, `{result}` for the
/// register that is returned. The assembler repeats `.irp d,0,1` up to `.endr` for each `\d`.
macro_rules! micro {
    ($prepare:expr, [$($line:expr),* $(,)?], $finish:expr, $a:expr, $b:expr) => {
        |turns, memory| {
            let (a, b, result): (u64, u64, u64);
            (a, b) = ($a, $b);
            // SAFETY: the instructions write only registers that are named here and the memory, whose
            // twelve places of 64 bytes they do not leave. The caller gives at least one turn.
            unsafe {
                std::arch::asm!(
                    // Not every micro-kernel uses each of them.
                    "/* {a} {b} {memory} */",
                    $prepare,
                    ".p2align 6",
                    "2:",
                    ".rept 4",
                    $($line,)*
                    ".endr",
                    "dec {turns}",
                    "jnz 2b",
                    $finish,
                    turns = inout(reg) turns => _,
                    memory = in(reg) memory.0.as_mut_ptr(),
                    a = in(reg) a,
                    b = in(reg) b,
                    result = lateout(reg) result,
                    out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
                    out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
                    out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
                    out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
                    out("r8") _, out("r9") _, out("r10") _, out("r11") _,
                    out("r12") _, out("r13") _,
                    options(nostack),
                );
            }
            result
        }
    };
}

/// The same for twelve registers, each the destination of one instruction `$line`, in which `\d` is its
/// number.
macro_rules! twelve {
    ($prepare:expr, $line:expr, $finish:expr, $a:expr, $b:expr) => {
        micro!($prepare, [".irp d,0,1,2,3,4,5,6,7,8,9,10,11", $line, ".endr"], $finish, $a, $b)
    };
}

/// A micro-kernel of one instruction on twelve vectors, for a file with the macros `prepare` and `finish` and
/// the constant `LEVEL`.
macro_rules! row {
    ($name:literal, $line:literal, $a:expr, $b:expr, $expected:expr) => {
        Micro {
            name: $name,
            level: LEVEL,
            run: twelve!(prepare!(), $line, finish!(), $a, $b),
            expected: $expected,
        }
    };
}

/// The number 1 in floating point.
pub(crate) const ONE: u64 = 1.0_f64.to_bits();

/// The sum of as many ones as one register has additions.
pub(crate) fn ones(turns: u64) -> u64 {
    (4.0 * turns as f64).to_bits()
}
