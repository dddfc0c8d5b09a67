//! What calls across languages cost, and from which batch on that is negligible.

use crate::analysis::crossings::{Crossing, pair, way};
use crate::analysis::intervals::interval_text;
use crate::analysis::measured::Measured;
use crate::analysis::stats::{Estimate, Interval};
use crate::number::{size, time};
use crate::shown::enumerated;

/// A sentence for the calls from compiled languages, one for each other caller, and one for the batches.
pub(super) fn sentences(measured: &Measured) -> Vec<String> {
    let all = Crossing::all(measured);
    let (compiled, others): (Vec<&Crossing>, Vec<&Crossing>) =
        all.iter().partition(|one| one.is_from_compiled());
    let by_caller = others.chunk_by(|a, b| pair(a.kernel).0 == pair(b.kernel).0);
    let costs = [&*compiled].into_iter().chain(by_caller).filter_map(costs);
    costs.chain(batches(&all)).collect()
}

/// Such as `The cheapest call costs 1.40 ns above the loop (1.38 to 1.44 ns): direct from C into Rust; direct
/// costs 1.40 to 2.10 ns and checked costs 20.1 to 25.3 ns.`
fn costs(crossings: &[&Crossing]) -> Option<String> {
    let known = |one: &&Crossing| one.cost.is_some_and(|cost| cost.interval.is_some());
    let mut known: Vec<&Crossing> = crossings.iter().copied().filter(known).collect();
    let value = |one: &Crossing| one.cost.map_or(f64::INFINITY, |cost| cost.value);
    known.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let cheapest = *known.first()?;
    let said = match cheapest.cost?.interval? {
        interval if interval.low > 0.0 => {
            let within = interval_text(Some(interval), time);
            format!("costs {} above the loop ({within})", time(cheapest.cost?.value))
        }
        interval => {
            let within = interval_text(Some(interval), time);
            format!("does not differ from the loop ({within} above it)")
        }
    };
    let (caller, callee) = pair(cheapest.kernel);
    let into = callee.map_or(String::new(), |callee| format!(" into {callee}"));
    let (begin, from) = match cheapest.is_from_compiled() {
        true => ("The cheapest call".to_owned(), format!(" from {caller}")),
        false => (format!("From {caller} the cheapest call"), String::new()),
    };
    let first = format!("{begin} {said}: {}{from}{into}", cheapest.way);
    let ranges: Vec<String> = ways(&known)
        .into_iter()
        .map(|way| {
            range(way, &known.iter().copied().filter(|one| one.way == way).collect::<Vec<_>>())
        })
        .collect();
    let rest = if known.len() > 1 { format!("; {}", enumerated(&ranges)) } else { String::new() };
    Some(format!("{first}{rest}."))
}

/// The ways of these calls, each once.
fn ways<'a>(crossings: &[&'a Crossing]) -> Vec<&'a str> {
    let mut ways: Vec<&str> = crossings.iter().map(|one| one.way).collect();
    ways.sort_by_key(|name| (way(name), *name));
    ways.dedup();
    ways
}

/// What the calls of one way cost, the cheapest first: `direct costs 1.40 to 2.10 ns`.
fn range(way: &str, crossings: &[&Crossing]) -> String {
    let costs: Vec<Estimate> = crossings.iter().filter_map(|one| one.cost).collect();
    let is_seen = |cost: &Estimate| cost.interval.is_some_and(|interval| interval.low > 0.0);
    let seen = costs.iter().filter(|cost| is_seen(cost)).count();
    let (low, high) = (costs[0].value, costs[costs.len() - 1].value);
    if seen == 0 {
        format!("{way} cannot be told from the loop")
    } else if seen < costs.len() {
        format!("{way} costs up to {}", time(high))
    } else if time(low) == time(high) {
        format!("{way} costs {}", time(low))
    } else {
        let range = interval_text(Some(Interval { low, high, level: 1.0 }), time);
        format!("{way} costs {range}")
    }
}

/// Such as `A call costs less than 1% of its time, for every pair measured: pointer from 2^8 samples on and
/// checked from 2^14 samples on.`
fn batches(all: &[Crossing]) -> Option<String> {
    let known = |one: &&Crossing| {
        !one.batches.is_empty() && one.cost.is_some_and(|cost| cost.interval.is_some())
    };
    let known: Vec<&Crossing> = all.iter().filter(known).collect();
    let said: Vec<String> = ways(&known)
        .iter()
        .map(|way| {
            // The whole interval of every cost: what is said holds of all pairs of languages.
            let enough = known.iter().filter(|one| one.way == *way).map(|one| {
                let high = one.cost.and_then(|cost| cost.interval).map(|interval| interval.high);
                high.and_then(|high| one.enough(high))
            });
            match enough.collect::<Option<Vec<u64>>>().and_then(|all| all.into_iter().max()) {
                Some(batch) => format!("{way} from {} samples on", size(batch)),
                None => format!("{way} in no measured batch for certain"),
            }
        })
        .collect();
    (!said.is_empty()).then(|| {
        format!(
            "A call costs less than 1% of its time, for every pair measured: {}.",
            enumerated(&said)
        )
    })
}
