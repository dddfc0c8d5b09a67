//! The rules of the protocol, each with a sentence that names it and a trial.

use super::ask::{Kept, MANY, Runner, known};
use super::build_flags;
use super::clock;
use super::streams::{self, UNEQUAL_SHARES};
use libpi::cpus::CpuMask;
use libpi::known::KnownCount;
use pi_harness::results::BlockError;
use pi_protocol::Request;

/// A larger range is shared among many threads by one rule only, so that slow runners end in time.
const TO_SHARE: u64 = 20_000;

/// A rule, and how to try whether a runner keeps it.
pub(super) struct Rule {
    /// What the runner does, such as `refuses a count below 0`.
    pub(super) sentence: String,
    pub(super) trial: Trial,
}

pub(super) type Trial = Box<dyn Fn(&Runner) -> Result<Kept, BlockError>>;

/// The rules for a runner. Requests are made from the first, which a statistical runner gets as it is.
pub(super) fn rules(runner: &Runner, base: &Request) -> Vec<Rule> {
    let mut known = known(runner.generator);
    let request = ask_for(base, known.next().as_ref());
    let rest: Vec<KnownCount> = known.collect();
    let mut rules = answering(&request);
    rules.extend(rest.iter().map(|known| counting(ask_for(base, Some(known)), known)));
    rules.extend(refusing(&request, runner.generator.is_some()));
    rules.extend(sharing(&request));
    let small = rest.iter().filter(|known| {
        (u64::from(MANY)..TO_SHARE).contains(&known.count) && known.count % u64::from(MANY) != 0
    });
    rules.extend(small.map(|known| counting_shares(&ask_for(base, Some(known)), known)));
    if runner.generator.is_none() {
        rules.extend(drawing(&request));
    }
    rules.extend(measuring(&request));
    rules
}

/// The request for a known count.
fn ask_for(base: &Request, known: Option<&KnownCount>) -> Request {
    let Some(&KnownCount { seed, first, count, .. }) = known else { return base.clone() };
    Request { seed, first, count, ..base.clone() }
}

fn rule(
    sentence: impl Into<String>,
    trial: impl Fn(&Runner) -> Result<Kept, BlockError> + 'static,
) -> Rule {
    Rule { sentence: sentence.into(), trial: Box::new(trial) }
}

/// A rule that is kept if the runner answers, and answers right.
fn must_answer(sentence: impl Into<String>, request: Request) -> Rule {
    rule(sentence, move |runner| runner.answers(&request).map(|_| Kept::Answers))
}

/// A rule that is kept if the runner refuses too.
fn may_refuse(sentence: impl Into<String>, request: Request) -> Rule {
    rule(sentence, move |runner| runner.answers_or_refuses(&request, None).map(Kept::from))
}

/// A rule that is kept if the runner refuses.
fn must_refuse(sentence: impl Into<String>, input: String) -> Rule {
    rule(sentence, move |runner| runner.refuses(&input, None).map(|()| Kept::Answers))
}

/// A rule about several threads. The runner may refuse them.
fn with_several_threads(
    does: &str,
    request: &Request,
    trial: impl Fn(&Runner, &Request) -> Result<Kept, BlockError> + 'static,
) -> Rule {
    let request = request.clone();
    rule(format!("{does} with several threads, or refuses them"), move |runner| {
        let request = runner.on_several_threads(&request);
        trial(runner, &request).map_err(|mut wrong| {
            wrong.message = format!("with {} threads: {}", request.threads, wrong.message);
            wrong
        })
    })
}

/// What an answer holds, and which requests there are.
fn answering(request: &Request) -> Vec<Rule> {
    let one = Request { warmup: 0, runs: 1, ..request.clone() };
    let more = [("colour", "red"), ("shape", "round as a circle")];
    let more = more.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let unknown = Request { more, ..request.clone() };
    let unended = request.clone();
    vec![
        must_answer("answers with a version and three runs", request.clone()),
        must_answer("makes one run without warm-up when asked to", one),
        must_answer("ignores keys that it does not know", unknown),
        rule("accepts a request without an empty line at the end", move |runner| {
            runner
                .answers_text(&unended, unended.to_string().trim_end(), None)
                .map(|_| Kept::Answers)
        }),
    ]
}

/// Ranks may refuse a range with fewer samples than there are ranks.
fn counting(request: Request, known: &KnownCount) -> Rule {
    match known.count < u64::from(request.ranks) {
        true => may_refuse(format!("{}, or refuses them", counts_of(known)), request),
        false => must_answer(counts_of(known), request),
    }
}

/// Each thread must count its own part, also if the parts differ in length.
fn counting_shares(request: &Request, known: &KnownCount) -> Rule {
    with_several_threads(&counts_of(known), request, |runner, request| {
        runner.answers_or_refuses(request, None).map(Kept::from)
    })
}

fn counts_of(known: &KnownCount) -> String {
    let KnownCount { seed, first, count, hits, .. } = known;
    format!("counts {hits} of {count} samples from {first}, seed {seed}")
}

/// What the runner must refuse. A statistical runner has its own random numbers, and need not know
/// generators and ranges.
fn refusing(request: &Request, exact: bool) -> Vec<Rule> {
    let nonsense = Request { generator: "no-such-generator".to_owned(), ..request.clone() };
    let past_the_end = Request { first: u64::MAX, count: 2, ..request.clone() };
    let negative = request.to_string().replace("\ncount ", "\ncount -");
    let no_kernel = Request { kernel: "no-such-kernel".to_owned(), ..request.clone() };
    let no_driver = Request { driver: "no-such-driver".to_owned(), ..request.clone() };
    let mut rules = Vec::new();
    if exact {
        rules.push(must_refuse("refuses a generator that does not exist", nonsense.to_string()));
        rules.push(must_refuse("refuses a range that reaches past 2^64", past_the_end.to_string()));
    }
    rules.push(must_refuse("refuses a count below 0", negative));
    rules.push(must_refuse("refuses a kernel that does not exist", no_kernel.to_string()));
    rules.push(must_refuse("refuses a driver that does not exist", no_driver.to_string()));
    rules
}

/// How many workers there are. With as many threads, or other ranks than it was started with, a runner
/// may refuse.
fn sharing(request: &Request) -> Vec<Rule> {
    let threads = Request { threads: MANY, ..request.clone() };
    let ranks = Request { ranks: request.ranks + MANY - 1, ..request.clone() };
    vec![
        may_refuse(format!("works with {MANY} threads, or refuses them"), threads),
        may_refuse(format!("works with {} ranks, or refuses them", ranks.ranks), ranks),
    ]
}

/// Which random numbers a statistical runner draws.
fn drawing(request: &Request) -> Vec<Rule> {
    let one = request.clone();
    let all = format!("draws all of {UNEQUAL_SHARES} samples");
    vec![
        rule("draws other numbers for each seed", move |runner| streams::draws_apart(runner, &one)),
        with_several_threads("draws other numbers for each thread", request, streams::draws_apart),
        with_several_threads(&all, request, streams::draws_all),
        with_several_threads("repeats what one thread repeats", request, streams::repeats),
    ]
}

/// What makes a time comparable.
fn measuring(request: &Request) -> Vec<Rule> {
    let (one, placed, built) = (request.clone(), request.clone(), request.clone());
    let covers = "has times that cover the work";
    vec![
        rule(covers, move |runner| clock::covers_the_work(runner, &one)),
        with_several_threads(covers, request, clock::covers_the_work),
        rule("keeps each worker on a CPU of its own, if there are two", move |runner| {
            on_own_cpus(runner, &placed)
        }),
        rule("was optimised, if it tells how it was built", move |runner| {
            build_flags::are_for_speed(&runner.answers(&built)?).map(|()| Kept::Answers)
        }),
    ]
}

/// Asks for two threads on two CPUs, or for one on one.
fn on_own_cpus(runner: &Runner, request: &Request) -> Result<Kept, BlockError> {
    let cpus: CpuMask = CpuMask::of_this_thread().cpus().take(2).collect();
    let request = Request { threads: cpus.count().max(1), ..request.clone() };
    runner.answers_if_it_has_the_threads(&request, Some(&cpus)).map(Kept::from)
}
