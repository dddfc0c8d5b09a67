//! Deals CPUs to workers that may run only on some of them, so that each worker gets its own CPU.

use libpi::cpus::CpuMask;
use std::collections::{BTreeMap, BTreeSet};

/// CPUs that are dealt. The owners are numbers: indices of `masks`.
pub struct Dealt<'a> {
    /// The CPUs that each owner may have.
    masks: &'a [Vec<usize>],
    /// The owner of each CPU that was dealt.
    owners: BTreeMap<usize, usize>,
}

impl<'a> Dealt<'a> {
    /// Starts with all CPUs free.
    pub fn new(masks: &'a [Vec<usize>]) -> Self {
        Self { masks, owners: BTreeMap::new() }
    }

    pub fn owner(&self, cpu: usize) -> Option<usize> {
        self.owners.get(&cpu).copied()
    }

    /// Gives an owner one more CPU: the first free one, or one whose owner can take another CPU instead.
    ///
    /// # Errors
    /// If there is no such CPU: the owners that already have all the CPUs that any of them may have.
    pub fn give_one_to(&mut self, one: usize) -> Result<(), BTreeSet<usize>> {
        let mut asked = BTreeSet::from([one]);
        if self.ask(one, &mut asked) { Ok(()) } else { Err(asked) }
    }

    fn ask(&mut self, one: usize, asked: &mut BTreeSet<usize>) -> bool {
        let masks = self.masks;
        let is_free = |cpu: &&usize| !self.owners.contains_key(*cpu);
        if let Some(cpu) = masks[one].iter().find(is_free) {
            self.owners.insert(*cpu, one);
            return true;
        }
        for cpu in &masks[one] {
            let other = self.owners[cpu];
            if asked.insert(other) && self.ask(other, asked) {
                self.owners.insert(*cpu, one);
                return true;
            }
        }
        false
    }
}

/// More workers than the CPUs on which they may run.
#[derive(Debug, PartialEq, Eq)]
pub struct Crowd {
    pub workers: usize,
    pub cpus: CpuMask,
}

/// The workers of a node that cannot have a CPU each, if there are any. `masks` are the CPUs on which
/// each worker may run.
pub fn crowd(masks: &[CpuMask]) -> Option<Crowd> {
    // A worker that may run on as many CPUs as there are workers always finds a CPU.
    let narrow = masks.iter().filter(|mask| (1..masks.len()).contains(&(mask.count() as usize)));
    let narrow: Vec<Vec<usize>> = narrow.map(|mask| mask.cpus().collect()).collect();
    let mut dealt = Dealt::new(&narrow);
    (0..narrow.len()).find_map(|worker| {
        let crowd = dealt.give_one_to(worker).err()?;
        let cpus = crowd.iter().flat_map(|&one| narrow[one].iter().copied()).collect();
        Some(Crowd { workers: crowd.len(), cpus })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use libpi::cpus::cpu_list;

    fn crowd_of(lists: &[&str]) -> Option<(usize, String)> {
        let mask = |list: &&str| cpu_list(list).unwrap_or_default().into_iter().collect();
        let masks: Vec<CpuMask> = lists.iter().map(mask).collect();
        crowd(&masks).map(|crowd| (crowd.workers, crowd.cpus.to_string()))
    }

    #[test]
    fn who_has_a_cpu_takes_another_where_that_helps() {
        let masks = [vec![0, 1], vec![0], vec![2, 3]];
        let mut dealt = Dealt::new(&masks);
        let owners = |dealt: &Dealt| [0, 1, 2, 3].map(|cpu| dealt.owner(cpu));
        assert_eq!(owners(&dealt), [None; 4]);
        assert!(dealt.give_one_to(0).is_ok() && dealt.give_one_to(2).is_ok());
        assert_eq!(owners(&dealt), [Some(0), None, Some(2), None]);
        assert!(dealt.give_one_to(1).is_ok() && dealt.give_one_to(2).is_ok());
        assert_eq!(owners(&dealt), [Some(1), Some(0), Some(2), Some(2)]);
        assert_eq!(dealt.give_one_to(0), Err([0, 1].into()));
    }

    #[test]
    fn workers_without_a_cpu_each_are_found() {
        for lists in [
            &[][..],
            &["0"],
            &["0", "1"],
            &["0-1", "0-1"],
            &["0-1", "0"],
            &["0-1", "0-1", "1-2"],
            &["0,2", "0", "1-2"],
            // An empty mask means that the system does not tell it.
            &["", ""],
        ] {
            assert_eq!(crowd_of(lists), None, "{lists:?}");
        }
        for (lists, workers, cpus) in [
            (&["0", "0"][..], 2, "0"),
            (&["0-3", "5", "5"], 2, "5"),
            (&["0-1", "0-1", "0-1"], 3, "0-1"),
            (&["0", "0-1", "1", "0-7"], 3, "0-1"),
            (&["0,2", "2,4", "0,4", "0,4", "8"], 4, "0,2,4"),
        ] {
            assert_eq!(crowd_of(lists), Some((workers, cpus.to_owned())), "{lists:?}");
        }
    }
}
