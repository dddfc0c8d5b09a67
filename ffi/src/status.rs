//! The status codes and what each means.

use std::ffi::CStr;

/// The result of a call: LIBPI_OK, LIBPI_STOPPED, or one of the errors LIBPI_ERROR_*. New codes may
/// be added; libpi_status_text says what a code means.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type libpi_status = i32;

/// Success: the out-parameters are written.
pub const LIBPI_OK: libpi_status = 0;
/// A pointer argument is NULL.
pub const LIBPI_ERROR_NULL: libpi_status = 1;
/// The generator is not LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
pub const LIBPI_ERROR_GENERATOR: libpi_status = 2;
/// There is no kernel, level or driver with this name.
pub const LIBPI_ERROR_NAME: libpi_status = 3;
/// The kernel or driver exists, but this build or this CPU cannot run it.
pub const LIBPI_ERROR_MISSING: libpi_status = 4;
/// The generator does not accept this seed.
pub const LIBPI_ERROR_SEED: libpi_status = 5;
/// first + count exceeds 2^64.
pub const LIBPI_ERROR_RANGE: libpi_status = 6;
/// The number of threads is neither 0 (the default) nor 1 to 1024, or it is above 1 for the driver
/// serial.
pub const LIBPI_ERROR_THREADS: libpi_status = 7;
/// The operating system refused to start more threads.
pub const LIBPI_ERROR_SPAWN: libpi_status = 8;
/// There are more hits than samples.
pub const LIBPI_ERROR_HITS: libpi_status = 9;
/// There are no samples, so there is no estimate.
pub const LIBPI_ERROR_NO_SAMPLES: libpi_status = 10;
/// The part number is not below the number of parts.
pub const LIBPI_ERROR_PART: libpi_status = 11;
/// The index is past the end of the list.
pub const LIBPI_ERROR_INDEX: libpi_status = 12;
/// The environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has an invalid value.
pub const LIBPI_ERROR_VARIABLE: libpi_status = 13;
/// libpi has a bug: please report the message.
pub const LIBPI_ERROR_PANIC: libpi_status = 14;
/// The caller's kernel returned an error number: libpi_last_kernel_error() returns it.
pub const LIBPI_ERROR_KERNEL: libpi_status = 15;
/// The length of a block is neither 0 (65536 indices) nor 1 to 2^63 - 1.
pub const LIBPI_ERROR_BLOCK: libpi_status = 16;
/// No error: the caller's progress function stopped the count. The out-parameters are written, and
/// say how far it got.
pub const LIBPI_STOPPED: libpi_status = 17;

/// What a status means, for every number.
pub(crate) fn text(status: libpi_status) -> &'static CStr {
    match status {
        LIBPI_OK => c"success",
        LIBPI_ERROR_NULL => c"a pointer argument is NULL",
        LIBPI_ERROR_GENERATOR => c"there is no generator with this number",
        LIBPI_ERROR_NAME => c"there is no kernel, level or driver with this name",
        LIBPI_ERROR_MISSING => c"this build or this CPU cannot run the kernel or driver",
        LIBPI_ERROR_SEED => c"the generator does not accept this seed",
        LIBPI_ERROR_RANGE => c"first + count exceeds 2^64",
        LIBPI_ERROR_THREADS => {
            c"the number of threads must be 0 (the default) or 1 to 1024, and 1 for the driver serial"
        }
        LIBPI_ERROR_SPAWN => c"the operating system refused to start more threads",
        LIBPI_ERROR_HITS => c"there are more hits than samples",
        LIBPI_ERROR_NO_SAMPLES => c"there are no samples, so there is no estimate",
        LIBPI_ERROR_PART => c"the part number is not below the number of parts",
        LIBPI_ERROR_INDEX => c"the index is past the end of the list",
        LIBPI_ERROR_VARIABLE => {
            c"the environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has an invalid value"
        }
        LIBPI_ERROR_PANIC => c"libpi has a bug: please report it",
        LIBPI_ERROR_KERNEL => c"the caller's kernel failed",
        LIBPI_ERROR_BLOCK => c"the length of a block must be 0 (65536 indices) or 1 to 2^63 - 1",
        LIBPI_STOPPED => c"the caller's progress function stopped the count",
        _ => c"this version of libpi has no such status",
    }
}
