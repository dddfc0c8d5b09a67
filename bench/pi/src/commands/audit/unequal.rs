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
    let text = |width| match width {
        Width::Scalar => "with single numbers".to_owned(),
        Width::Bits(bits) => format!("with vectors of {bits} bits"),
    };
    differ(group, |found| text(found.width), |width, names| format!("{names} computes {width}"))
}

fn fma(group: &[&Found]) -> Option<String> {
    differ(
        group,
        |found| found.per_sample.fma > 0.0,
        |fused, names| format!("{names} uses {}", if *fused { "FMA" } else { "no FMA" }),
    )
}

fn calls(group: &[&Found]) -> Option<String> {
    differ(
        group,
        |found| found.per_sample.calls > 0.01,
        |calls, names| {
            format!("{names} {} functions in its loop", if *calls { "calls" } else { "calls no" })
        },
    )
}

/// A sentence for each value of a property, if the kernels differ in it.
fn differ<T: PartialEq>(
    group: &[&Found],
    property: impl Fn(&Found) -> T,
    sentence: impl Fn(&T, &str) -> String,
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
    let each = || values.iter().map(|(value, names)| sentence(value, &names.join(" and ")));
    (values.len() > 1).then(|| each().collect::<Vec<_>>().join(", "))
}
