//! Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at most, so
//! first + count may overflow: compare no index with the end.

/// Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem that
/// needs random numbers makes them from the seed and the index.
fn counts(_seed: u64, index: u64) -> bool {
    index % 3 == 0
}

#[unsafe(no_mangle)]
pub extern "C" fn count_range(seed: u64, first: u64, count: u64) -> u64 {
    (0..count).map(|i| u64::from(counts(seed, first + i))).sum()
}
