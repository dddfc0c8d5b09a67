//! Finds the smallest call that breaks a rule, beginning with one that does.

use crate::calls::Call;

/// A range in two parts. Their counts should add up to that of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) whole: Call,
    /// The number of samples in the first part.
    pub(super) head: u64,
}

impl Split {
    /// The calls for the first part, the second part and the range.
    pub(super) fn parts(&self) -> [Call; 3] {
        let Self { whole, head } = *self;
        let tail =
            Call { first: whole.first.wrapping_add(head), count: whole.count - head, ..whole };
        [Call { count: head, ..whole }, tail, whole]
    }
}

/// A trial that can be made smaller.
pub(super) trait Shrink: Copy {
    /// The number of calls that decide about it.
    const CALLS: usize;

    /// The calls that decide about it. The last is named if it fails.
    fn calls(&self) -> Vec<Call>;

    /// Smaller ones, in the order in which they are tried. `seed` is the simplest seed.
    fn smaller(&self, seed: u64) -> Vec<Self>;
}

/// The most steps from one trial to a smaller one. Most of them halve something.
const MOST: usize = 200;

/// The smallest trial that fails. `fails` tells which of several is the first that fails.
///
/// # Errors
/// The errors of `fails`.
pub(super) fn smallest<T: Shrink>(
    mut failing: T,
    seed: u64,
    mut fails: impl FnMut(&[T]) -> anyhow::Result<Option<usize>>,
) -> anyhow::Result<T> {
    for _ in 0..MOST {
        let smaller = failing.smaller(seed);
        match fails(&smaller)? {
            Some(which) => failing = smaller[which],
            None => break,
        }
    }
    Ok(failing)
}

/// `n / 2`, `n / 4`, … 1.
fn halves(n: u64) -> impl Iterator<Item = u64> {
    (1..64).map(move |shift| n >> shift).take_while(|cut| *cut > 0)
}

/// Indices before `first`, those far from it first. Some have the same low bits.
fn nearer_to_0(first: u64) -> impl Iterator<Item = u64> {
    let same_bits = (0..64).map(move |bits| first & ((1 << bits) - 1));
    same_bits.chain(halves(first).map(move |cut| first - cut)).filter(move |nearer| *nearer < first)
}

impl Shrink for Call {
    const CALLS: usize = 1;

    fn calls(&self) -> Vec<Call> {
        vec![*self]
    }

    fn smaller(&self, seed: u64) -> Vec<Self> {
        let Self { first, count, .. } = *self;
        let range = |first, count| Self { first, count, ..*self };
        let none = (count > 0).then_some(range(first, 0));
        let few = (1..count.min(4))
            .flat_map(|few| [range(first, few), range(first + (count - few), few)]);
        let cut = halves(count)
            .flat_map(|cut| [range(first, count - cut), range(first + cut, count - cut)]);
        let nearer = nearer_to_0(first).map(|first| range(first, count));
        let simplest = (self.seed != seed).then_some(Self { seed, ..*self });
        none.into_iter().chain(few).chain(cut).chain(nearer).chain(simplest).collect()
    }
}

impl Shrink for Split {
    const CALLS: usize = 3;

    fn calls(&self) -> Vec<Call> {
        self.parts().to_vec()
    }

    fn smaller(&self, seed: u64) -> Vec<Self> {
        let Self { whole: Call { first, count, .. }, head } = *self;
        let tail = count - head;
        let cut_at = |first, head, tail| {
            let whole = Call { first, count: head + tail, ..self.whole };
            Self { whole, head }
        };
        let has_two = head > 0 && tail > 0 && count > 2;
        let pairs = has_two.then(|| [first, first + head - 1, first + count - 2]);
        let pairs = pairs.into_iter().flatten().map(|first| cut_at(first, 1, 1));
        // If the parts do not add up and the first is cut in two, then at least one of these splits does
        // not add up either.
        let heads = halves(head).flat_map(|cut| {
            let rest = head - cut;
            [
                cut_at(first, rest, cut),
                cut_at(first + rest, cut, tail),
                cut_at(first, rest, cut + tail),
            ]
        });
        let tails = halves(tail).flat_map(|cut| {
            let rest = tail - cut;
            [cut_at(first, head, rest), cut_at(first + head, rest, cut)]
        });
        let nearer = nearer_to_0(first).map(|first| cut_at(first, head, tail));
        let simplest = (self.whole.seed != seed)
            .then_some(Self { whole: Call { seed, ..self.whole }, ..*self });
        pairs.chain(heads).chain(tails).chain(nearer).chain(simplest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: u64 = 42;

    fn smallest_call(
        seed: u64,
        first: u64,
        count: u64,
        fails: fn(&Call) -> bool,
    ) -> (u64, u64, u64) {
        let call = Call { seed, first, count };
        assert!(fails(&call));
        let Call { seed, first, count } =
            smallest(call, SEED, |calls| Ok(calls.iter().position(fails))).unwrap();
        (seed, first, count)
    }

    #[test]
    fn a_call_becomes_as_small_as_it_can() {
        assert_eq!(smallest_call(7, 1000, 4_000_000, |_| true), (SEED, 0, 0));
        assert_eq!(smallest_call(7, 3, 4_000_000, |c| c.seed != SEED && c.count > 0), (7, 0, 1));
        let odd = |c: &Call| c.first % 2 == 1 && c.count >= 2;
        assert_eq!(smallest_call(7, (1 << 40) + 1, 4_000_001, odd), (SEED, 1, 2));
        let far = |c: &Call| c.first >= 1 << 32 && c.count > 0;
        assert_eq!(smallest_call(7, (1 << 63) + 12_345, 99, far), (SEED, 1 << 32, 1));
        let last = |c: &Call| c.count > 0 && c.first.wrapping_add(c.count) == 0;
        assert_eq!(smallest_call(7, u64::MAX - 98, 99, last), (SEED, u64::MAX, 1));
        assert_eq!(smallest_call(7, 100, 1_000_000, |c| c.count > 4321).2, 4322);
    }
}
