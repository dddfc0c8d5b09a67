//! From the lesson's loop in pure Python to the fastest cell, if that loop was measured.

use super::words::{kernel, no_difference, way};
use crate::analysis::ladder::{Step, steps};
use crate::analysis::measured::Measured;
use crate::analysis::stats::Verdict;
use crate::number::{factor, rate};

/// The most rungs that a sentence names one by one. Of a longer ladder it names the rungs that are faster
/// than all rungs below them.
const MOST: usize = 8;

/// Such as `the lesson's loop 5.00 M/s; a pool × 1.93; NumPy × 14.1; fastest: Rust with rayon on 2 threads
/// (npb) × 1180.`
pub(super) fn sentence(measured: &Measured) -> Option<String> {
    let steps = steps(measured);
    let enough = || steps.iter().filter(|step| step.cell.times.is_enough());
    let first = enough().next().filter(|step| step.over_loop.is_none())?;
    let above: Vec<&Step> = enough().filter(|step| step.over_loop.is_some()).collect();
    let fastest = above.iter().max_by(|a, b| a.rate().total_cmp(&b.rate()))?;
    let mut clauses = vec![format!("{} {}", first.title(), rate(first.rate()))];
    // The fastest comes last, so it is not named among the rungs.
    let mut rungs = named(&above);
    rungs.retain(|step| !std::ptr::eq(step.cell, fastest.cell));
    clauses.extend(rungs.iter().filter_map(|step| compared(step, &step.title(), measured)));
    let name = fastest.cell.key.name();
    let name = match fastest.rung {
        Some(_) => format!("fastest: {}", fastest.title()),
        None => format!(
            "fastest: {} {} ({})",
            kernel(&[], fastest.cell),
            way(fastest.cell),
            name.generator
        ),
    };
    clauses.extend(compared(fastest, &name, measured));
    Some(format!("{}.", clauses.join("; ")))
}

/// The rungs that the sentence names, each on the workers with which it is fastest.
fn named<'a>(above: &[&'a Step<'a>]) -> Vec<&'a Step<'a>> {
    let mut rungs: Vec<&Step> = Vec::new();
    for step in above.iter().filter(|step| step.rung.is_some()) {
        let is_same = |other: &Step| other.rung.map(|r| &r.name) == step.rung.map(|r| &r.name);
        match rungs.last_mut().filter(|last| is_same(last)) {
            Some(last) if last.rate() < step.rate() => *last = step,
            Some(_) => {}
            None => rungs.push(step),
        }
    }
    if rungs.len() > MOST {
        let mut best = 0.0;
        rungs.retain(|step| {
            let is_best = step.rate() > best;
            best = step.rate().max(best);
            is_best
        });
    }
    rungs
}

/// How much faster a step is than the loop.
fn compared(step: &Step, name: &str, measured: &Measured) -> Option<String> {
    let over = step.over_loop?;
    Some(match Verdict::of(over, measured.noise_floor).differs() {
        true => format!("{name} × {}", factor(over.value)),
        false => format!("{name} does not differ from it {}", no_difference(over.interval)),
    })
}
