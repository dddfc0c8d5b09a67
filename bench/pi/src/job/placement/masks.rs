//! What is known of the CPUs of several ranks or workers of a node without a list of them, so that they
//! need not all tell each other.

use crate::job::ranks::group::Group;
use libpi::cpus::{CpuMask, cpu_list};
use pi_harness::session::dealing::{Crowd, crowd};

/// Masks of a node. A mask that is empty is unknown and left out.
pub(super) struct Masks {
    pub(super) number: u64,
    /// All their CPUs.
    pub(super) all: CpuMask,
    /// The sum of the numbers of their CPUs.
    total: u64,
    /// The smallest number of CPUs of a mask.
    pub(super) narrowest: u64,
}

impl Masks {
    /// The masks of all members of a group, of which these are this member's own.
    pub(super) fn of(own: &[CpuMask], group: Group) -> Self {
        let known = || own.iter().filter(|mask| mask.count() > 0);
        let sizes = known().map(|mask| u64::from(mask.count()));
        let [number, total] = group.sums([known().count() as u64, sizes.clone().sum()]);
        let [inverse] = group.maxima([sizes.map(|size| !size).max().unwrap_or(0)]);
        let [all] = group.unions([own.iter().flat_map(CpuMask::cpus).collect()]);
        Self { number, all, total, narrowest: !inverse }
    }

    /// Whether each of them has all the CPUs.
    pub(super) fn are_equal(&self) -> bool {
        self.total == self.number * u64::from(self.all.count())
    }

    /// Whether no two of them have a CPU in common.
    pub(super) fn are_disjoint(&self) -> bool {
        self.total == u64::from(self.all.count())
    }

    /// Workers that cannot have a CPU each, if there are any. Only overlapping masks of few workers must be
    /// listed: there are at most as many workers as CPUs.
    pub(super) fn crowd(&self, list: impl FnOnce() -> Vec<CpuMask>) -> Option<Crowd> {
        if self.number > u64::from(self.all.count()) {
            return Some(Crowd { workers: self.number as usize, cpus: self.all });
        }
        let is_easy = self.are_equal() || self.are_disjoint() || self.narrowest >= self.number;
        if is_easy { None } else { crowd(&list()) }
    }
}

/// The mask that a list such as `0-3,8` stands for.
pub(super) fn mask(list: &str) -> CpuMask {
    cpu_list(list).unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::ranks::Ranks;

    fn crowd_of(lists: &[&str]) -> (Option<(usize, String)>, bool) {
        let listed = std::cell::Cell::new(false);
        let masks: Vec<CpuMask> = lists.iter().map(|list| mask(list)).collect();
        let list = || {
            listed.set(true);
            masks.clone()
        };
        let crowd = Masks::of(&masks, Ranks::alone().everyone()).crowd(list);
        (crowd.map(|crowd| (crowd.workers, crowd.cpus.to_string())), listed.get())
    }

    /// The cases that a large job has are told apart without a list.
    #[test]
    fn a_list_is_asked_for_only_if_masks_overlap_and_differ() {
        let some = |workers: usize, cpus: &str| Some((workers, cpus.to_owned()));
        for (lists, expected) in [
            (&[][..], (None, false)),
            (&["", ""], (None, false)),
            (&["0", "1", "2"], (None, false)),
            (&["0-1", "0-1"], (None, false)),
            (&["0-3", "2-5", "1-8"], (None, false)),
            (&["0-1", "0-1", "0-1"], (some(3, "0-1"), false)),
            (&["0", "0"], (some(2, "0"), false)),
            (&["0", "", "0"], (some(2, "0"), false)),
            (&["0", "2", "0"], (some(3, "0,2"), false)),
            (&["0", "0", "1-3"], (some(2, "0"), true)),
            (&["0", "0-1", "1-3"], (None, true)),
            (&["0,64", "0,64", "0,64", "1-2"], (some(3, "0,64"), true)),
        ] {
            assert_eq!(crowd_of(lists), expected, "{lists:?}");
        }
    }

    #[test]
    fn equal_masks_and_disjoint_ones_are_known() {
        let of = |lists: &[&str]| {
            let masks: Vec<CpuMask> = lists.iter().map(|list| mask(list)).collect();
            let masks = Masks::of(&masks, Ranks::alone().everyone());
            (masks.are_equal(), masks.are_disjoint(), masks.narrowest)
        };
        assert_eq!(of(&["0-3", "0-3"]), (true, false, 4));
        assert_eq!(of(&["0-3", "4-5"]), (false, true, 2));
        assert_eq!(of(&["63", "127"]), (false, true, 1));
        assert_eq!(of(&["0-3", "3-4"]), (false, false, 2));
        assert_eq!(of(&["0,64", "64,128"]), (false, false, 2));
    }
}
