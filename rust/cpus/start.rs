//! The affinity mask with which the process was started, saved before any runtime narrows it.

use crate::cpus::mask::CpuMask;
use std::sync::OnceLock;

pub(super) static AT_START: OnceLock<CpuMask> = OnceLock::new();

/// Saves the mask of the calling thread as the mask with which the process was started.
/// [`save_cpu_mask!`](crate::save_cpu_mask) runs it before the start-up code of any library.
#[doc(hidden)]
pub extern "C" fn save_mask_at_start(
    _argc: libc::c_int,
    _argv: *const *const libc::c_char,
    _envp: *const *const libc::c_char,
) {
    AT_START.get_or_init(CpuMask::of_this_thread);
}

/// Makes the executable save the affinity mask with which it was started, before a runtime such as
/// libgomp pins its first thread. Use it once, in the root of a binary, bench or test.
///
/// The macro places a function in `.preinit_array`, which runs before the constructors of all
/// libraries. The linker allows that in executables only, so a library cannot do it for its users.
#[macro_export]
macro_rules! save_cpu_mask {
    () => {
        #[cfg(target_os = "linux")]
        #[used]
        // SAFETY: the section holds functions of this very type, which the loader calls once.
        #[unsafe(link_section = ".preinit_array")]
        static SAVE_CPU_MASK: extern "C" fn(
            ::std::ffi::c_int,
            *const *const ::std::ffi::c_char,
            *const *const ::std::ffi::c_char,
        ) = $crate::cpus::save_mask_at_start;
    };
}

/// The affinity mask with which the process was started. If it was not saved, this is the mask of
/// the calling thread.
pub fn mask_at_start() -> CpuMask {
    AT_START.get().copied().unwrap_or_else(CpuMask::of_this_thread)
}
