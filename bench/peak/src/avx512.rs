//! Vectors of 512 bits: x86-64-v4.

use crate::micro::{ONE, ones};
use crate::{MARK, Micro};

const LEVEL: &str = "x86-64-v4";

/// `{a}` in each lane of zmm14 and `{b}` in each of zmm15; the other registers are 0.
macro_rules! prepare {
    () => {
        concat!(
            ".irp d,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n vpxor xmm\\d, xmm\\d, xmm\\d\n .endr\n",
            "vpbroadcastq zmm14, {a}\n vpbroadcastq zmm15, {b}",
        )
    };
}

/// The last lane of zmm0 is the result.
macro_rules! finish {
    () => {
        "vmovq {result}, xmm0\n vzeroupper"
    };
}

pub(crate) static ALL: &[Micro] = &[
    row!("multiply-512", "vpmuludq zmm\\d, zmm14, zmm15", 3, 5, |_| 15),
    row!("shift-512", "vpsrlq zmm\\d, zmm14, 1", MARK, 0, |_| MARK >> 1),
    row!("shuffle-512", "vpshufd zmm\\d, zmm14, 0xb1", MARK, 0, |_| MARK.rotate_left(32)),
    row!("logic-512", "vpxorq zmm\\d, zmm14, zmm15", MARK, 5, |_| MARK ^ 5),
    row!("add-512", "vpaddq zmm\\d, zmm\\d, zmm15", 0, 3, |turns| 12 * turns),
    row!("float-add-512", "vaddpd zmm\\d, zmm\\d, zmm15", 0, ONE, ones),
    row!("float-multiply-512", "vmulpd zmm\\d, zmm14, zmm15", ONE, ONE, |_| ONE),
    row!("fma-512", "vfmadd231pd zmm\\d, zmm14, zmm15", ONE, ONE, ones),
    row!("load-512", "vmovdqa64 zmm\\d, [{memory} + 64 * \\d]", 0, 0, |_| MARK),
    Micro {
        name: "store-512",
        level: LEVEL,
        run: twelve!(
            prepare!(),
            "vmovdqa64 [{memory} + 64 * \\d], zmm14",
            "mov {result}, [{memory} + 64 * 11 + 56]\n vzeroupper",
            !MARK,
            0
        ),
        expected: |_| !MARK,
    },
    Micro {
        name: "slots-512",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "vpaddq zmm0, zmm0, zmm15",
                "vpmuludq zmm1, zmm14, zmm15",
                "vpsrlq zmm2, zmm14, 1",
                "vpxorq zmm3, zmm14, zmm15",
                "vpaddq zmm4, zmm4, zmm15",
                "vpmuludq zmm5, zmm14, zmm15",
                "vpshufd zmm6, zmm14, 0xb1",
                "vpxorq zmm7, zmm14, zmm15",
                "vpaddq zmm8, zmm8, zmm15",
                "vpxorq zmm9, zmm14, zmm15",
                "vpaddq zmm10, zmm10, zmm15",
                "vpxorq zmm11, zmm14, zmm15",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
    Micro {
        name: "instructions-512",
        level: LEVEL,
        run: micro!(
            prepare!(),
            [
                "vpaddq zmm0, zmm0, zmm15",
                "add r8, {b}",
                "add r9, {b}",
                "vpxorq zmm3, zmm14, zmm15",
                "add r10, {b}",
                "add r11, {b}",
                "vpaddq zmm4, zmm4, zmm15",
                "add r12, {b}",
                "add r13, {b}",
                "vpxorq zmm7, zmm14, zmm15",
                "add r8, {b}",
                "add r9, {b}",
            ],
            finish!(),
            0,
            3
        ),
        expected: |turns| 12 * turns,
    },
];
