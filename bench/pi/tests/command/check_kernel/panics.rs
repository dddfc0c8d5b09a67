//! A kernel that panics. With the ABI `C` such a function aborts; with `C-unwind` the panic leaves it.

#[unsafe(no_mangle)]
pub extern "C" fn panics(_seed: u64, first: u64, count: u64) -> u64 {
    assert!(count < 50, "no more than 49 samples, please");
    0 * first
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn unwinds(_seed: u64, first: u64, count: u64) -> u64 {
    assert!(count < 50, "no more than 49 samples, please");
    0 * first
}
