//! The CPUs that the process was started on, saved before any runtime narrows them.

use crate::cpus::mask::CpuMask;
use std::sync::OnceLock;

pub(super) static AT_START: OnceLock<CpuMask> = OnceLock::new();

/// Saves the mask of the calling thread as the one that the process started with.
/// [`save_cpu_mask!`](crate::save_cpu_mask) runs it before any library's own start-up code.
#[doc(hidden)]
pub extern "C" fn save_mask_at_start(
    _argc: libc::c_int,
    _argv: *const *const libc::c_char,
    _envp: *const *const libc::c_char,
) {
    AT_START.get_or_init(CpuMask::of_this_thread);
}

/// Makes the executable remember the CPUs it was started on, before a runtime such as libgomp
/// pins its first thread. Use once, in the root of a binary, bench or test.
///
/// It places a function in `.preinit_array`, which runs before all libraries' constructors; the
/// linker allows that in executables only, so a library cannot do it for its users.
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

/// The CPUs the process was started on, or else those of the calling thread.
pub fn mask_at_start() -> CpuMask {
    AT_START.get().copied().unwrap_or_else(CpuMask::of_this_thread)
}
