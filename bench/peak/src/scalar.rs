//! Instructions on general registers: every x86-64 CPU.

use crate::{MARK, Micro};

const LEVEL: &str = "x86-64";

/// `{a}` in each of six registers.
macro_rules! prepare {
    () => {
        ".irp d,8,9,10,11,12,13\n mov r\\d, {a}\n .endr"
    };
}

/// An instruction for each of six registers, twice.
macro_rules! row {
    ($name:literal, $line:literal, $finish:literal, $a:expr, $b:expr, $expected:expr) => {
        Micro {
            name: $name,
            level: LEVEL,
            run: micro!(
                prepare!(),
                [".irp d,8,9,10,11,12,13,8,9,10,11,12,13", $line, ".endr"],
                $finish,
                $a,
                $b
            ),
            expected: $expected,
        }
    };
}

pub(crate) static ALL: &[Micro] = &[
    row!("multiply-64", "imul r\\d, {b}", "mov {result}, r8", 7, 1, |_| 7),
    row!("shift-64", "shr r\\d, 1", "mov {result}, r8", MARK, 0, |turns| {
        MARK.checked_shr((8 * turns).min(64) as u32).unwrap_or(0)
    }),
    row!("add-64", "add r\\d, {b}", "mov {result}, r8", 0, 3, |turns| 24 * turns),
    row!("load-64", "mov r\\d, [{memory} + 8 * \\d]", "mov {result}, r13", 0, 0, |_| MARK),
    row!(
        "store-64",
        "mov [{memory} + 8 * \\d], {a}",
        "mov {result}, [{memory} + 8 * 13]",
        !MARK,
        0,
        |_| !MARK
    ),
    Micro {
        name: "slots-64",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "add r8, {b}",
                "lea r9, [{b} + 8]",
                "xor r10, {b}",
                "add r11, {b}",
                "lea r12, [{b} + 8]",
                "and r13, {b}",
                "add r8, {b}",
                "lea r9, [{b} + 8]",
                "xor r10, {b}",
                "add r11, {b}",
                "lea r12, [{b} + 8]",
                "and r13, {b}",
            ],
            "mov {result}, r8",
            0,
            3
        ),
        expected: |turns| 24 * turns,
    },
];
