//! The sentences for sessions of every kind.

use super::answers;
use crate::analysis::measured::tests::measured;
use crate::results::{Block, Run};
use libpi::CellName;

/// The blocks of a cell whose processes take these nanoseconds for each sample.
fn cell(name: &str, nanoseconds: &[f64]) -> Vec<Block> {
    let parts: CellName = name.parse().unwrap();
    let block = |(process, nanoseconds): (u32, &f64)| Block {
        cell: parts.clone(),
        count: 1_000_000,
        expected_hits: Some(785),
        process,
        runs: vec![Run { seconds: nanoseconds * 1e-3, hits: 785 }],
        ..Block::default()
    };
    (0..).zip(nanoseconds).map(block).collect()
}

/// Twelve processes that are up to 1% apart.
fn twelve(nanoseconds: f64) -> Vec<f64> {
    (0..12).map(|process| nanoseconds * (1.0 + 0.01 * f64::from(process) / 11.0)).collect()
}

/// The answers of a session with this picture, whose cells have twelve processes.
fn said(picture: &str, cells: &[(&str, f64)]) -> Vec<String> {
    let blocks = cells.iter().flat_map(|&(name, time)| cell(name, &twelve(time))).collect();
    said_of(picture, blocks)
}

fn said_of(picture: &str, blocks: Vec<Block>) -> Vec<String> {
    let mut session = measured(blocks);
    session.header.picture = picture.to_owned();
    answers(&session)
}

fn weak(mut blocks: Vec<Block>) -> Vec<Block> {
    for block in &mut blocks {
        block.weak = true;
    }
    blocks
}

#[test]
fn a_sentence_for_each_generator_names_the_winner_and_the_rest() {
    let said = said(
        "matrix",
        &[
            ("philox/rust@x86-64/serial/1x1", 1.0),
            ("philox/c@x86-64/serial/1x1", 2.0),
            ("philox/fortran@x86-64/serial/1x1", 1.5),
            ("philox/rust@x86-64/rayon/1x2", 0.5),
            ("philox/rust@x86-64/threads/1x2", 0.501),
            ("philox/c@x86-64/rayon/1x2", 1.0),
            ("philox/c@x86-64/threads/1x2", 1.001),
            ("philox/fortran@x86-64/rayon/1x2", 0.75),
            ("philox/plain-c/serial/1x1", 3.0),
            ("philox/plain-fortran/serial/1x1", 1.0001),
            ("philox/mine/serial/1x1", 4.0),
            ("npb/c@x86-64/serial/1x1", 0.25),
            ("npb/rust@x86-64/serial/1x1", 0.2501),
        ],
    );
    assert_eq!(
        said,
        [
            "philox: Rust 2.00 G/s with rayon on 2 threads, 1.50 times Fortran, 2.00 times C; on one \
             thread 3.00 times plain-c and 4.00 times mine; on one thread plain-fortran does not differ \
             from Rust (0.996 to 1.004); the drivers do not differ (0.997 to 1.006); 2 threads are 2.00 \
             times one.",
            "npb: C 3.99 G/s; Rust does not differ from it (0.997 to 1.004).",
        ]
    );
}

/// The cells of rungs that count samples, the lesson's loop first.
fn rungs() -> Vec<(&'static str, String)> {
    let all = crate::analysis::ladder::rungs().iter();
    let all = all.map(|rung| (&*rung.title, format!("{}/1x1", rung.cell())));
    all.filter(|(_, cell)| !cell.starts_with("square/")).collect()
}

#[test]
fn the_first_sentence_reaches_from_the_lessons_loop_to_the_fastest_cell() {
    let rungs = rungs();
    let [(first, loops), (second, pool), ..] = &rungs[..] else { panic!("two rungs") };
    let cells =
        [(&**loops, 200.0), (pool, 100.0), ("npb/c/serial/1x1", 0.5), ("npb/rust/rayon/1x2", 0.2)];
    let of = |cells: &[(&str, f64)]| said("matrix", cells);
    assert_eq!(
        of(&cells)[0],
        format!(
            "{first} 4.99 M/s; {second} × 2.00; fastest: Rust with rayon on 2 threads (npb) × 1000."
        )
    );
    // What is not faster is said to be so.
    let same = of(&[cells[0], (pool, 200.1), cells[2]]);
    assert!(same[0].contains(&format!("{second} does not differ from it (0.99")), "{same:?}");
    // Without the loop, or with it alone, there is nothing to reach.
    assert!(!of(&cells[1..])[0].contains("fastest"));
    assert!(!of(&cells[..1]).iter().any(|said| said.contains("fastest")));
}

#[test]
fn of_a_long_ladder_the_first_sentence_names_the_rungs_that_are_faster_than_all_before() {
    let rungs = rungs();
    if rungs.len() < 11 {
        return;
    }
    let time = |place: usize| if place == 0 { 200.0 } else { 100.0 / (1 + place / 5) as f64 };
    let cells: Vec<(&str, f64)> =
        rungs.iter().take(11).enumerate().map(|(at, (_, cell))| (&**cell, time(at))).collect();
    let said = said("ladder", &cells);
    let named = rungs
        .iter()
        .take(11)
        .enumerate()
        .filter(|(_, (title, _))| said[0].contains(&format!("; {title} × ")));
    assert_eq!(named.map(|(at, _)| at).collect::<Vec<_>>(), [1, 5], "{said:?}");
    assert!(said[0].ends_with(&format!("fastest: {} × 6.00.", rungs[10].0)), "{said:?}");
}

#[test]
fn drivers_that_differ_are_named() {
    let mut cells = vec![
        ("philox/rust/rayon/1x2", 0.5),
        ("philox/rust/threads/1x2", 0.501),
        ("philox/rust/openmp-c/1x2", 0.6),
        ("philox/c/rayon/1x2", 0.8),
    ];
    let all = said("matrix", &cells);
    assert!(
        all[0].ends_with(
            "; of the drivers, threads does not differ from it (0.998 to 1.006) and openmp-c takes 1.20 \
             times as long."
        ),
        "{all:?}"
    );
    // Where only another kernel has one that differs, nothing is said of all kernels.
    cells.remove(2);
    cells.push(("philox/c/openmp-c/1x2", 1.6));
    let own = said("matrix", &cells);
    assert!(own[0].contains("; its drivers do not differ (0.998 to 1.006)"), "{own:?}");
}

#[test]
fn what_cannot_be_told_is_said_with_its_interval() {
    // The fastest cell is noisy: no difference is beyond the noise.
    let noisy: Vec<f64> = (0..12).map(|process| 0.5 + 0.4 * f64::from(process)).collect();
    let blocks =
        [cell("philox/rust/serial/1x1", &noisy), cell("philox/c/serial/1x1", &twelve(1.5))];
    let said = said_of("matrix", blocks.concat());
    assert!(said[0].contains("does not differ from it (0."), "{said:?}");
    assert!(!said[0].contains("times C"), "{said:?}");
}

#[test]
fn a_difference_within_the_noise_floor_names_it() {
    // The second copy of the fastest cell takes twice as long, so 1.5 times as long is no difference.
    let mut copy = cell("philox/rust/serial/1x1", &twelve(2.0));
    for block in &mut copy {
        block.twin = true;
    }
    let cells = [("philox/rust/serial/1x1", 1.0), ("philox/c/serial/1x1", 1.5)];
    let blocks = cells.iter().flat_map(|&(name, time)| cell(name, &twelve(time)));
    let said = said_of("matrix", blocks.chain(copy).collect());
    let reason = "C does not differ from it (1.49 to 1.51, not beyond the noise floor)";
    assert!(said[0].contains(reason), "{said:?}");
}

#[test]
fn statistical_and_weak_cells_are_not_held_against_exact_ones() {
    let statistical = |blocks: Vec<Block>| -> Vec<Block> {
        let of = |block| Block { exact: false, expected_hits: None, ..block };
        let near = |block: Block| Block {
            runs: block.runs.iter().map(|run| Run { hits: 785_400, ..*run }).collect(),
            ..block
        };
        blocks.into_iter().map(of).map(near).collect()
    };
    let blocks = [
        cell("philox/rust/serial/1x1", &twelve(1.0)),
        cell("philox/c/serial/1x1", &twelve(2.0)),
        weak(cell("philox/fortran/serial/1x1", &twelve(0.1))),
        statistical(cell("philox/quick/serial/1x1", &twelve(0.1))),
        statistical(cell("textbook/c-textbook/serial/1x1", &twelve(20.0))),
    ];
    let said = said_of("matrix", blocks.concat());
    assert_eq!(
        said,
        [
            "philox: Rust 998 M/s, 2.00 times C.",
            "philox, statistical: quick 9.98 G/s; no other cell has times.",
            "textbook, statistical: c-textbook 49.9 M/s; no other cell has times.",
        ]
    );
}

#[test]
fn few_cells_give_a_true_sentence_or_none() {
    assert_eq!(said("matrix", &[]), [""; 0]);
    assert_eq!(said("scaling", &[]), [""; 0]);
    let one = said("matrix", &[("made-up/mine/how/1x1", 2.0)]);
    assert_eq!(one, ["made-up: mine 499 M/s; no other cell has times."]);
    let alone = said("scaling", &[("philox/rust/serial/1x1", 2.0)]);
    assert_eq!(alone, ["philox: Rust 499 M/s; no other cell has times."]);
    let few = cell("philox/c/serial/1x1", &[1.0; 4]);
    assert_eq!(said_of("matrix", few.clone()), [""; 0]);
    let beside = [few, cell("philox/rust/serial/1x1", &twelve(2.0))].concat();
    let said = said_of("matrix", beside);
    assert_eq!(said, ["philox: Rust 499 M/s; the other cells have too few processes to compare."]);
}

#[test]
fn kernels_without_a_common_driver_are_named_with_their_own() {
    let said = said("ladder", &[("philox/rust/rayon/1x2", 0.5), ("philox/c/threads/1x2", 1.0)]);
    assert_eq!(
        said,
        ["philox: Rust 2.00 G/s with rayon on 2 threads, 2.00 times C with threads on 2 threads."]
    );
}

#[test]
fn a_name_without_end_makes_no_sentence_without_end() {
    let said = said("ladder", &[(&format!("philox/{}/serial/1x1", "long-".repeat(2000)), 1.0)]);
    assert_eq!((said.len(), said[0].chars().count()), (1, 1001));
}

/// Results from before compilers were recorded have the names of languages only.
#[test]
fn kernels_of_two_compilers_are_called_by_them() {
    let by = |name: &str, time, compiler: &str| -> Vec<Block> {
        let of = |block| Block { compiler: compiler.to_owned(), ..block };
        cell(name, &twelve(time)).into_iter().map(of).collect()
    };
    let both = [
        by("philox/rust@x86-64/serial/1x1", 1.0, "rustc"),
        by("philox/c@x86-64/serial/1x1", 2.0, "gcc"),
        by("philox/c-clang@x86-64/serial/1x1", 1.5, "clang"),
        by("philox/c-simd@x86-64/serial/1x1", 3.0, "gcc"),
        by("npb/rust@x86-64/serial/1x1", 1.0, "rustc"),
        by("npb/c@x86-64/serial/1x1", 2.0, "gcc"),
        by("npb/fortran-flang@x86-64/serial/1x1", 4.0, "flang"),
    ];
    assert_eq!(
        said_of("ladder", both.concat()),
        [
            "philox: Rust 998 M/s, 1.50 times C by clang, 2.00 times C by gcc, 3.00 times c-simd.",
            "npb: Rust 998 M/s, 2.00 times C, 4.00 times Fortran by flang.",
        ]
    );
    let before = [("philox/rust/serial/1x1", 1.0), ("philox/c/serial/1x1", 2.0)];
    assert_eq!(said("ladder", &before), ["philox: Rust 998 M/s, 2.00 times C."]);
}

#[test]
fn levels_are_held_against_the_level_below() {
    let cells = [
        ("philox/rust@x86-64/serial/1x1", 2.0),
        ("philox/rust@x86-64-v3/serial/1x1", 1.0),
        ("philox/c@x86-64/serial/1x1", 4.0),
        ("philox/c@x86-64-v3/serial/1x1", 3.0),
        ("philox/fortran@x86-64/serial/1x1", 2.5),
        ("philox/fortran@x86-64-v3/serial/1x1", 2.5),
        ("philox/plain-c/serial/1x1", 9.0),
    ];
    assert_eq!(
        said("ladder", &cells),
        [
            "philox: Rust@x86-64-v3 is the fastest at 998 M/s; x86-64-v3 is 2.00 times x86-64 for Rust \
             and 1.33 times for C; x86-64-v3 does not differ from x86-64 for Fortran (0.996 to 1.004)."
        ]
    );
}

#[test]
fn workers_are_held_against_one() {
    let mut blocks: Vec<Block> = [
        ("philox/c/serial/1x1", 0.9),
        ("philox/rust/serial/1x1", 1.0),
        ("philox/rust/rayon/1x2", 0.52),
        ("philox/rust/rayon/1x4", 0.26),
        ("philox/rust/threads/1x4", 0.2602),
        ("philox/rust/openmp-c/1x4", 0.3),
        ("philox/rust/serial/2x1", 0.5),
        ("philox/rust/openmp-c/2x2", 1.0),
    ]
    .iter()
    .flat_map(|&(name, time)| cell(name, &twelve(time)))
    .collect();
    blocks.extend(weak(cell("philox/rust/threads/1x4", &twelve(0.25))));
    assert_eq!(
        said_of("scaling", blocks),
        [
            "philox, Rust: 4 threads are 3.85 times as fast as one (3.83 to 3.86) with rayon, threads \
             does not differ from it (0.997 to 1.004), openmp-c takes 1.15 times as long; 2 ranks are \
             2.00 times as fast as one (1.99 to 2.01); 2 ranks of 2 threads do not differ from one \
             (0.996 to 1.004) with openmp-c.",
            "philox, weak scaling, Rust: 4 threads are 4.00 times as fast as one (3.99 to 4.01) with \
             threads.",
        ]
    );
}

/// A loop of calls, or a batch of so many samples.
fn crossing(name: &str, nanoseconds: f64, batch: Option<u64>) -> Vec<Block> {
    let of = |block| Block { batch, ..block };
    cell(name, &twelve(nanoseconds)).into_iter().map(of).collect()
}

#[test]
fn calls_are_held_against_the_loop() {
    let mut blocks = [
        crossing("crossing/c-c/floor/1x1", 1.0, None),
        crossing("crossing/c-rust/direct/1x1", 2.4, None),
        crossing("crossing/c-c/direct/1x1", 3.0, None),
        crossing("crossing/c-rust/checked/1x1", 51.0, None),
        crossing("crossing/python-rust/floor/1x1", 30.0, None),
        crossing("crossing/python-rust/cffi/1x1", 230.0, None),
    ]
    .concat();
    for exponent in 0..20 {
        let batch = 1_u32 << exponent;
        let time = |cost: f64| 0.5 + cost / f64::from(batch);
        blocks.extend(crossing("batch/c-rust/checked/1x1", time(50.0), Some(batch.into())));
    }
    assert_eq!(
        said_of("crossing", blocks),
        [
            "The cheapest call costs 1.40 ns above the loop (1.40 to 1.41 ns): direct from C into Rust; \
             direct costs 1.40 to 2.00 ns and checked costs 50.1 ns.",
            "From Python the cheapest call costs 200 ns above the loop (200 to 201 ns): cffi into Rust.",
            "A call costs less than 1% of its time, for every pair measured: checked from 2^14 samples on.",
        ]
    );
    // Within the noise of the loop.
    let blocks = [
        crossing("crossing/c-c/floor/1x1", 1.0, None),
        crossing("crossing/c-c/direct/1x1", 1.001, None),
        crossing("crossing/c-rust/direct/1x1", 2.0, None),
    ];
    let said = said_of("crossing", blocks.concat());
    assert!(said[0].contains("call does not differ from the loop (-0.0"), "{said:?}");
    assert!(said[0].ends_with("direct costs up to 1.00 ns."), "{said:?}");
}
