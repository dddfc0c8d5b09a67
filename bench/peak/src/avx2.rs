//! Vectors of 256 bits: x86-64-v3.

use crate::micro::{ONE, ones};
use crate::{MARK, Micro};

const LEVEL: &str = "x86-64-v3";

/// `{a}` in each lane of ymm14 and `{b}` in each of ymm15; the other registers are 0.
macro_rules! prepare {
    () => {
        concat!(
            ".irp d,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n vpxor xmm\\d, xmm\\d, xmm\\d\n .endr\n",
            "vmovq xmm14, {a}\n vpbroadcastq ymm14, xmm14\n",
            "vmovq xmm15, {b}\n vpbroadcastq ymm15, xmm15",
        )
    };
}

/// The last lane of ymm0 is the result.
macro_rules! finish {
    () => {
        "vmovq {result}, xmm0\n vzeroupper"
    };
}

pub(crate) static ALL: &[Micro] = &[
    row!("multiply-256", "vpmuludq ymm\\d, ymm14, ymm15", 3, 5, |_| 15),
    row!("shift-256", "vpsrlq ymm\\d, ymm14, 1", MARK, 0, |_| MARK >> 1),
    row!("shuffle-256", "vpshufd ymm\\d, ymm14, 0xb1", MARK, 0, |_| MARK.rotate_left(32)),
    row!("logic-256", "vpxor ymm\\d, ymm14, ymm15", MARK, 5, |_| MARK ^ 5),
    row!("add-256", "vpaddq ymm\\d, ymm\\d, ymm15", 0, 3, |turns| 12 * turns),
    row!("compare-256", "vpcmpeqd ymm\\d, ymm14, ymm15", 7, 7, |_| u64::MAX),
    row!("blend-256", "vpblendd ymm\\d, ymm14, ymm15, 0xaa", 7, 9 << 32, |_| 7 | 9 << 32),
    row!("float-add-256", "vaddpd ymm\\d, ymm\\d, ymm15", 0, ONE, ones),
    row!("float-multiply-256", "vmulpd ymm\\d, ymm14, ymm15", ONE, ONE, |_| ONE),
    row!("fma-256", "vfmadd231pd ymm\\d, ymm14, ymm15", ONE, ONE, ones),
    row!("load-256", "vmovdqa ymm\\d, [{memory} + 64 * \\d]", 0, 0, |_| MARK),
    Micro {
        name: "store-256",
        level: LEVEL,
        run: twelve!(
            prepare!(),
            "vmovdqa [{memory} + 64 * \\d], ymm14",
            "mov {result}, [{memory} + 64 * 11 + 24]\n vzeroupper",
            !MARK,
            0
        ),
        expected: |_| !MARK,
    },
    Micro {
        name: "slots-256",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "vpaddq ymm0, ymm0, ymm15",
                "vpmuludq ymm1, ymm14, ymm15",
                "vpsrlq ymm2, ymm14, 1",
                "vpxor ymm3, ymm14, ymm15",
                "vpaddq ymm4, ymm4, ymm15",
                "vpmuludq ymm5, ymm14, ymm15",
                "vpshufd ymm6, ymm14, 0xb1",
                "vpxor ymm7, ymm14, ymm15",
                "vpaddq ymm8, ymm8, ymm15",
                "vpxor ymm9, ymm14, ymm15",
                "vpaddq ymm10, ymm10, ymm15",
                "vpxor ymm11, ymm14, ymm15",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
    Micro {
        name: "instructions-256",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "vpaddq ymm0, ymm0, ymm15",
                "add r8, {b}",
                "vpxor ymm1, ymm14, ymm15",
                "add r9, {b}",
                "vpaddq ymm2, ymm2, ymm15",
                "add r10, {b}",
                "vpxor ymm3, ymm14, ymm15",
                "add r11, {b}",
                "vpaddq ymm4, ymm4, ymm15",
                "add r12, {b}",
                "vpxor ymm5, ymm14, ymm15",
                "add r13, {b}",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
];
