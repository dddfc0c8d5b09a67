//! The generators and their numbers.

use crate::failure::Failure;
use crate::status::LIBPI_ERROR_GENERATOR;
use libpi::Generator;

/// The generator of the random points: LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_generator = i32;

/// Philox4x32-10, a counter-based generator. Every seed is valid; 42 is the usual one.
pub const LIBPI_PHILOX: libpi_generator = 1;
/// The generator of the NAS Parallel Benchmarks EP. A seed must be odd and below 2^46; 271828183
/// is the usual one.
pub const LIBPI_NPB: libpi_generator = 2;
/// xoshiro256++ in blocks of 65536 samples. Every seed is valid; 42 is the usual one.
pub const LIBPI_XOSHIRO: libpi_generator = 3;
/// Each language's own generator, as a statistical baseline. The count depends on the kernel and on
/// how the range is split. Every seed is valid.
pub const LIBPI_TEXTBOOK: libpi_generator = 4;

/// The generator with this number.
pub(crate) fn checked(generator: libpi_generator) -> Result<Generator, Failure> {
    Generator::ALL.into_iter().find(|known| c_name(*known) == generator).ok_or_else(|| {
        Failure::new(
            LIBPI_ERROR_GENERATOR,
            format!(
                "unknown generator {generator}: use LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or \
                 LIBPI_TEXTBOOK"
            ),
        )
    })
}

/// The number of a generator.
pub(crate) fn c_name(generator: Generator) -> libpi_generator {
    match generator {
        Generator::Philox => LIBPI_PHILOX,
        Generator::Npb => LIBPI_NPB,
        Generator::Xoshiro => LIBPI_XOSHIRO,
        Generator::Textbook => LIBPI_TEXTBOOK,
        Generator::Problem(_) => unreachable!("libpi.so has no kernels of other problems"),
    }
}
