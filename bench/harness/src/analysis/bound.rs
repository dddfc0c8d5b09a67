//! The bound of a kernel: how many samples a core can count in a second at most, by the instructions that
//! a sample takes and by how many such instructions the core executes in a second.

use pi_audit::Work;
use std::collections::BTreeMap;

/// The instructions that a core executes in a second, by the name of the micro-kernel that measured it.
pub type Peak = BTreeMap<String, f64>;

/// The bound of a kernel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// Samples a second.
    pub per_second: f64,
    /// What the kernel uses up first, in words.
    pub limit: &'static str,
}

/// The kinds of instructions that have a limit of their own, and their names for vectors and for general
/// registers.
const KINDS: [(&str, &str, &str); 13] = [
    (SLOTS, "vector slots", "scalar slots"),
    ("multiply", "multiplies", "scalar multiplies"),
    ("shift", "shifts", "scalar shifts"),
    ("shuffle", "shuffles", ""),
    ("logic", "logic", ""),
    ("add", "additions", "scalar additions"),
    ("compare", "comparisons", ""),
    ("blend", "blends", ""),
    ("float-add", "floating-point additions", ""),
    ("float-multiply", "floating-point multiplies", ""),
    ("fma", "fused multiply-adds", ""),
    (LOAD, "loads", "loads"),
    (STORE, "stores", "stores"),
];

/// Everything that computes.
const SLOTS: &str = "slots";
const LOAD: &str = "load";
const STORE: &str = "store";
/// Everything that the core decodes.
const INSTRUCTIONS: &str = "instructions";

/// The width of general registers, in bits. Vectors are wider.
const SCALAR: u32 = 64;

/// The bound of a kernel that does this work for a sample. None if the core was not measured well enough:
/// without instructions, or without slots for the kernel.
pub fn bound(work: &Work, peak: &Peak) -> Option<Bound> {
    let core = Core(peak);
    // What is not limited takes no time. Without these limits the bound would mean little.
    let mut limits = vec![("instructions", work.get(INSTRUCTIONS)? / core.most(|_, _| true)?)];
    limits.push(("vector slots", core.vectors(work, SLOTS)?));
    for (kind, vector, scalar) in KINDS {
        limits.extend(core.vectors(work, kind).map(|seconds| (vector, seconds)));
        limits.extend(core.scalars(work, kind).map(|seconds| (scalar, seconds)));
    }
    for (kind, name) in [(LOAD, "loads"), (STORE, "stores")] {
        let all: f64 = widths(work, kind).map(|(_, times)| times).sum();
        limits.extend(core.most(|of, _| of == kind).map(|rate| (name, all / rate)));
    }
    let (limit, seconds) = limits.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (seconds > 0.0).then(|| Bound { per_second: 1.0 / seconds, limit })
}

/// A core, by what its micro-kernels reached.
struct Core<'a>(&'a Peak);

impl Core<'_> {
    /// The highest rate of the micro-kernels whose kind and width are wanted.
    fn most(&self, wanted: impl Fn(&str, u32) -> bool) -> Option<f64> {
        let rates = self.0.iter().filter_map(|(name, &rate)| {
            let (kind, width) = parts(name)?;
            wanted(kind, width).then_some(rate)
        });
        rates.reduce(f64::max)
    }

    /// The rate for a kind at one width.
    fn rate(&self, kind: &str, width: u32) -> Option<f64> {
        // A few instructions of another width, such as those that add up the lanes, are not worth a
        // micro-kernel of their own: they count as those of the vectors that were measured.
        self.most(|of, at| measures(of, kind) && at == width)
            .or_else(|| self.most(|of, at| measures(of, kind) && at > SCALAR))
    }

    /// The seconds that all vectors of a kind take.
    fn vectors(&self, work: &Work, kind: &str) -> Option<f64> {
        widths(work, kind)
            .filter(|&(width, _)| width > SCALAR)
            .map(|(width, times)| Some(times / self.rate(kind, width)?))
            .sum()
    }

    /// The seconds that a kind takes on general registers.
    fn scalars(&self, work: &Work, kind: &str) -> Option<f64> {
        let times = work.get(&format!("{kind}-{SCALAR}"))?;
        Some(times / self.most(|of, at| measures(of, kind) && at == SCALAR)?)
    }
}

/// Whether a micro-kernel of one kind measures the rate of another. Slots are those that any micro-kernel
/// filled, because a mix may fill fewer.
fn measures(of: &str, kind: &str) -> bool {
    match kind {
        SLOTS => ![LOAD, STORE, INSTRUCTIONS].contains(&of),
        _ => of == kind,
    }
}

/// The kind and the width of a name such as `float-add-256`.
pub fn parts(name: &str) -> Option<(&str, u32)> {
    let (kind, width) = name.rsplit_once('-')?;
    Some((kind, width.parse().ok()?))
}

/// The widths at which work has a kind, and how many instructions at each.
fn widths<'a>(work: &'a Work, kind: &'a str) -> impl Iterator<Item = (u32, f64)> + 'a {
    work.iter().filter_map(move |(name, &times)| {
        let (of, width) = parts(name)?;
        (of == kind).then_some((width, times))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(rows: &[(&str, f64)]) -> BTreeMap<String, f64> {
        rows.iter().map(|&(name, number)| (name.to_owned(), number)).collect()
    }

    /// A core at 1 GHz: 6 instructions, 4 in vectors and 4 scalar, 2 multiplies, shifts and shuffles,
    /// 3 scalar loads and 2 of vectors, 1 store.
    fn core() -> Peak {
        named(&[
            ("instructions-256", 6e9),
            ("slots-256", 3.9e9),
            ("add-256", 4e9),
            ("multiply-256", 2e9),
            ("shift-256", 2e9),
            ("shuffle-256", 2e9),
            ("load-256", 2e9),
            ("store-256", 1e9),
            ("slots-64", 4e9),
            ("multiply-64", 1e9),
            ("load-64", 3e9),
            ("store-64", 1e9),
        ])
    }

    fn of(work: &[(&str, f64)]) -> (f64, &'static str) {
        let bound = bound(&named(work), &core()).unwrap();
        (bound.per_second.round(), bound.limit)
    }

    #[test]
    fn the_scarcest_resource_is_the_limit_and_is_named() {
        let vector = |more: &[(&'static str, f64)]| {
            of(&[&[("instructions", 8.0), ("slots-256", 8.0)], more].concat())
        };
        assert_eq!(vector(&[("multiply-256", 3.0), ("shift-256", 3.0)]), (5e8, "vector slots"));
        assert_eq!(vector(&[("multiply-256", 5.0)]), (4e8, "multiplies"));
        assert_eq!(vector(&[("shift-256", 5.0)]), (4e8, "shifts"));
        assert_eq!(vector(&[("shuffle-256", 8.0)]), (25e7, "shuffles"));
        assert_eq!(vector(&[("load-256", 10.0)]), (2e8, "loads"));
        assert_eq!(vector(&[("store-256", 4.0)]), (25e7, "stores"));
        assert_eq!(of(&[("instructions", 30.0), ("slots-256", 8.0)]), (2e8, "instructions"));
    }

    #[test]
    fn slots_are_what_the_best_micro_kernel_filled() {
        // The mix reached only 3.9, but additions alone 4.
        assert_eq!(of(&[("instructions", 4.0), ("slots-256", 4.0)]), (1e9, "vector slots"));
    }

    #[test]
    fn general_registers_have_limits_of_their_own() {
        let scalar = [("instructions", 12.0), ("slots-64", 12.0)];
        assert_eq!(of(&scalar), (333_333_333.0, "scalar slots"));
        let multiplies = [&scalar[..], &[("multiply-64", 5.0)]].concat();
        assert_eq!(of(&multiplies), (2e8, "scalar multiplies"));
    }

    #[test]
    fn scalar_and_vector_loads_share_units_only_in_part() {
        let loads = |vector, scalar| {
            of(&[("instructions", 3.0), ("load-256", vector), ("load-64", scalar)])
        };
        assert_eq!(loads(2.0, 1.0), (1e9, "loads"));
        assert_eq!(loads(1.0, 5.0), (5e8, "loads"));
        assert_eq!(loads(4.0, 0.0), (5e8, "loads"));
    }

    #[test]
    fn vectors_of_a_width_that_was_not_measured_count_as_the_others() {
        let mixed = [("instructions", 8.0), ("slots-128", 2.0), ("slots-256", 2.0)];
        assert_eq!(of(&[&mixed[..], &[("multiply-128", 4.0)]].concat()), (5e8, "multiplies"));
    }

    #[test]
    fn without_the_core_or_the_work_there_is_no_bound() {
        let work = named(&[("instructions", 4.0), ("slots-256", 4.0)]);
        assert!(bound(&work, &core()).is_some());
        assert_eq!(bound(&work, &Peak::new()), None);
        assert_eq!(bound(&work, &named(&[("instructions-256", 6e9)])), None);
        assert_eq!(bound(&Work::new(), &core()), None);
        assert_eq!(bound(&named(&[("instructions", 0.0)]), &core()), None);
    }
}
