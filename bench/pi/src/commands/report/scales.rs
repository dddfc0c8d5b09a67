//! Strong and weak scaling: curves, tables and laws.

use super::Sections;
use super::document::{Part, Table, name, number};
use super::plots::{self, Axes, Curve, Ideal, Panel, Scale};
use pi_harness::analysis::intervals::{Intervals, interval_text};
use pi_harness::analysis::laws::COUNTS_TO_FIT;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::names::Shared;
use pi_harness::analysis::scaling::{self, Series};
use pi_harness::number::{rate, ratio, share};
use std::collections::BTreeSet;

/// The smallest number of different processor counts with which a series is drawn. Lines through two points
/// would lie on each other and show nothing, so such series have only a table.
const COUNTS_TO_DRAW: usize = 3;

/// Adds the sections on strong and weak scaling: curves, a table and the laws.
pub(super) fn scalings(sections: &mut Sections, measured: &Measured) {
    let all = scaling::series(measured);
    for weak in [false, true] {
        let series: Vec<&Series> = all.iter().filter(|series| series.weak == weak).collect();
        if series.is_empty() {
            continue;
        }
        let name = if weak { "Weak scaling" } else { "Strong scaling" };
        sections.heading(name);
        let bases: BTreeSet<String> = series.iter().map(|one| base(one)).collect();
        let meaning = if weak {
            "Each processor has the same work, however many processors there are. A speed-up is the rate of \
             the cell divided by the rate of the fastest serial kernel"
        } else {
            "All processors together have the same work, however many there are. A speed-up is the time of \
             the fastest serial kernel divided by the time of the cell, so a slow kernel does not look good \
             because it scales well"
        };
        sections.text(format!("{meaning}: {}.", bases.into_iter().collect::<Vec<_>>().join(", ")));
        if series.iter().any(|one| counts(&[one]).len() >= COUNTS_TO_DRAW) {
            draw(sections, name, &series);
        }
        sections.table(scaling_table(&series));
        laws(sections, &series);
    }
}

/// The different numbers of processors in some series.
fn counts(series: &[&Series]) -> BTreeSet<u32> {
    series.iter().flat_map(|one| &one.points).map(|point| point.cell.processors()).collect()
}

/// The cell that the speed-ups of a series are relative to, with its rate.
fn base(series: &Series) -> String {
    let base = series.base;
    format!("`{}` at {}", base.key, rate(1.0 / base.times.value()))
}

/// Draws the series as speed-ups, and as efficiencies, in which small differences are visible.
fn draw(sections: &mut Sections, name: &str, series: &[&Series]) {
    let counts = counts(series);
    let across: Vec<(f64, String)> =
        counts.iter().map(|&count| (f64::from(count), count.to_string())).collect();
    let most = counts.last().copied().unwrap_or(1);
    let scale = if most > 16 { Scale::Log } else { Scale::Linear };
    let axes = Axes {
        scale: (scale, scale),
        names: ("processors (ranks × threads)", "speed-up over the fastest serial kernel"),
        across: &across,
        tick: &|value| format!("{value}"),
        ideal: Some(Ideal::Equal),
    };
    let speedups = panels(series, |one| Curve {
        label: one.label.clone(),
        hue: 0,
        points: one
            .points
            .iter()
            .map(|point| (point.processors, point.speedup.value, point.speedup.interval))
            .collect(),
        law: law_of(one, most),
        ring: None,
        square: None,
    });
    let title = format!("{name}: speed-up");
    let description = "Speed-up over the number of processors, a line for each driver; the dashed line is the ideal.";
    sections.picture(&title, description, None, |words| plots::curves(words, &speedups, &axes));

    let axes = Axes {
        scale: (scale, Scale::Linear),
        names: ("processors (ranks × threads)", "efficiency: speed-up per processor"),
        tick: &|value| format!("{:.0}%", 100.0 * value),
        ideal: Some(Ideal::One),
        ..axes
    };
    let efficiencies = panels(series, |one| Curve {
        label: one.label.clone(),
        hue: 0,
        points: one
            .points
            .iter()
            .map(|point| (point.processors, point.efficiency()))
            .map(|(processors, efficiency)| (processors, efficiency.value, efficiency.interval))
            .collect(),
        law: law_of(one, most).into_iter().map(|(p, speedup)| (p, speedup / p)).collect(),
        ring: None,
        square: None,
    });
    let title = format!("{name}: efficiency");
    let description =
        "Efficiency over the number of processors, with intervals; the dashed line is the ideal.";
    sections.picture(&title, description, None, |words| plots::curves(words, &efficiencies, &axes));
}

/// A panel for each kernel, a colour for each line.
fn panels(series: &[&Series], curve: impl Fn(&Series) -> Curve) -> Vec<Panel> {
    let of_kernel = |panel: &[&Series]| Panel {
        title: panel[0].kernel.clone(),
        curves: panel.iter().enumerate().map(|(hue, one)| Curve { hue, ..curve(one) }).collect(),
    };
    series.chunk_by(|a, b| a.kernel == b.kernel).map(of_kernel).collect()
}

/// The fitted law as a line of many points; of none without a law.
fn law_of(series: &Series, most: u32) -> Vec<(f64, f64)> {
    const STEPS: u32 = 16;
    (0..=STEPS)
        .filter_map(|step| {
            let processors = f64::from(most).powf(f64::from(step) / f64::from(STEPS));
            Some((processors, series.law(processors)?))
        })
        .collect()
}

fn scaling_table(series: &[&Series]) -> Table {
    let points = || series.iter().flat_map(|one| &one.points);
    // Speed-up, efficiency and serial fraction of a cell have one interval, and its level.
    let intervals = Intervals::of(points().map(|point| point.speedup.interval));
    let shared = Shared::of(&points().map(|point| point.cell).collect::<Vec<_>>());
    let rows = points().map(|point| {
        let efficiency = point.efficiency();
        let mut row = vec![
            shared.short(point.cell),
            format!("{}", point.processors),
            rate(1.0 / point.cell.times.value()),
            ratio(point.speedup.value),
            intervals.text(point.speedup.interval, ratio),
            share(efficiency.value),
            intervals.text(efficiency.interval, share),
        ];
        if !point.cell.block.weak {
            let fraction = point.serial_fraction();
            row.push(fraction.map_or("-".to_owned(), |e| share(e.value)));
            row.push(fraction.map_or("-".to_owned(), |e| intervals.text(e.interval, share)));
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut header = vec![
        name("cell"),
        number("processors"),
        number("rate"),
        number("speed-up"),
        number(&intervals.heading()),
        number("efficiency"),
        number(&intervals.heading()),
    ];
    if rows.iter().any(|row| row.len() > header.len()) {
        header.extend([number("Karp–Flatt"), number(&intervals.heading())]);
    }
    let fraction = if header.len() > 7 {
        "; Karp–Flatt is the serial fraction that would explain the speed-up"
    } else {
        ""
    };
    let all =
        if shared.text().is_empty() { String::new() } else { format!("; all: {}", shared.text()) };
    let caption = format!("Efficiency is speed-up per processor{fraction}{all}");
    Table { caption, header, rows }
}

/// Adds the fitted laws of scaling, or the reason why there is no fit.
fn laws(sections: &mut Sections, series: &[&Series]) {
    let fits: Vec<String> = series
        .iter()
        .filter_map(|one| {
            let serial = one.fit?.serial;
            Some(format!(
                "`{}` under {}: serial fraction {} ({})",
                one.kernel,
                one.label,
                share(serial.value),
                interval_text(serial.interval, share)
            ))
        })
        .collect();
    let law = if series.iter().any(|one| one.weak) { "Gustafson's" } else { "Amdahl's" };
    if fits.len() < series.len() {
        sections.text(format!(
            "{law} law is fitted only to series with at least {COUNTS_TO_FIT} numbers of processors, because \
             two or three points would agree with any law; {} of {} series here have fewer.",
            series.len() - fits.len(),
            series.len()
        ));
    }
    if !fits.is_empty() {
        sections.text(format!(
            "{law} law, fitted to each series separately (lines; 95% intervals in parentheses):"
        ));
        sections.parts.push(Part::List(fits));
    }
}
