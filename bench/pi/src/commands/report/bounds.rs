//! The bound of the core: what it does in a second, how near each kernel comes, and what the compilers made
//! of each kernel.

use super::Sections;
use super::document::{Part, Table, name, number, prose};
use crate::bounds::{core, kernels};
use pi_audit::Width;
use pi_harness::analysis::contest::contests;
use pi_harness::analysis::kind::Kind;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::unequal::unequal;
use pi_harness::results::Audited;

/// Adds the section, if the session measured the core or audited kernels.
pub(super) fn bounds(sections: &mut Sections, measured: &Measured) {
    let contests = contests(measured);
    let peaks = || contests.iter().filter(|contest| contest.kind == Kind::Peak);
    if measured.audits.is_empty() && peaks().next().is_none() {
        return;
    }
    sections.heading("The bound of the core");
    sections.text(
        "Micro-kernels measured in this session how many instructions of each kind this core executes in a \
         second. `pi audit` counted how many a sample takes. The bound of a kernel is the number of samples \
         a second at which the core has no more room for one kind of its instructions. The leanest kernel \
         has the highest bound among the kernels of its generator and level."
            .to_owned(),
    );
    let rows = kernels(&contests, measured);
    if !rows.is_empty() {
        sections.table(Table {
            caption: "Kernels on one thread against the bound of their own instructions, and against that \
                      of the leanest kernel"
                .to_owned(),
            header: vec![
                name("kernel"),
                number("rate"),
                number("bound"),
                number("reached"),
                prose("limited by"),
                number("of the leanest"),
                name("leanest"),
            ],
            rows,
        });
    }
    for contest in peaks() {
        let (widths, rows) = core(contest);
        sections.table(Table {
            caption:
                "What this core does: instructions a second, by kind and width of the registers in \
                      bits. Slots are all that compute, instructions all that the core decodes"
                    .to_owned(),
            header: std::iter::once(name("kind")).chain(widths.iter().map(|w| number(w))).collect(),
            rows,
        });
    }
    if !measured.audits.is_empty() {
        sections.table(audits(&measured.audits));
    }
    let differences = unequal(&measured.audits);
    if !differences.is_empty() {
        sections.text("What the compilers made of the same loop differs:".to_owned());
        sections.parts.push(Part::List(differences));
    }
}

/// What the audit found of each kernel.
fn audits(audits: &[Audited]) -> Table {
    let row = |audit: &Audited| {
        let of = &audit.per_sample;
        let numbers = [
            of.instructions,
            of.vector,
            of.multiplies,
            of.fma,
            of.shifts,
            of.shuffles,
            of.loads,
            of.stores,
            of.spills,
            of.calls,
        ];
        let bits = match audit.width {
            Width::Scalar => "scalar".to_owned(),
            Width::Bits(bits) => bits.to_string(),
        };
        let kernel = format!("{}/{}", audit.generator, audit.kernel);
        let numbers = numbers.map(|number| format!("{number:.2}"));
        [kernel, bits].into_iter().chain(numbers).collect()
    };
    let columns = [
        "bits", "all", "vector", "mul", "fma", "shift", "shuffle", "load", "store", "stack", "call",
    ];
    Table {
        caption:
            "Instructions for one sample. Stack: loads and stores of values that did not fit into \
                  registers"
                .to_owned(),
        header: std::iter::once(name("kernel")).chain(columns.map(number)).collect(),
        rows: audits.iter().map(row).collect(),
    }
}
