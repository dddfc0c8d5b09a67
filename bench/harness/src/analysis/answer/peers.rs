//! libpi's generators against the fastest peer, on one thread.

use super::words::no_difference;
use crate::analysis::measured::Measured;
use crate::analysis::peers::{Row, is_peers, rows};
use crate::analysis::stats::Verdict;
use crate::number::{factor, rate};
use std::collections::BTreeSet;

/// Such as `The fastest peer on one thread is mkl-ars5-float with 1.55 G/s; libpi's npb (rust-simd) makes 5.42
/// times as much, xoshiro (rust-simd) 1.53 times, philox (c-simd) 0.798 times.`
pub(super) fn sentence(measured: &Measured) -> Option<String> {
    if !is_peers(measured) {
        return None;
    }
    let rows = rows(measured);
    let known = |row: &&Row| row.one.is_some_and(|cell| cell.times.is_enough());
    let peer = rows.iter().filter(known).find(|row| !row.own)?;
    let of_peer = &peer.one?.times;
    let mut generators = BTreeSet::new();
    let own = rows.iter().filter(known).filter(|row| row.own);
    let best = own.filter(|row| generators.insert(&row.name.generator));
    let compared = best.filter_map(|row| {
        let over = of_peer.ratio(&row.one?.times);
        let name = format!("{} ({})", row.name.generator, row.name.kernel_name());
        Some(match Verdict::of(over, measured.noise_floor).differs() {
            true => format!("{name} makes {} times as much", factor(over.value)),
            false => format!("{name} does not differ from it {}", no_difference(over.interval)),
        })
    });
    let compared: Vec<String> = compared.collect();
    let first = format!(
        "The fastest peer on one thread is {} with {}",
        peer.name.kernel_name(),
        rate(1.0 / of_peer.value())
    );
    Some(match compared.is_empty() {
        true => format!("{first}."),
        false => format!("{first}; libpi's {}.", compared.join(", ")),
    })
}
