//! The loop in which a kernel spends its time.

use crate::flow::Flow;
use crate::{Audit, Executions};
use iced_x86::{FlowControl, Formatter, GasFormatter, Instruction};
use std::ops::Range;

/// The loop that executes most instructions, with the code inside it.
#[derive(Debug)]
pub struct HotLoop<'a> {
    flow: &'a Flow,
    executions: &'a Executions,
    range: Range<u64>,
}

/// An inner loop with this part of the instructions of its outer loop is shown in its place.
const MOST: f64 = 0.5;

/// The hot loop of a kernel; nothing if no loop depends on the number of samples.
pub fn hot_loop(audit: &Audit) -> Option<HotLoop<'_>> {
    let Audit { flow, executions } = audit;
    let weight = |range: &Range<u64>| {
        let inside = executions.range(range.clone());
        inside.map(|(&start, times)| times * flow.block(start).count() as f64).sum::<f64>()
    };
    let loops: Vec<(Range<u64>, f64)> = executions
        .keys()
        .filter_map(|&start| jump_back(flow, start))
        .map(|range| (range.clone(), weight(&range)))
        .collect();
    let heaviest = |loops: &mut dyn Iterator<Item = &(Range<u64>, f64)>| {
        loops.max_by(|a, b| a.1.total_cmp(&b.1)).cloned()
    };
    let mut best = heaviest(&mut loops.iter())?;
    while let Some(inner) = heaviest(&mut loops.iter().filter(|inner| is_inside(&inner.0, &best.0)))
        .filter(|inner| inner.1 >= MOST * best.1)
    {
        best = inner;
    }
    Some(HotLoop { flow, executions, range: best.0 })
}

fn is_inside(inner: &Range<u64>, outer: &Range<u64>) -> bool {
    inner != outer && inner.start >= outer.start && inner.end <= outer.end
}

/// The code between the target of a jump back and the end of the block that makes it.
fn jump_back(flow: &Flow, start: u64) -> Option<Range<u64>> {
    let last = flow.block(start).last()?;
    let jumps = matches!(
        last.flow_control(),
        FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
    );
    let target = last.near_branch_target();
    (jumps && target <= last.ip()).then(|| target..last.next_ip())
}

impl HotLoop<'_> {
    /// Each instruction in order: its address, how often a sample executes it, and its text in the
    /// syntax of AT&T.
    pub fn lines(&self) -> impl Iterator<Item = (u64, f64, String)> {
        let mut times = 0.0;
        let mut formatter = formatter();
        self.flow.between(self.range.start, self.range.end).map(move |instruction| {
            if self.flow.begins_at(instruction.ip()) {
                times = self.executions.get(&instruction.ip()).copied().unwrap_or(0.0);
            }
            (instruction.ip(), times, text(&mut formatter, instruction))
        })
    }
}

/// A formatter that writes numbers as objdump does.
fn formatter() -> GasFormatter {
    let mut formatter = GasFormatter::new();
    let options = formatter.options_mut();
    options.set_uppercase_hex(false);
    options.set_branch_leading_zeros(false);
    formatter
}

fn text(formatter: &mut GasFormatter, instruction: &Instruction) -> String {
    let mut text = String::new();
    formatter.format(instruction, &mut text);
    text
}
