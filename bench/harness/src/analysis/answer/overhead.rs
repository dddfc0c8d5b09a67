//! What it costs to begin, what dealt blocks cost and save, and from how many samples on threads are worth
//! their start.

use super::words::{hull, no_difference};
use crate::analysis::measured::Measured;
use crate::analysis::overhead::{Begin, Dealt, Overhead};
use crate::analysis::stats::{Estimate, Verdict};
use crate::number::{counted, factor, size, time};
use crate::shown::enumerated;
use libpi::BLOCK;

/// The sentences, none if the session measured nothing of this.
pub(super) fn sentences(measured: &Measured) -> Vec<String> {
    let Some(overhead) = Overhead::of(measured) else { return Vec::new() };
    let noise = measured.noise_floor;
    [
        regions(&overhead),
        starts(&overhead),
        busy(&overhead, noise),
        idle(&overhead, noise),
        blocks(&overhead, noise),
        worth(&overhead),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_known(begin: &Begin) -> bool {
    begin.cell.times.is_enough()
}

/// `1.02 µs with openmp-c`
fn cost(begin: &Begin) -> String {
    format!("{} with {}", time(begin.seconds.value), begin.cell.block.cell.driver)
}

fn costs(begins: &[&Begin]) -> Vec<String> {
    begins.iter().filter(|begin| is_known(begin)).map(|begin| cost(begin)).collect()
}

/// Such as `A parallel region of 2 threads costs 1.02 µs with openmp-c and 38.0 µs with threads; 10 ms after
/// the last one it costs 21.0 µs with openmp-c; a call without threads costs 9.40 ns.`
fn regions(overhead: &Overhead) -> Option<String> {
    let of_state = |warm, begin: &dyn Fn(&Begin) -> String| {
        let regions = overhead.widest_regions(warm);
        let costs = costs(&regions);
        (!costs.is_empty()).then(|| format!("{} {}", begin(regions[0]), enumerated(&costs)))
    };
    let warm = of_state(true, &|one| {
        let threads = counted(one.cell.block.cell.threads, "thread");
        format!("a parallel region of {threads} costs")
    });
    let cold = of_state(false, &|_| "10 ms after the last one it costs".to_owned());
    let serial = overhead.serial_region().filter(|begin| is_known(begin));
    let serial =
        serial.map(|begin| format!("a call without threads costs {}", time(begin.seconds.value)));
    sentence([warm.clone(), cold.filter(|_| warm.is_some()), serial])
}

/// Such as `pi starts and ends in 2.40 ms, any program in 700 µs; with mpiexec and 2 processes pi starts and
/// ends in 500 ms, any program in 60.0 ms.`
fn starts(overhead: &Overhead) -> Option<String> {
    let found = |program: &str, is_launched: bool| {
        overhead.starts().find(|begin| {
            let name = &begin.cell.block.cell;
            name.kernel == program && (name.driver != "exec") == is_launched && is_known(begin)
        })
    };
    let seconds = |begin: &Begin| time(begin.seconds.value);
    let both = |is_launched| {
        let (pi, any) = (found("pi", is_launched), found("true", is_launched));
        let pi = pi.map(|begin| format!("pi starts and ends in {}", seconds(begin)));
        let any = any.map(|begin| format!("any program in {}", seconds(begin)));
        pi.into_iter().chain(any).collect::<Vec<String>>().join(", ")
    };
    let launched = found("pi", true).or_else(|| found("true", true)).map(|begin| {
        let name = &begin.cell.block.cell;
        let processes = counted(name.threads, "process");
        format!("with {} and {processes} {}", name.driver, both(true))
    });
    sentence([Some(both(false)).filter(|said| !said.is_empty()), launched])
}

/// A sentence of these clauses. It begins with a capital, unless its first word is the command.
fn sentence(clauses: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let clauses: Vec<String> = clauses.into_iter().flatten().collect();
    let said = clauses.join("; ");
    let first = said.get(..1)?;
    Some(match said.starts_with("pi ") {
        true => format!("{said}."),
        false => format!("{}{}.", first.to_uppercase(), &said[1..]),
    })
}

/// Ratios in words: `takes 1.98 times as long with threads and 2.05 times with rayon`. Those that do not
/// differ from 1 come last.
fn ratios(of: &[(String, Estimate)], noise: Option<f64>) -> String {
    let (differ, same): (Vec<_>, Vec<_>) =
        of.iter().partition(|(_, ratio)| Verdict::of(*ratio, noise).differs());
    let times = |(name, ratio): &&(String, Estimate)| {
        format!("{} times as long with {name}", factor(ratio.value))
    };
    let differ: Vec<String> = differ.iter().map(times).collect();
    let names: Vec<String> = same.iter().map(|(name, _)| name.clone()).collect();
    let within = same.iter().map(|(_, ratio)| ratio.interval).reduce(hull).flatten();
    let differ = (!differ.is_empty()).then(|| format!("take {}", enumerated(&differ)));
    let same = (!names.is_empty())
        .then(|| format!("do not differ with {} {}", enumerated(&names), no_difference(within)));
    differ.into_iter().chain(same).collect::<Vec<String>>().join(", and ")
}

/// The ratios of all drivers with intervals, each with its driver's name.
fn of_drivers(
    overhead: &Overhead,
    of: impl Fn(&Dealt) -> Option<Estimate>,
) -> Vec<(String, Estimate)> {
    let widest = overhead.dealt.iter().map(|one| one.equal.processors()).max();
    let widest = overhead.dealt.iter().filter(|one| Some(one.equal.processors()) == widest);
    let known = widest.filter_map(|one| {
        let ratio = of(one).filter(|ratio| ratio.interval.is_some())?;
        Some((one.driver.to_owned(), ratio))
    });
    known.collect()
}

/// Such as `If another program uses one of 2 CPUs, equal parts take 1.98 times as long with threads, and
/// dealt blocks take 1.41 times as long with threads.`
fn busy(overhead: &Overhead, noise: Option<f64>) -> Option<String> {
    let equal = of_drivers(overhead, |one| one.equal_busy);
    let dealt = of_drivers(overhead, |one| one.dealt_busy);
    let said = [("equal parts", equal), ("blocks that threads take in turn", dealt)]
        .into_iter()
        .filter(|(_, ratios)| !ratios.is_empty())
        .map(|(what, of)| format!("{what} {}", ratios(&of, noise)));
    let said: Vec<String> = said.collect();
    let cpus = counted(overhead.dealt.iter().map(|one| one.equal.processors()).max()?, "CPU");
    (!said.is_empty()).then(|| {
        format!(
            "If another program uses one of {cpus}, then, against equal parts on idle CPUs, {}.",
            said.join("; ")
        )
    })
}

/// Such as `On idle CPUs such blocks do not differ from equal parts with threads and rayon (0.990 to 1.01).`
fn idle(overhead: &Overhead, noise: Option<f64>) -> Option<String> {
    let dealt = of_drivers(overhead, |one| one.dealt);
    (!dealt.is_empty()).then(|| {
        format!("On idle CPUs, against equal parts, such blocks {}.", ratios(&dealt, noise))
    })
}

/// Such as `Against one call, calls of 2^16 samples take 4.40 times as long with npb, and do not differ with
/// philox (0.990 to 1.01).`
fn blocks(overhead: &Overhead, noise: Option<f64>) -> Option<String> {
    let of_length = overhead.blocks.iter().filter_map(|one| {
        let (_, ratio) = one.by_length.iter().find(|(length, _)| *length == BLOCK)?;
        ratio.interval?;
        Some((one.whole.block.cell.generator.clone(), *ratio))
    });
    let known: Vec<(String, Estimate)> = of_length.collect();
    (!known.is_empty()).then(|| {
        let length = size(BLOCK);
        format!("Against one call, calls for {length} samples each {}.", ratios(&known, noise))
    })
}

/// Such as `2 threads are faster than one: threads from 7.6e4 of philox and 6.7e5 of npb samples on.`
fn worth(overhead: &Overhead) -> Option<String> {
    let mut by_driver: Vec<(&str, Vec<String>)> = Vec::new();
    for worth in &overhead.worth_threads {
        if !worth.serial.times.is_enough() || !worth.region.times.is_enough() {
            continue;
        }
        let driver = &*worth.region.block.cell.driver;
        let said = format!("{:.1e} of {}", worth.samples, worth.serial.block.cell.generator);
        match by_driver.last_mut().filter(|(last, _)| *last == driver) {
            Some((_, all)) => all.push(said),
            None => by_driver.push((driver, vec![said])),
        }
    }
    let first = overhead.worth_threads.first()?;
    let threads = counted(first.region.block.cell.threads, "thread");
    let said: Vec<String> = by_driver
        .iter()
        .map(|(driver, samples)| format!("{driver} from {} samples on", enumerated(samples)))
        .collect();
    (!said.is_empty()).then(|| format!("{threads} are faster than one: {}.", said.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::overhead::tests::session;

    fn said(cells: &[(&str, f64)]) -> Vec<String> {
        sentences(&session(cells))
    }

    #[test]
    fn regions_are_told_by_driver_for_the_most_threads() {
        let all = said(&[
            ("parallel-region/warm/serial/1x1", 9.4e-9),
            ("parallel-region/warm/openmp-c/1x1", 5e-7),
            ("parallel-region/warm/threads/1x2", 3.8e-5),
            ("parallel-region/warm/openmp-c/1x2", 1.02e-6),
            ("parallel-region/cold/openmp-c/1x2", 2.1e-5),
        ]);
        assert_eq!(
            all,
            [
                "A parallel region of 2 threads costs 1.02 µs with openmp-c and 38.0 µs with threads; \
                 10 ms after the last one it costs 21.0 µs with openmp-c; a call without threads costs \
                 9.40 ns."
            ]
        );
        let one = said(&[("parallel-region/warm/threads/1x1", 3.8e-5)]);
        assert_eq!(one, ["A parallel region of 1 thread costs 38.0 µs with threads."]);
        let serial = said(&[("parallel-region/warm/serial/1x1", 9.4e-9)]);
        assert_eq!(serial, ["A call without threads costs 9.40 ns."]);
    }

    #[test]
    fn starts_are_told_with_and_without_a_launcher() {
        let cells = [
            ("program-start/true/exec/1x1", 7e-4),
            ("program-start/pi/exec/1x1", 2.4e-3),
            ("program-start/true/mpiexec/1x2", 0.06),
            ("program-start/pi/mpiexec/1x2", 0.5),
        ];
        assert_eq!(
            said(&cells),
            [
                "pi starts and ends in 2.40 ms, any program in 700 µs; with mpiexec and 2 processes pi \
                 starts and ends in 500 ms, any program in 60.0 ms."
            ]
        );
        assert_eq!(said(&cells[..1]), ["Any program in 700 µs."]);
        let launched = said(&cells[3..]);
        assert_eq!(launched, ["With mpiexec and 2 processes pi starts and ends in 500 ms."]);
    }

    #[test]
    fn dealt_blocks_are_told_against_equal_parts() {
        let all = said(&[
            ("philox/rust/threads/1x2", 1.0),
            ("philox/rust/threads+dynamic/1x2", 1.0),
            ("philox/rust/threads+busy/1x2", 2.0),
            ("philox/rust/threads+dynamic+busy/1x2", 1.5),
            ("philox/rust/rayon/1x2", 1.0),
            ("philox/rust/rayon+dynamic/1x2", 1.25),
        ]);
        assert_eq!(
            all,
            [
                "If another program uses one of 2 CPUs, then, against equal parts on idle CPUs, equal parts \
                 take 2.00 times as long with threads; blocks that threads take in turn take 1.50 times as \
                 long with threads.",
                "On idle CPUs, against equal parts, such blocks take 1.25 times as long with rayon, and do \
                 not differ with threads (1.000 to 1.000).",
            ]
        );
    }

    #[test]
    fn blocks_and_what_is_worth_threads_are_told_by_generator() {
        let all = said(&[
            ("philox/rust-simd/serial/1x1", 1e-9),
            ("philox/rust-simd/serial+dynamic/1x1 65536", 1e-9),
            ("npb/rust-simd/serial/1x1", 1e-10),
            ("npb/rust-simd/serial+dynamic/1x1 65536", 4e-10),
            ("npb/rust-simd/serial+dynamic/1x1 4096", 9e-10),
            ("parallel-region/warm/threads/1x2", 3.8e-5),
        ]);
        let rest = [
            "Against one call, calls for 2^16 samples each take 4.00 times as long with npb, and do not differ \
             with philox (1.000 to 1.000).",
            "2 threads are faster than one: threads from 7.6e5 of npb and 7.6e4 of philox samples on.",
        ];
        assert_eq!(all[1..], rest);
    }

    #[test]
    fn cells_with_too_few_processes_are_in_no_sentence() {
        let few = |cells: &[(&str, f64)]| {
            let of = |&(name, seconds): &(&str, f64)| {
                crate::analysis::overhead::tests::cell(name, seconds).into_iter().take(4)
            };
            let blocks = cells.iter().flat_map(of).collect();
            sentences(&crate::analysis::measured::tests::measured(blocks))
        };
        let none = few(&[
            ("parallel-region/warm/serial/1x1", 1e-8),
            ("parallel-region/warm/threads/1x2", 1e-5),
            ("program-start/pi/exec/1x1", 1e-3),
            ("philox/rust/threads/1x2", 1.0),
            ("philox/rust/threads+busy/1x2", 2.0),
            ("philox/rust-simd/serial/1x1", 1e-9),
            ("philox/rust-simd/serial+dynamic/1x1 65536", 1e-9),
        ]);
        assert!(none.is_empty(), "{none:?}");
    }
}
