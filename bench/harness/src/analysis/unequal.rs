//! What differs between languages in the machine code of the same loop.

use crate::results::Audited;
use crate::runner_table::PI;
use crate::shown::enumerated;
use libpi::split_level;
use pi_audit::Width;
use std::collections::BTreeMap;

/// Sentences about the plain kernels of one generator and level that a compiler treats otherwise than
/// the rest. The programs of runners are compared with each other, and so are kernels without a level.
pub fn unequal(kernels: &[Audited]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, Option<&str>, bool), Vec<&Audited>> = BTreeMap::new();
    for kernel in kernels {
        let (name, level) = split_level(&kernel.kernel);
        if !name.ends_with("-simd") {
            let is_runner = kernel.runner != PI;
            groups.entry((&kernel.generator, level, is_runner)).or_default().push(kernel);
        }
    }
    groups
        .into_iter()
        .flat_map(|((generator, level, _), group)| {
            let differences = [widths(&group), fma(&group), calls(&group)].into_iter().flatten();
            let level = level.map_or(String::new(), |level| format!(" at {level}"));
            differences.map(|found| format!("{generator}{level}: {found}")).collect::<Vec<_>>()
        })
        .collect()
}

fn widths(group: &[&Audited]) -> Option<String> {
    differ(
        group,
        |found| found.width,
        |width| match width {
            Width::Scalar => ("compute", "with single numbers".to_owned()),
            Width::Bits(bits) => ("compute", format!("with vectors of {bits} bits")),
        },
    )
}

fn fma(group: &[&Audited]) -> Option<String> {
    differ(
        group,
        |found| found.per_sample.fma > 0.0,
        |fused| ("use", if *fused { "FMA" } else { "no FMA" }.to_owned()),
    )
}

fn calls(group: &[&Audited]) -> Option<String> {
    differ(
        group,
        |found| found.per_sample.calls > 0.01,
        |calls| {
            ("call", if *calls { "functions" } else { "no functions" }.to_owned() + " in the loop")
        },
    )
}

/// A sentence for each value of a property, if the kernels differ in it. `words` gives the verb and the
/// rest of the sentence.
fn differ<T: PartialEq>(
    group: &[&Audited],
    property: impl Fn(&Audited) -> T,
    words: impl Fn(&T) -> (&'static str, String),
) -> Option<String> {
    let mut values: Vec<(T, Vec<&str>)> = Vec::new();
    for found in group {
        let value = property(found);
        let name = split_level(&found.kernel).0;
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, names)) => names.push(name),
            None => values.push((value, vec![name])),
        }
    }
    let sentence = |(value, names): &(T, Vec<&str>)| {
        let (verb, rest) = words(value);
        let ending = if names.len() == 1 { "s" } else { "" };
        format!("{} {verb}{ending} {rest}", enumerated(names))
    };
    (values.len() > 1).then(|| values.iter().map(sentence).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_audit::{Tally, Work};

    fn found(kernel: &str, width: Width, fma: f64) -> Audited {
        let per_sample = Tally { fma, ..Tally::default() };
        let (generator, runner) = ("philox".to_owned(), PI.to_owned());
        let (kernel, work) = (kernel.to_owned(), Work::new());
        Audited { generator, kernel, runner, width, per_sample, work }
    }

    #[test]
    fn equal_kernels_give_no_sentence() {
        let kernels =
            ["rust@x86-64-v3", "c@x86-64-v3"].map(|name| found(name, Width::Bits(256), 0.0));
        assert!(unequal(&kernels).is_empty());
    }

    #[test]
    fn a_kernel_left_scalar_is_named() {
        let kernels = [
            found("rust@x86-64-v3", Width::Bits(256), 0.0),
            found("c@x86-64-v3", Width::Scalar, 0.0),
            found("fortran@x86-64-v3", Width::Bits(256), 0.0),
        ];
        assert_eq!(
            unequal(&kernels),
            ["philox at x86-64-v3: rust and fortran compute with vectors of 256 bits, \
              c computes with single numbers"]
        );
    }

    #[test]
    fn kernels_without_a_level_are_compared_with_each_other() {
        let widths = [256, 256, 256, 128].map(Width::Bits);
        let names = ["zig", "d", "ada", "go"];
        let mut kernels: Vec<_> =
            names.iter().zip(widths).map(|(name, width)| found(name, width, 0.0)).collect();
        kernels.push(found("c@x86-64", Width::Scalar, 0.0));
        assert_eq!(
            unequal(&kernels),
            ["philox: zig, d and ada compute with vectors of 256 bits, \
              go computes with vectors of 128 bits"]
        );
    }

    #[test]
    fn fused_operations_in_one_language_are_named() {
        let kernels = [
            found("rust@x86-64-v3", Width::Bits(256), 0.0),
            found("fortran@x86-64-v3", Width::Bits(256), 2.0),
        ];
        assert_eq!(unequal(&kernels), ["philox at x86-64-v3: rust uses no FMA, fortran uses FMA"]);
    }

    #[test]
    fn programs_of_runners_are_compared_with_each_other() {
        let mut kernels =
            ["rust@x86-64-v3", "plain-c@x86-64-v3"].map(|name| found(name, Width::Bits(256), 0.0));
        kernels[1].width = Width::Scalar;
        assert_eq!(unequal(&kernels).len(), 1);
        kernels[1].runner = "plain-c-v3".to_owned();
        assert!(unequal(&kernels).is_empty());
    }

    #[test]
    fn levels_and_kernels_written_by_hand_are_not_compared() {
        let kernels = [
            found("rust@x86-64-v3", Width::Bits(256), 0.0),
            found("c@x86-64", Width::Bits(128), 0.0),
            found("c-simd@x86-64-v3", Width::Bits(512), 0.0),
        ];
        assert!(unequal(&kernels).is_empty());
    }
}
