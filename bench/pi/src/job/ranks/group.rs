//! Some ranks that work together: all ranks of a job, or those of one node. What they do together takes
//! the same number of messages for each of them, whatever their number, unless a comment says otherwise.

use super::world::{Members, Number};
use libpi::cpus::CpuMask;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Ranks that work together, numbered from 0. A process that belongs to no job is a group of one.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a>(pub(super) Option<&'a Members>);

impl Group<'_> {
    /// The number of this process in the group.
    pub(crate) fn rank(self) -> u32 {
        self.0.map_or(0, Members::rank)
    }

    pub(crate) fn size(self) -> u32 {
        self.0.map_or(1, Members::size)
    }

    /// The sums of the numbers of all members, of integers modulo 2^64.
    pub(crate) fn sums<T: Number, const N: usize>(self, mine: [T; N]) -> [T; N] {
        self.0.map_or(mine, |members| {
            let mut totals = [T::default(); N];
            members.sums(&mine, &mut totals);
            totals
        })
    }

    /// The largest of each number of all members.
    pub(crate) fn maxima<T: Number, const N: usize>(self, mine: [T; N]) -> [T; N] {
        self.0.map_or(mine, |members| {
            let mut largest = [T::default(); N];
            members.maxima(&mine, &mut largest);
            largest
        })
    }

    /// The unions of the CPUs of all members.
    pub(crate) fn unions<const N: usize>(self, mine: [CpuMask; N]) -> [CpuMask; N] {
        self.0.map_or(mine, |members| {
            let mut all = mine.map(|mask| mask.words());
            members.unions(mine.map(|mask| mask.words()).as_flattened(), all.as_flattened_mut());
            all.map(CpuMask::from_words)
        })
    }

    /// For each condition the first member for which it holds, if it holds for any.
    pub(crate) fn lowest<const N: usize>(self, holds: [bool; N]) -> [Option<u32>; N] {
        let place = u64::MAX - u64::from(self.rank());
        let highest = self.maxima(holds.map(|holds| if holds { place } else { 0 }));
        highest.map(|place| (place > 0).then(|| (u64::MAX - place) as u32))
    }

    /// Whether all members have the same number.
    pub(crate) fn is_same(self, mine: u64) -> bool {
        let [largest, inverse] = self.maxima([mine, !mine]);
        largest == !inverse
    }

    /// The value of member `from`.
    pub(crate) fn value_of<T: Serialize + DeserializeOwned>(self, from: u32, mine: T) -> T {
        match self.0 {
            None => mine,
            Some(members) => read(&members.broadcast(from, &written(&mine))),
        }
    }

    /// For the first member, the values of the members that have one, with their numbers. Only the first
    /// member receives more if there are more values.
    pub(crate) fn collected<T: Serialize + DeserializeOwned>(
        self,
        mine: Option<T>,
    ) -> Vec<(u32, T)> {
        let [number] = self.sums([u64::from(mine.is_some())]);
        let others = number - u64::from(mine.is_some());
        let mut all: Vec<(u32, T)> = Vec::new();
        match self.0 {
            Some(members) if members.rank() > 0 => {
                mine.iter().for_each(|mine| members.send_to_first(&written(mine)));
            }
            _ => all.extend(mine.map(|mine| (0, mine))),
        }
        // The sum above keeps a member that is ahead from sending a value of the next collection.
        if let Some(members) = self.0.filter(|members| members.rank() == 0) {
            all.extend(
                (0..others).map(|_| members.receive()).map(|(from, bytes)| (from, read(&bytes))),
            );
        }
        all.sort_by_key(|(from, _)| *from);
        all
    }

    /// The values of all members, in order. What each receives grows with the number of members.
    pub(crate) fn all<T: Serialize + DeserializeOwned>(self, mine: T) -> Vec<T> {
        let Some(members) = self.0 else { return vec![mine] };
        members.all_gather(&written(&mine)).iter().map(|bytes| read(bytes)).collect()
    }
}

fn written(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data can be written")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> T {
    serde_json::from_slice(bytes).expect("written by a peer")
}
