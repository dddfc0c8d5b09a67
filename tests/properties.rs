//! Properties that hold for all seeds and ranges: kernels agree with the reference, and counts add
//! up.

mod checks;
mod reference;

use checks::{EXACT, count, exact_kernels};
use libpi::{BLOCK, Generator};
use proptest::prelude::*;
use reference::REFERENCE;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Seeds that suit the generator.
fn seeds(generator: Generator) -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), Just(generator.default_seed()), any::<u64>()].prop_map(
        move |seed| {
            if generator == Generator::Npb { (seed % (1 << 46)) | 1 } else { seed }
        },
    )
}

/// First indices: some near the values at which an index, a block number or a half of one
/// overflows, some near borders of blocks, and some anywhere.
fn firsts() -> impl Strategy<Value = u64> {
    let anchors = prop_oneof![
        Just(0),
        Just(1 << 31),
        Just(1 << 32),
        Just(1 << 33),
        Just(1 << 34),
        Just(1 << 63),
        (0..=u64::MAX / BLOCK).prop_map(|block| block * BLOCK),
        any::<u64>(),
    ];
    (anchors, 0u64..3000).prop_map(|(anchor, back): (u64, u64)| anchor.wrapping_sub(back))
}

/// Ranges of at most `longest` samples. Some end exactly at 2^64.
fn ranges(longest: u64) -> impl Strategy<Value = (u64, u64)> {
    let counts = prop_oneof![0..40u64.min(longest), 0..3000u64.min(longest), 0..longest];
    (firsts(), counts, any::<u8>()).prop_map(|(first, count, at_the_end)| match at_the_end {
        0..32 => (count.max(1).wrapping_neg(), count.max(1)),
        _ => (first, u128::from(count).min((1 << 64) - u128::from(first)) as u64),
    })
}

fn seeds_and_ranges(longest: u64) -> impl Strategy<Value = (Generator, u64, (u64, u64))> {
    proptest::sample::select(&EXACT)
        .prop_flat_map(move |generator| (Just(generator), seeds(generator), ranges(longest)))
}

proptest! {
    #![proptest_config(cases(2000))]
    #[test]
    fn kernels_agree_with_the_reference(
        (generator, seed, (first, length)) in seeds_and_ranges(20_000),
    ) {
        let expected = REFERENCE.hits(generator, seed, first, length);
        for kernel in exact_kernels().filter(|kernel| kernel.generator() == generator) {
            prop_assert_eq!(count(kernel, seed, first, length), expected, "{}", kernel.full_name());
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]
    /// The count of a range is the sum of the counts of its pieces, wherever the range is cut. All
    /// kernels give the same count.
    #[test]
    fn counts_are_additive(
        (generator, seed, (first, length)) in seeds_and_ranges(1_000_000),
        cuts in prop::collection::vec(any::<u64>(), 1..6),
    ) {
        let mut ends: Vec<u64> = cuts.iter().map(|cut| cut % (length + 1)).chain([0, length]).collect();
        ends.sort_unstable();
        let kernels: Vec<_> =
            exact_kernels().filter(|kernel| kernel.generator() == generator).collect();
        let whole = count(kernels[0], seed, first, length);
        for kernel in kernels {
            prop_assert_eq!(count(kernel, seed, first, length), whole, "{}", kernel.full_name());
            // Empty pieces are left out, because one may start at 2^64.
            let pieces = ends.windows(2).filter(|ends| ends[0] < ends[1]);
            let sum: u64 =
                pieces.map(|ends| count(kernel, seed, first + ends[0], ends[1] - ends[0])).sum();
            prop_assert_eq!(sum, whole, "{} cut at {:?}", kernel.full_name(), ends);
        }
    }
}
