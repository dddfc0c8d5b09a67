//! What differs between languages in the machine code of the same loop.

use super::Found;
use libpi::split_level;
use pi_audit::Width;
use std::collections::BTreeMap;

/// Sentences about the plain kernels of one generator and level that a compiler treats otherwise than
/// the rest.
pub(super) fn unequal(kernels: &[Found]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Found>> = BTreeMap::new();
    for kernel in kernels {
        if let (name, Some(level)) = split_level(&kernel.kernel)
            && !name.ends_with("-simd")
        {
            groups.entry((&kernel.generator, level)).or_default().push(kernel);
        }
    }
    groups
        .into_iter()
        .flat_map(|((generator, level), group)| {
            let differences = [widths(&group), fma(&group), calls(&group)].into_iter().flatten();
            differences.map(|found| format!("{generator} at {level}: {found}")).collect::<Vec<_>>()
        })
        .collect()
}

fn widths(group: &[&Found]) -> Option<String> {
    differ(
        group,
        |found| found.width,
        |width| match width {
            Width::Scalar => ("compute", "with single numbers".to_owned()),
            Width::Bits(bits) => ("compute", format!("with vectors of {bits} bits")),
        },
    )
}

fn fma(group: &[&Found]) -> Option<String> {
    differ(
        group,
        |found| found.per_sample.fma > 0.0,
        |fused| ("use", if *fused { "FMA" } else { "no FMA" }.to_owned()),
    )
}

fn calls(group: &[&Found]) -> Option<String> {
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
    group: &[&Found],
    property: impl Fn(&Found) -> T,
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
        format!("{} {verb}{ending} {rest}", names.join(" and "))
    };
    (values.len() > 1).then(|| values.iter().map(sentence).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_audit::Tally;

    fn found(kernel: &str, width: Width, fma: f64) -> Found {
        let per_sample = Tally { fma, ..Tally::default() };
        Found { generator: "philox".to_owned(), kernel: kernel.to_owned(), width, per_sample }
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
    fn fused_operations_in_one_language_are_named() {
        let kernels = [
            found("rust@x86-64-v3", Width::Bits(256), 0.0),
            found("fortran@x86-64-v3", Width::Bits(256), 2.0),
        ];
        assert_eq!(unequal(&kernels), ["philox at x86-64-v3: rust uses no FMA, fortran uses FMA"]);
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
