//! `pi sample`: the main job.

mod answer;
mod assignment;
mod count;
pub(crate) mod options;
mod team;
mod timing;

use crate::job::placement::pin::Pin;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::output;
use answer::{Answer, print};
use assignment::{assign, idle_kernels};
use libpi::{Catalog, Estimate};
use options::Sample;
use pi_harness::failure::CheckFailed;
use std::io::Write;
use std::time::Instant;
use team::Team;
use timing::timed;

pub(crate) fn run(
    catalog: &Catalog,
    options: &Sample,
    ranks: &Ranks,
    start: Instant,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let assignment = assign(catalog, options, ranks)?;
    let mut warnings = Warnings { ranks, said: Vec::new() };
    warnings.say(assignment.warnings());
    warnings.say(idle_kernels(options, ranks));
    warnings.say(output::build_warnings());
    let part = ranks.part(assignment.samples);
    let workers = ranks.lone(assignment.workers(part))?;
    warnings.say(refusal(&workers, &options.pin, ranks)?);
    let (hits, times) = timed(&assignment, &workers, part, ranks, start)?;
    let team = Team::muster(&assignment, &workers, part, ranks)?;
    warnings.say(team.warnings());
    let estimate = Estimate::new(hits, options.count)?;
    let answer = Answer::of(&assignment, hits, estimate, &times, team, warnings.said);
    if options.output.json { output::json(out, &answer) } else { print(out, &answer, estimate) }
}

/// The warnings. The first rank prints them at once, and the answer repeats them.
struct Warnings<'a> {
    ranks: &'a Ranks,
    said: Vec<String>,
}

impl Warnings<'_> {
    fn say(&mut self, warnings: impl IntoIterator<Item = String>) {
        let warnings = Vec::from_iter(warnings);
        if self.ranks.is_root() {
            output::warn(&warnings);
        }
        self.said.extend(warnings);
    }
}

/// A warning if the system does not let pi place the threads.
///
/// # Errors
/// If the user asked for a placement with --pin.
fn refusal(workers: &Workers, pin: &Pin, ranks: &Ranks) -> anyhow::Result<Option<String>> {
    let said = workers.refusal().map(|why| {
        ranks.named(&format!(
            "the system does not let pi pin its threads (sched_setaffinity: {why}), which some \
             containers forbid: use --pin none"
        ))
    });
    match ranks.first(said) {
        Some(said) if *pin != Pin::Auto => ranks.agree(Err(CheckFailed(said).into())),
        said => Ok(said),
    }
}
