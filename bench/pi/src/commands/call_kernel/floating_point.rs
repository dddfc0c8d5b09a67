//! The floating-point modes of this thread, without the flags that every operation may set.

/// Each mode with its value in words.
#[cfg(target_arch = "x86_64")]
pub(super) fn modes() -> Vec<(&'static str, String)> {
    let (mut mxcsr, mut x87) = (0_u32, 0_u16);
    // SAFETY: both instructions only write to these variables.
    unsafe {
        std::arch::asm!(
            "stmxcsr [{}]", "fnstcw [{}]",
            in(reg) &raw mut mxcsr, in(reg) &raw mut x87,
            options(nostack, preserves_flags)
        );
    }
    let rounding = ["to nearest", "down", "up", "to zero"][(mxcsr >> 13 & 3) as usize];
    vec![
        ("the rounding mode", rounding.to_owned()),
        ("flushing of denormal results to zero", on_or_off(mxcsr >> 15 & 1)),
        ("reading of denormals as zero", on_or_off(mxcsr >> 6 & 1)),
        ("the mask of floating-point exceptions", format!("{:#x}", mxcsr >> 7 & 0x3f)),
        ("the control word of the x87", format!("{x87:#x}")),
    ]
}

/// Each mode with its value in words.
#[cfg(target_arch = "aarch64")]
pub(super) fn modes() -> Vec<(&'static str, String)> {
    let fpcr: u64;
    // SAFETY: the instruction only reads a register.
    unsafe {
        std::arch::asm!("mrs {}, fpcr", out(reg) fpcr, options(nomem, nostack, preserves_flags));
    }
    let rounding = ["to nearest", "up", "down", "to zero"][(fpcr >> 22 & 3) as usize];
    vec![
        ("the rounding mode", rounding.to_owned()),
        ("flushing of denormals to zero", on_or_off((fpcr >> 24 & 1) as u32)),
        ("the traps of floating-point exceptions", format!("{:#x}", fpcr >> 8 & 0x9f)),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn modes() -> Vec<(&'static str, String)> {
    Vec::new()
}

fn on_or_off(bit: u32) -> String {
    if bit == 0 { "off" } else { "on" }.to_owned()
}
