//! Dealing CPUs to those who may run on some of them, so that each gets one to itself.

use libpi::cpus::CpuMask;
use std::collections::{BTreeMap, BTreeSet};

/// CPUs that are dealt.
pub struct Dealt<'a> {
    /// The CPUs that each may have.
    masks: &'a [Vec<usize>],
    /// Whose each CPU is.
    owners: BTreeMap<usize, usize>,
}

impl<'a> Dealt<'a> {
    /// Nothing as yet.
    pub fn new(masks: &'a [Vec<usize>]) -> Self {
        Self { masks, owners: BTreeMap::new() }
    }

    pub fn owner(&self, cpu: usize) -> Option<usize> {
        self.owners.get(&cpu).copied()
    }

    /// Gives somebody one more CPU: the first that is free, else one whose owner takes another for it.
    /// Where there is none, those who have all the CPUs that any of them may have.
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

/// Workers on fewer CPUs than they are.
#[derive(Debug, PartialEq, Eq)]
pub struct Crowd {
    pub workers: usize,
    pub cpus: CpuMask,
}

/// Workers that cannot have a CPU each, if there are any among those of a node.
pub fn crowd(masks: &[CpuMask]) -> Option<Crowd> {
    // Where there are as many CPUs as workers, one is left whatever the others have.
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
    fn workers_without_a_cpu_each_are_found() {
        for lists in [
            &[][..],
            &["0"],
            &["0", "1"],
            &["0-1", "0-1"],
            &["0-1", "0"],
            &["0-1", "0-1", "1-2"],
            &["0,2", "0", "1-2"],
            // What the system does not tell says nothing.
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
