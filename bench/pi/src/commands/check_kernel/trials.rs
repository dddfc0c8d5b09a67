//! Calls the kernel and compares its answers with those of libpi, and with each other.

use super::fault::{Fault, Lost, NoTime};
use super::smallest::{Shrink, Split, smallest};
use super::subject::Subject;
use crate::calls::{Call, Reply, Step};
use libpi::{AUTO, Catalog, Generator, Kernel, Samples};
use std::cell::OnceCell;
use std::time::Duration;

/// How long a call with the most samples takes, about.
const CALL: Duration = Duration::from_millis(2);

/// How long the calls of a rule take, about.
const RULE: Duration = Duration::from_millis(400);

/// The most samples in a call. libpi counts as many in a moment.
const MOST: u64 = 1 << 22;

/// How long a smaller call may take that might be part of an endless loop.
const PROBE: Duration = Duration::from_millis(500);

/// The kernel that is tried, and one that counts right.
pub(super) struct Trials<'a> {
    pub(super) subject: &'a Subject<'a>,
    catalog: &'static Catalog,
    /// A kernel of libpi. None: the kernel counts something that libpi does not.
    reference: Option<&'static Kernel>,
    pace: OnceCell<Pace>,
}

/// A call that is made twice.
#[derive(Debug, Clone, Copy)]
struct Twice(Call);

impl Shrink for Twice {
    const CALLS: usize = 2;

    fn calls(&self) -> Vec<Call> {
        vec![self.0, self.0]
    }

    fn smaller(&self, seed: u64) -> Vec<Self> {
        self.0.smaller(seed).into_iter().map(Self).collect()
    }
}

/// What the kernel does in the time of a call and of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The most samples of a call.
    pub(super) samples: u64,
    /// The number of calls.
    pub(super) calls: usize,
    /// The number of calls with few samples.
    pub(super) short_calls: u32,
}

impl<'a> Trials<'a> {
    pub(super) fn new(
        subject: &'a Subject<'a>,
        catalog: &'static Catalog,
        generator: Option<Generator>,
    ) -> anyhow::Result<Self> {
        let reference = generator.map(|generator| catalog.kernel(generator, AUTO)).transpose()?;
        Ok(Self { subject, catalog, reference, pace: OnceCell::new() })
    }

    pub(super) fn generator(&self) -> Option<Generator> {
        self.reference.map(Kernel::generator)
    }

    /// The seed of most calls.
    pub(super) fn seed(&self) -> u64 {
        self.generator().unwrap_or(Generator::Philox).default_seed()
    }

    /// A call with this seed.
    pub(super) fn call(&self, first: u64, count: u64) -> Call {
        Call { seed: self.seed(), first, count }
    }

    /// How fast the kernel is from index 0 on.
    pub(super) fn pace(&self) -> anyhow::Result<Pace> {
        if let Some(pace) = self.pace.get() {
            return Ok(*pace);
        }
        let pace = self.pace_from(0)?;
        Ok(*self.pace.get_or_init(|| pace))
    }

    /// Finds out how fast the kernel is from this index on.
    pub(super) fn pace_from(&self, first: u64) -> anyhow::Result<Pace> {
        let most = MOST.min(u64::MAX - first).max(1);
        let mut samples = 1;
        // What a call takes besides the time for its samples.
        let mut fixed = self.subject.time(self.call(first, samples))?;
        let mut taken = fixed;
        while 2 * (taken - fixed) < CALL && samples < most {
            // The first step is small, because one sample may take long. Others may be too short for the clock.
            let growth = CALL.as_nanos() / (taken - fixed).as_nanos().max(1);
            let largest = if samples == 1 { 2 } else { 32 };
            samples = samples.saturating_mul(growth.clamp(2, largest) as u64).min(most);
            taken = self.subject.time(self.call(first, samples))?;
            fixed = fixed.min(taken);
        }
        let in_rule = |time: Duration| RULE.as_nanos() / time.as_nanos().max(1);
        Ok(Pace {
            samples,
            calls: in_rule(taken.max(CALL)).clamp(4, 200) as usize,
            short_calls: in_rule(fixed).clamp(4, 2000) as u32,
        })
    }

    /// These ranges are counted right: as libpi counts them, or else so that their parts add up.
    pub(super) fn count_right(&self, ranges: &[Call]) -> anyhow::Result<()> {
        if let Some(kernel) = self.reference {
            return self.count_as(kernel, ranges);
        }
        let halves = ranges.iter().map(|&whole| Split { whole, head: whole.count / 2 });
        let ends = ranges.iter().map(|&whole| Split { whole, head: 1 });
        let splits =
            halves.chain(ends).filter(|split| 0 < split.head && split.head < split.whole.count);
        self.add_up(&splits.collect::<Vec<_>>())
    }

    fn count_as(&self, kernel: &Kernel, calls: &[Call]) -> anyhow::Result<()> {
        let serial = self.catalog.driver("serial")?;
        let right =
            |Call { seed, first, count }| kernel.hits(serial, seed, Samples::new(first, count)?, 1);
        let is_right = |call: &Call, hits: &[u64]| Ok(right(*call)? == hits[0]);
        self.judge(calls, is_right, |call, hits| {
            Ok(format!("{} returned {} instead of {}", self.shown(call), hits[0], right(call)?))
        })
    }

    /// The counts of two parts add up to the count of the range.
    pub(super) fn add_up(&self, splits: &[Split]) -> anyhow::Result<()> {
        let is_right = |_: &Split, hits: &[u64]| Ok(hits[0].wrapping_add(hits[1]) == hits[2]);
        self.judge(splits, is_right, |split, hits| {
            let [head, tail, whole] = split.parts().map(|call| self.shown(call));
            Ok(format!(
                "{whole} returned {}, but {head} + {tail} returned {} + {}",
                hits[2], hits[0], hits[1]
            ))
        })
    }

    /// No index counts more than once.
    pub(super) fn count_once(&self, calls: &[Call]) -> anyhow::Result<()> {
        // Another rule is about counts of 0.
        let is_right = |call: &Call, hits: &[u64]| Ok(call.count == 0 || hits[0] <= call.count);
        self.judge(calls, is_right, |call, hits| {
            Ok(format!("{} returned {}: an index counts once at most", self.shown(call), hits[0]))
        })
    }

    /// The second of two equal calls gives the same answer as the first.
    pub(super) fn repeat(&self, calls: &[Call]) -> anyhow::Result<()> {
        let twice: Vec<Twice> = calls.iter().copied().map(Twice).collect();
        let is_right = |_: &Twice, hits: &[u64]| Ok(hits[0] == hits[1]);
        self.judge(&twice, is_right, |Twice(call), hits| {
            Ok(format!(
                "{} returned {}, and {} for the same call again",
                self.shown(call),
                hits[0],
                hits[1]
            ))
        })
    }

    /// Makes the calls of all trials, and finds the smallest trial that is wrong.
    fn judge<T: Shrink>(
        &self,
        trials: &[T],
        is_right: impl Fn(&T, &[u64]) -> anyhow::Result<bool>,
        say: impl Fn(T, &[u64]) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let calls = |trials: &[T]| trials.iter().flat_map(Shrink::calls).collect::<Vec<_>>();
        let first_wrong = |trials: &[T], hits: &[u64]| -> anyhow::Result<Option<usize>> {
            for (at, (trial, hits)) in trials.iter().zip(hits.chunks_exact(T::CALLS)).enumerate() {
                if !is_right(trial, hits)? {
                    return Ok(Some(at));
                }
            }
            Ok(None)
        };
        let hits = self.subject.hits(&calls(trials))?;
        let Some(at) = first_wrong(trials, &hits)? else { return Ok(()) };
        let fails = |trials: &[T]| first_wrong(trials, &self.subject.some_hits(&calls(trials))?);
        let is_wrong_alone = |trial: T| Ok::<_, anyhow::Error>(fails(&[trial])?.is_some());
        let (trial, hits, why) = match is_wrong_alone(trials[at])? {
            true => {
                let small = self.shrunk(trials[at], fails)?;
                let trial = if is_wrong_alone(small)? { small } else { trials[at] };
                (trial, self.subject.hits(&calls(&[trial]))?, "")
            }
            false => {
                let hits = hits[at * T::CALLS..][..T::CALLS].to_vec();
                (
                    trials[at],
                    hits,
                    ", in a process that had made other calls: the answer depends on them",
                )
            }
        };
        let message = say(trial, &hits)? + why;
        Err(Fault { message, call: trial.calls().last().copied() }.into())
    }

    fn shown(&self, call: Call) -> String {
        self.subject.shown(call)
    }

    /// In another order, in another process, the calls give the same answers.
    pub(super) fn reorder(&self, calls: &[Call]) -> anyhow::Result<()> {
        let hits = self.subject.hits(calls)?;
        let backwards: Vec<Call> = calls.iter().rev().copied().collect();
        let mut others = self.subject.hits(&backwards)?;
        others.reverse();
        let differs = |at: &usize| hits[*at] != others[*at];
        let Some(at) = (0..calls.len()).filter(differs).min_by_key(|&at| calls[at].count) else {
            return Ok(());
        };
        let before = |neighbour: Option<&Call>| {
            neighbour.map_or("as the first call".to_owned(), |&call| {
                format!("after {}", self.shown(call))
            })
        };
        let message = format!(
            "{} returned {} {}, but {} {} in another process",
            self.shown(calls[at]),
            hits[at],
            before(at.checked_sub(1).map(|at| &calls[at])),
            others[at],
            before(calls.get(at + 1)),
        );
        Err(Fault { message, call: Some(calls[at]) }.into())
    }

    /// Several threads that call at once get the same answers as one. Each call is for one thread.
    pub(super) fn call_at_once(&self, calls: &[Call], times: u32) -> anyhow::Result<()> {
        let right = self.subject.hits(calls)?;
        let step = Step::AtOnce { calls: calls.to_vec(), times };
        let replies = self.subject.replies(&[step])?;
        let Some(Reply::AtOnce(answers)) = replies.first() else { return Ok(()) };
        for ((&call, right), &(least, most)) in calls.iter().zip(right).zip(answers) {
            if (least, most) != (right, right) {
                let wrong = if least == right { most } else { least };
                let message = format!(
                    "{} returned {wrong} instead of {right} while {} other threads called it: its answer must not \
                     depend on the thread, nor on variables that threads share",
                    self.shown(call),
                    calls.len() - 1
                );
                return Err(Fault { message, call: Some(call) }.into());
            }
        }
        Ok(())
    }

    /// A smaller call that does not return either.
    pub(super) fn smallest_lost(&self, lost: &Lost) -> anyhow::Result<Lost> {
        let Some(call) = lost.call else { return Ok(lost.clone()) };
        let mut endings = 0;
        let smaller = self.shrunk(call, |calls| {
            // Each endless loop takes time.
            if lost.is_hung && endings == 4 {
                return Ok(None);
            }
            let ended = self.subject.first_lost(calls, PROBE)?;
            endings += usize::from(ended.is_some());
            Ok(ended)
        })?;
        if smaller == call {
            return Ok(lost.clone());
        }
        // It may have been slow, or have depended on earlier calls.
        match self.subject.lost_in(&[Step::Call(smaller)], self.subject.timeout) {
            Err(error) if !error.is::<NoTime>() => Err(error),
            again => Ok(again.ok().flatten().unwrap_or_else(|| lost.clone())),
        }
    }

    /// The smallest one that fails, or a small one when there is no time left.
    fn shrunk<T: Shrink>(
        &self,
        failing: T,
        mut fails: impl FnMut(&[T]) -> anyhow::Result<Option<usize>>,
    ) -> anyhow::Result<T> {
        smallest(failing, self.seed(), |smaller| match self.subject.is_late() {
            true => Ok(None),
            false => fails(smaller),
        })
    }
}
