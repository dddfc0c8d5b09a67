//! The rules, in the order in which they are tried.

use super::fault::{Fault, Lost};
use super::smallest::Split;
use super::trials::{Pace, Trials};
use crate::calls::{Call, Reply, Step, Trace};
use fastrand::Rng;
use libpi::Generator;
use libpi::known::KnownCount;
use std::time::Duration;

/// A rule. `trial` gives an error if it is broken.
pub(super) struct Rule {
    pub(super) sentence: String,
    pub(super) weight: Weight,
    /// Whether it only judges the calls of earlier rules.
    pub(super) looks_back: bool,
    pub(super) trial: Trial,
}

type Trial = Box<dyn Fn(&Trials) -> anyhow::Result<()>>;

/// What a broken rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// No other rule can be tried.
    Condition,
    /// The kernel is wrong.
    Decides,
    /// The kernel counts right, and disturbs others in its process. It is wrong under `--strict` alone.
    Told,
}

/// The time in which a kernel cannot count 2^32 samples one by one.
const MOMENT: Duration = Duration::from_millis(300);

/// How much memory grows, in bytes, if each of two thousand calls leaves a few behind.
const GROWTH: u64 = 1 << 14;

/// Random ranges of a problem of the user's begin below this index. Far from 0 a sample may take long; the
/// rules about bounds try it.
const FARTHEST: u64 = 1 << 31;

/// How many times shorter than the longest calls those are of which many are made.
const SHORT: u64 = 64;

/// The most changes of a kind that are shown.
const MOST_SHOWN: usize = 4;

/// How many calls it takes at most to see whether a range is counted right.
const CALLS_FOR_RANGE: usize = 6;

/// The number of threads that call at once. There may be fewer CPUs.
const THREADS: u64 = 4;

fn rule(
    weight: Weight,
    sentence: impl Into<String>,
    trial: impl Fn(&Trials) -> anyhow::Result<()> + 'static,
) -> Rule {
    Rule { sentence: sentence.into(), weight, looks_back: false, trial: Box::new(trial) }
}

fn looks_back(
    weight: Weight,
    sentence: impl Into<String>,
    trial: impl Fn(&Trials) -> anyhow::Result<()> + 'static,
) -> Rule {
    Rule { looks_back: true, ..rule(weight, sentence, trial) }
}

fn decides(
    sentence: impl Into<String>,
    trial: impl Fn(&Trials) -> anyhow::Result<()> + 'static,
) -> Rule {
    rule(Weight::Decides, sentence, trial)
}

pub(super) fn rules(generator: Option<Generator>) -> Vec<Rule> {
    let mut rules = vec![
        rule(Weight::Condition, "can be loaded and called", |trials| {
            trials.subject.time(trials.call(0, 1)).map(drop)
        }),
        decides("returns 0 for a count of 0", counts_nothing),
    ];
    if let Some(generator) = generator {
        rules.push(decides(format!("gives the known counts of {generator}"), known_counts));
        rules.push(decides("counts random ranges as libpi does", random_ranges));
    } else {
        rules.push(decides("counts an index once at most", |trials| {
            trials.count_once(&mixed(trials)?)
        }));
    }
    rules.push(decides("adds up over random splits", random_splits));
    rules.push(decides("counts short ranges right, from even and odd starts", short_ranges));
    rules.extend([
        decides("accepts more than 2^32 samples", many_samples),
        decides("gives the same answer twice", |trials| trials.repeat(&mixed(trials)?)),
        decides("gives the same answers in another order", |trials| {
            trials.reorder(&mixed(trials)?)
        }),
        decides(format!("gives the same answers on {THREADS} threads at once"), several_threads),
        rule(Weight::Told, "uses no more memory from call to call", memory),
    ]);
    // Far from 0 a sample may take so long that no time is left for other rules.
    for (sentence, bounds) in BOUNDS {
        rules.push(decides(*sentence, |trials| around(trials, bounds)));
    }
    rules.push(looks_back(Weight::Decides, "returns from every call", returns));
    let traces = TRACES
        .iter()
        .map(|(sentence, what)| rule(Weight::Told, *sentence, |trials| leaves_no(trials, *what)));
    rules.extend(traces);
    rules.push(looks_back(Weight::Told, "prints nothing", prints_nothing));
    rules
}

/// Where indices, or numbers made from them, get another bit.
const BOUNDS: &[(&str, &[u128])] = &[
    ("counts right around 2^31, 2^32 and 2^33", &[1 << 31, 1 << 32, 1 << 33]),
    ("counts right around 2^63", &[1 << 63]),
    ("counts right up to 2^64", &[1 << 64]),
];

const TRACES: &[(&str, Trace)] = &[
    ("leaves no threads", Trace::Threads),
    ("leaves no processes", Trace::Processes),
    ("leaves no files open", Trace::OpenFiles),
    ("keeps the signal handlers", Trace::SignalHandlers),
    ("keeps the signal mask", Trace::SignalMask),
    ("keeps the floating-point modes", Trace::FloatingPoint),
    ("keeps the affinity mask", Trace::Cpus),
    ("keeps the environment", Trace::Environment),
    ("keeps the locale", Trace::Locale),
    ("keeps the working folder", Trace::Folder),
    ("keeps the file mode mask", Trace::FileMask),
];

fn counts_nothing(trials: &Trials) -> anyhow::Result<()> {
    let firsts = [0, 1, 2, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX];
    let calls = firsts.map(|first| trials.call(first, 0));
    let hits = trials.subject.hits(&calls)?;
    match calls.into_iter().zip(hits).find(|(_, hits)| *hits != 0) {
        None => Ok(()),
        Some((call, hits)) => {
            let message = format!("{} returned {hits} instead of 0", trials.subject.shown(call));
            Err(Fault { message, call: Some(call) }.into())
        }
    }
}

fn known_counts(trials: &Trials) -> anyhow::Result<()> {
    let longest = trials.pace()?.samples.saturating_mul(20);
    let generator = trials.generator().expect("the rule is for generators of libpi");
    let calls = KnownCount::up_to(longest, generator)
        .map(|KnownCount { seed, first, count, .. }| Call { seed, first, count });
    trials.count_right(&calls.collect::<Vec<_>>())
}

fn random_ranges(trials: &Trials) -> anyhow::Result<()> {
    trials.count_right(&Draw::new(trials)?.ranges(trials.pace()?.calls))
}

fn random_splits(trials: &Trials) -> anyhow::Result<()> {
    let mut draw = Draw::new(trials)?;
    let ranges = draw.ranges(trials.pace()?.calls / 3);
    let splits = ranges.into_iter().filter(|range| range.count > 1);
    let splits = splits.map(|whole| Split { whole, head: draw.up_to(whole.count - 1).max(1) });
    trials.add_up(&splits.collect::<Vec<_>>())
}

/// All short ranges near 0, if the kernel is fast enough for them.
fn short_ranges(trials: &Trials) -> anyhow::Result<()> {
    let Pace { samples, short_calls, .. } = trials.pace()?;
    // One sample has no parts to compare with.
    let shortest = if trials.generator().is_some() { 1 } else { 2 };
    let longest = (samples / SHORT).clamp(3, 20);
    let ranges = (shortest..=longest).flat_map(|count| (0..10).map(move |first| (first, count)));
    let ranges = ranges.map(|(first, count)| trials.call(first, count));
    let most = (short_calls as usize / CALLS_FOR_RANGE).max(2);
    trials.count_right(&ranges.take(most).collect::<Vec<_>>())
}

/// Ranges that end, begin and lie across these indices.
fn around(trials: &Trials, bounds: &[u128]) -> anyhow::Result<()> {
    for bound in bounds {
        let Pace { samples, calls, .. } = trials.pace_from((bound - 1) as u64)?;
        let lengths =
            [2, 1, 3, 5, 64, 131, 1000, samples].into_iter().filter(|&n| n <= samples.max(2));
        let ranges = lengths.flat_map(|length| {
            let length = u128::from(length);
            [length, length / 2, length - 1, 0, length + 1].map(|before| (bound - before, length))
        });
        let exists = |&(first, length): &(u128, u128)| first + length <= 1 << 64;
        let ranges: Vec<Call> = ranges
            .filter(exists)
            .map(|(first, length)| trials.call(first as u64, length as u64))
            .take((calls / CALLS_FOR_RANGE).max(2))
            .collect();
        trials.count_right(&ranges)?;
    }
    Ok(())
}

/// A kernel that reads only 32 bits of a count returns at once. One that reads all of them may take long,
/// and is not waited for.
fn many_samples(trials: &Trials) -> anyhow::Result<()> {
    let Pace { samples, .. } = trials.pace()?;
    let few = trials.call(0, samples.min(1000));
    let few_hits = trials.subject.hits(&[few])?;
    for bound in [1 << 32, 1 << 33, 1 << 63] {
        let many = trials.call(0, bound + few.count / 2);
        let hits = trials.subject.hits_in(&[many], MOMENT)?;
        if hits.is_empty() {
            return Ok(());
        }
        if hits < few_hits {
            let [shown, few] = [many, few].map(|call| trials.subject.shown(call));
            let message =
                format!("{shown} returned {}, but {few} returned {}", hits[0], few_hits[0]);
            return Err(Fault { message, call: Some(many) }.into());
        }
        // The parts are below the bound.
        let split = Split { whole: many, head: bound - 1 };
        if trials.subject.hits_in(&split.parts(), MOMENT)?.len() == split.parts().len() {
            trials.add_up(&[split])?;
        }
    }
    Ok(())
}

/// Long calls meet in the middle, short ones at their ends.
fn several_threads(trials: &Trials) -> anyhow::Result<()> {
    let Pace { samples, calls, short_calls } = trials.pace()?;
    for (count, times) in
        [((samples / SHORT).clamp(1, 100), short_calls), (samples, calls as u32 / 8 + 1)]
    {
        let of_thread = |thread| trials.call(thread * (samples + 1), count);
        trials.call_at_once(&(0..THREADS).map(of_thread).collect::<Vec<_>>(), times)?;
    }
    Ok(())
}

/// The calls of all other rules count here.
fn returns(trials: &Trials) -> anyhow::Result<()> {
    let lost = trials.subject.lost.borrow().clone();
    match lost {
        None => Ok(()),
        Some(lost) => {
            let Lost { message, call, .. } = trials.smallest_lost(&lost)?;
            Err(Fault { message, call }.into())
        }
    }
}

fn leaves_no(trials: &Trials, what: Trace) -> anyhow::Result<()> {
    let left = trials.subject.left.borrow();
    let of_it: Vec<&str> =
        left.iter().filter(|left| left.what == what).map(|left| &*left.message).collect();
    if of_it.is_empty() {
        return Ok(());
    }
    let (shown, others) = of_it.split_at(of_it.len().min(MOST_SHOWN));
    let more =
        if others.is_empty() { String::new() } else { format!("; and {} more", others.len()) };
    Err(Fault { message: shown.join("; ") + &more, call: None }.into())
}

/// Memory that the first calls take may serve the others.
fn memory(trials: &Trials) -> anyhow::Result<()> {
    const ROUNDS: u32 = 4;
    let Pace { samples, short_calls: times, .. } = trials.pace()?;
    let call = trials.call(1, (samples / SHORT).clamp(1, 1000));
    let replies = trials.subject.replies(&[Step::Repeat { call, times, rounds: ROUNDS }])?;
    let Some(Reply::Memory(bytes)) = replies.first() else { return Ok(()) };
    let grown: Vec<u64> =
        bytes.windows(2).skip(1).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    if grown.iter().any(|bytes| *bytes < GROWTH) {
        return Ok(());
    }
    let message = format!(
        "{times} calls of {} took {} more bytes, and the next {times} another {}",
        trials.subject.shown(call),
        grown[0],
        grown[1]
    );
    Err(Fault { message, call: Some(call) }.into())
}

fn prints_nothing(trials: &Trials) -> anyhow::Result<()> {
    match &*trials.subject.printed.borrow() {
        None => Ok(()),
        Some(said) => Err(Fault { message: format!("it printed: {said}"), call: None }.into()),
    }
}

/// Ranges of different lengths, starts and seeds.
fn mixed(trials: &Trials) -> anyhow::Result<Vec<Call>> {
    Ok(Draw::new(trials)?.ranges((trials.pace()?.calls / 3).min(40)))
}

/// Draws calls at random, the same each time.
struct Draw<'a> {
    trials: &'a Trials<'a>,
    samples: u64,
    random: Rng,
}

impl<'a> Draw<'a> {
    fn new(trials: &'a Trials<'a>) -> anyhow::Result<Self> {
        Ok(Self { trials, samples: trials.pace()?.samples, random: Rng::with_seed(7) })
    }

    /// A number up to this one. Small ones are as likely as large ones.
    fn up_to(&mut self, most: u64) -> u64 {
        let bits = self.random.u32(0..=most.checked_ilog2().map_or(0, |bits| bits + 1));
        let number = self.random.u64(..).checked_shr(64 - bits).unwrap_or(0);
        number.min(most)
    }

    fn seed(&mut self) -> u64 {
        let any = self.random.u64(..);
        match self.trials.generator() {
            _ if self.random.bool() => self.trials.seed(),
            None => any,
            Some(generator) => match generator.check_seed(any) {
                Err(libpi::Error::Seed { nearest, .. }) => nearest,
                _ => any,
            },
        }
    }

    /// So many ranges. The first has few samples, and the last has as many as fit.
    fn ranges(&mut self, number: usize) -> Vec<Call> {
        let firsts = if self.trials.generator().is_some() { 1 << 63 } else { FARTHEST };
        let mut ranges: Vec<Call> = (0..number.max(2))
            .map(|_| Call {
                seed: self.seed(),
                first: self.up_to(firsts),
                count: self.up_to(self.samples),
            })
            .collect();
        ranges[0].count = 1;
        ranges[number.max(2) - 1].count = self.samples;
        ranges
    }
}
