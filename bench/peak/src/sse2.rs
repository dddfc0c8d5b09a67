//! Vectors of 128 bits: every x86-64 CPU. An instruction overwrites one of its operands.

use crate::micro::{ONE, ones};
use crate::{MARK, Micro};

const LEVEL: &str = "x86-64";

/// `{b}` in each lane of xmm15 and `{a}` in each lane of the other registers.
macro_rules! prepare {
    () => {
        concat!(
            "movq xmm14, {a}\n punpcklqdq xmm14, xmm14\n",
            "movq xmm15, {b}\n punpcklqdq xmm15, xmm15\n",
            ".irp d,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n movdqa xmm\\d, xmm14\n .endr",
        )
    };
}

/// The last lane of xmm0 is the result.
macro_rules! finish {
    () => {
        "movq {result}, xmm0"
    };
}

pub(crate) static ALL: &[Micro] = &[
    row!("multiply-128", "pmuludq xmm\\d, xmm15", 7, 1, |_| 7),
    row!("shift-128", "psrlq xmm\\d, 1", MARK, 0, |turns| {
        MARK.checked_shr((4 * turns).min(64) as u32).unwrap_or(0)
    }),
    row!("shuffle-128", "pshufd xmm\\d, xmm15, 0xb1", 0, MARK, |_| MARK.rotate_left(32)),
    row!("logic-128", "pxor xmm\\d, xmm15", 7, MARK, |_| 7),
    row!("add-128", "paddq xmm\\d, xmm15", 0, 3, |turns| 12 * turns),
    row!("compare-128", "pcmpeqd xmm\\d, xmm15", u64::MAX, u64::MAX, |_| u64::MAX),
    row!("float-add-128", "addpd xmm\\d, xmm15", 0, ONE, ones),
    row!("float-multiply-128", "mulpd xmm\\d, xmm15", ONE, ONE, |_| ONE),
    row!("load-128", "movdqa xmm\\d, [{memory} + 64 * \\d]", 0, 0, |_| MARK),
    Micro {
        name: "store-128",
        level: LEVEL,
        run: twelve!(
            prepare!(),
            "movdqa [{memory} + 64 * \\d], xmm14",
            "mov {result}, [{memory} + 64 * 11 + 8]",
            !MARK,
            0
        ),
        expected: |_| !MARK,
    },
    Micro {
        name: "slots-128",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "paddq xmm0, xmm15",
                "pmuludq xmm1, xmm15",
                "psrlq xmm2, 1",
                "pxor xmm3, xmm15",
                "paddq xmm4, xmm15",
                "pmuludq xmm5, xmm15",
                "pshufd xmm6, xmm14, 0xb1",
                "pxor xmm7, xmm15",
                "paddq xmm8, xmm15",
                "pxor xmm9, xmm15",
                "paddq xmm10, xmm15",
                "pxor xmm11, xmm15",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
    Micro {
        name: "instructions-128",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "paddq xmm0, xmm15",
                "add r8, {b}",
                "pxor xmm1, xmm15",
                "add r9, {b}",
                "paddq xmm2, xmm15",
                "add r10, {b}",
                "pxor xmm3, xmm15",
                "add r11, {b}",
                "paddq xmm4, xmm15",
                "add r12, {b}",
                "pxor xmm5, xmm15",
                "add r13, {b}",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
];
