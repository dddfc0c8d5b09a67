//! `pi sample`: the main job.

mod answer;
mod assignment;
mod bar;
mod count;
mod forecast;
pub(crate) mod options;
mod team;
mod timing;
mod work;

use crate::failure::{Agreed, STOPPED};
use crate::job::placement::pin::Pin;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::output;
use answer::{Answer, print};
use assignment::{assign, idle_kernels};
use bar::Bar;
use count::count;
use forecast::Forecast;
use libpi::{Catalog, Estimate};
use options::Sample;
use pi_harness::failure::CheckFailed;
use pi_harness::number::counted;
use pi_harness::process::StopSignals;
use std::io::Write;
use std::time::Instant;
use team::Team;
use timing::Times;
use work::Work;

pub(crate) fn run(
    catalog: &Catalog,
    options: &Sample,
    ranks: &Ranks,
    signals: &StopSignals,
    start: Instant,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let assignment = assign(catalog, options, ranks)?;
    let work = &assignment.work;
    let mut warnings = Warnings { ranks, said: Vec::new() };
    warnings.say(assignment.warnings());
    warnings.say(idle_kernels(options, ranks));
    warnings.say(output::build_warnings());
    let part = ranks.part(work.rest());
    let workers = ranks.lone(assignment.workers(part))?;
    warnings.say(refusal(&workers, &options.pin, ranks)?);

    let (mut bar, mut forecast) = (Bar::new(work, ranks), Forecast::new(work, ranks));
    ranks.wait();
    let startup = start.elapsed().as_secs_f64();
    let run = ranks.lone(count(&workers, &assignment.plan(signals), ranks, |tally| {
        forecast.tell(tally);
        bar.show(tally);
    }))?;
    drop(bar);

    let times = Times::of(startup, &run, ranks);
    let team = Team::muster(&assignment, &workers, part, ranks)?;
    warnings.say(team.warnings());
    let total = work.before.and(&run.tally);
    warnings.say(work.warning_after(&total));
    let estimate = Estimate::new(total.hits, total.samples)?;
    let stopped_by = stopped_by(run.is_stopped, signals, ranks);
    let answer = Answer::of(&assignment, total, estimate, &times, team, stopped_by, warnings.said);
    if options.output.json {
        output::json(out, &answer)?
    } else {
        print(out, &answer, estimate)?
    }
    match answer.stopped_by {
        None => Ok(()),
        Some(signal) => Err(stopped(&signal, work, total.samples)),
    }
}

/// The signal that stopped the count, if one did. It may have reached any rank.
fn stopped_by(is_stopped: bool, signals: &StopSignals, ranks: &Ranks) -> Option<String> {
    let received = is_stopped.then(|| ranks.first(signals.received().map(str::to_owned)));
    received.flatten()
}

/// What a run that was stopped says in the end. All ranks say it, and end with the same exit code.
fn stopped(signal: &str, work: &Work, done: u64) -> anyhow::Error {
    let Work { generator, seed, .. } = work;
    let rest = work.samples.after(done);
    let message = format!(
        "stopped by {signal} after {}; to count the rest: pi sample -n {} --first {} --generator \
         {generator} --seed {seed}",
        counted(done, "sample"),
        rest.count(),
        rest.first()
    );
    Agreed { code: STOPPED, message }.into()
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
