//! Which CPUs share a core.

use crate::cpus::mask::{CpuMask, cpu_list};
use std::fs;

/// The CPUs of a mask in the order in which to fill them: first one of each core, then the second one
/// of each, and so on.
pub fn by_core(cpus: &CpuMask) -> Vec<usize> {
    by_place(cpus.cpus().collect(), place_in_core)
}

/// Which of its core's CPUs this is, from 0; 0 if the system does not say.
pub fn place_in_core(cpu: usize) -> usize {
    let file = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    place_in_list(cpu, &fs::read_to_string(file).unwrap_or_default())
}

/// The place of a CPU in a list such as `0-1` or `0,64`; 0 if it is not there.
fn place_in_list(cpu: usize, list: &str) -> usize {
    let siblings = cpu_list(list.trim()).unwrap_or_default();
    siblings.iter().position(|&sibling| sibling == cpu).unwrap_or(0)
}

fn by_place(mut cpus: Vec<usize>, place: impl Fn(usize) -> usize) -> Vec<usize> {
    cpus.sort_by_key(|&cpu| (place(cpu), cpu));
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cpu_of_each_core_comes_first() {
        assert_eq!(by_place(vec![0, 1, 2, 3], |cpu| cpu % 2), [0, 2, 1, 3]);
    }

    #[test]
    fn a_cpu_has_a_place_in_its_core() {
        for (cpu, list, place) in
            [(0, "0-1\n", 0), (1, "0-1", 1), (64, "0,64", 1), (2, "2,34", 0), (3, "", 0)]
        {
            assert_eq!(place_in_list(cpu, list), place, "{cpu} in {list}");
        }
    }
}
