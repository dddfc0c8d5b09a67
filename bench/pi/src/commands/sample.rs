//! `pi sample`: the main job.

mod again;
mod answer;
mod assignment;
mod bar;
mod checkpoint;
mod count;
mod ending;
mod forecast;
pub(crate) mod options;
mod shard;
mod team;
mod timing;
mod work;

use crate::failure::exit_code;
use crate::job::placement::pin::Pin;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use crate::output;
use answer::{Answer, print};
use assignment::{assign, idle_kernels};
use bar::Bar;
use checkpoint::file::CheckpointFile;
use checkpoint::keeper::{self, Keeper};
use checkpoint::{text, work_of};
use count::count;
use ending::Ending;
use forecast::Forecast;
use libpi::Catalog;
use options::Sample;
use pi_harness::failure::CheckFailed;
use pi_harness::process::StopSignals;
use std::ffi::OsString;
use std::io::Write;
use std::time::Instant;
use team::Team;
use timing::Phases;
use work::Work;

pub(crate) fn run(
    catalog: &Catalog,
    options: &Sample,
    arguments: &[OsString],
    ranks: &Ranks,
    signals: &StopSignals,
    start: Instant,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (file, resumed) = resumed(options, ranks)?;
    let assignment = assign(catalog, options, resumed, ranks)?;
    let work = &assignment.work;
    let part = ranks.part(work.rest());
    let workers = ranks.lone(assignment.workers(part))?;
    let refusal = refusal(&workers, &options.pin, ranks)?;
    // This comes last, so that options that are refused leave no file behind.
    let mut keeper = keeper(options, file, work, ranks)?;
    let mut warnings = Warnings { ranks, said: Vec::new() };
    warnings.say(assignment.warnings());
    warnings.say(idle_kernels(catalog, options, ranks));
    warnings.say(output::build_warnings());
    warnings.say(refusal);
    warnings.say(keeper.as_ref().and_then(Keeper::begin));

    let (mut bar, mut forecast) = (Bar::new(work, ranks), Forecast::new(work, ranks));
    ranks.wait();
    let startup = start.elapsed().as_secs_f64();
    let run = count(&workers, &assignment.plan(signals), ranks, |tally| {
        forecast.tell(tally);
        bar.show(tally);
        if let Some(keeper) = &mut keeper {
            keeper.note(work, &work.before.and(tally));
        }
    })?;
    drop(bar);
    let total = work.before.and(&run.tally);
    let stopped_by = stopped_by(run.is_stopped, signals, ranks);
    let stopped = stopped_by.as_deref();
    let ending = Ending { arguments, work, total: &total, stopped_by: stopped, keeper };
    let ended = ranks.of_first(|| ending.result());

    let phases = Phases::of(startup, &run, ranks);
    let seconds = run.compute.as_secs_f64();
    let team = Team::muster(&assignment, &workers, part, seconds, ranks)?;
    warnings.say(team.warnings());
    warnings.say(work.warning_after(&total));
    let estimate = work.estimate(&total)?;
    let answer = Answer::of(&assignment, total, estimate, phases, team, stopped_by, warnings.said);
    let printed = match options.output.json {
        true => output::json(out, &answer),
        false => print(out, &answer, estimate),
    };
    both(printed, ended)
}

/// The result of two steps, of which the second was made even if the first one failed. A reader that has
/// closed its pipe does not hide that the run was stopped.
fn both(printed: anyhow::Result<()>, ended: anyhow::Result<()>) -> anyhow::Result<()> {
    match (printed, ended) {
        (Err(lost), Err(end)) if exit_code(&lost) != 0 => {
            Err(CheckFailed(format!("{lost:#}; {end:#}")).into())
        }
        (printed, ended) => ended.and(printed),
    }
}

/// What an earlier run has left to count, and for the first rank the file that holds it.
fn resumed(
    options: &Sample,
    ranks: &Ranks,
) -> anyhow::Result<(Option<CheckpointFile>, Option<Work>)> {
    let Some(path) = &options.resume else { return Ok((None, None)) };
    let mut file = None;
    let text = ranks.of_first(|| {
        let (opened, work) = keeper::open(path)?;
        file = Some(opened);
        Ok(text(&work, &work.before))
    })?;
    Ok((file, Some(work_of(text.as_bytes())?)))
}

/// What writes the checkpoints of this run, on the first rank.
fn keeper(
    options: &Sample,
    file: Option<CheckpointFile>,
    work: &Work,
    ranks: &Ranks,
) -> anyhow::Result<Option<Keeper>> {
    let Some(path) = &options.checkpoint else {
        return Ok(file.map(|file| Keeper::of(file, work, options.every)));
    };
    let mut keeper = None;
    ranks.of_first(|| {
        keeper = Some(keeper::create(path, work, options.every)?);
        Ok(())
    })?;
    Ok(keeper)
}

/// The signal that stopped the count, if one did. It may have reached any rank.
fn stopped_by(is_stopped: bool, signals: &StopSignals, ranks: &Ranks) -> Option<String> {
    let received = || ranks.first(signals.received().map(str::to_owned));
    // A run that was stopped never passes for a complete one.
    is_stopped.then(|| received().unwrap_or_else(|| "a signal".to_owned()))
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
