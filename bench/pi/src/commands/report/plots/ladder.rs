//! Values from the top down, each with its interval.

use super::axis::{Scale, Span, bounds};
use super::canvas::{Drawing, Width, Words, picture};
use super::pen::{Across, Colour, Down, SMALL, TEXT, room, style};
use pi_harness::analysis::stats::Interval;

/// A value on a ladder.
pub(crate) struct Rung {
    pub(crate) label: String,
    pub(crate) hue: usize,
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) text: String,
    /// The value that it cannot exceed, if that is known.
    pub(crate) bound: Option<f64>,
}

/// Values from the top down, each with its interval, on one axis; `legend` names the marks.
pub(crate) fn ladder(
    words: &Words,
    rungs: &[Rung],
    legend: &[(usize, String)],
    tick: impl Fn(f64) -> String,
) -> Drawing {
    let ends = |rung: &Rung| rung.interval.map_or([rung.value; 2], |i| [i.low, i.high]);
    let limits = rungs.iter().filter_map(|rung| rung.bound);
    let (least, most) = bounds(&mut rungs.iter().flat_map(ends).chain(limits));
    let scale = if most > 8.0 * least { Scale::Log } else { Scale::Linear };
    let range = match scale {
        Scale::Log => (least / 1.3, most * 1.1),
        Scale::Linear => (0.0, most * 1.02),
    };
    let names = rungs.iter().map(|rung| room(&rung.label, TEXT)).max().unwrap_or(0) + 16;
    let step = |width| if width == Width::Wide { 22 } else { 38 };
    let top = 46;
    let height = |width| top + rungs.len() as i32 * step(width) + 26;
    picture(words, height, |area, width| {
        let across = width.pixels();
        let (left, right) = match width {
            Width::Wide => (names.min(across / 2), across - 74),
            Width::Narrow => (4, across - 66),
        };
        let mut x = left;
        for (number, name) in legend {
            area.mark(*number, (x + 6, 8));
            area.write(name, (x + 15, 8), style(TEXT, Colour::Ink, Across::Right, Down::Centre));
            x += 30 + room(name, TEXT);
        }
        if rungs.iter().any(|rung| rung.bound.is_some()) {
            area.line(&[(x + 6, 2), (x + 6, 14)], Colour::Ink, 3);
            let ink = style(TEXT, Colour::Ink, Across::Right, Down::Centre);
            area.write("bound", (x + 15, 8), ink);
        }
        let span = Span { scale, values: range, pixels: (left, right) };
        let bottom = top + rungs.len() as i32 * step(width);
        span.draw(area, (top, bottom), width, &tick);
        for (row, rung) in (0..).zip(rungs) {
            let y = top + row * step(width) + if width == Width::Wide { 11 } else { 27 };
            let name = match width {
                Width::Wide => (0, y),
                Width::Narrow => (left, y - 16),
            };
            area.write(&rung.label, name, style(TEXT, Colour::Ink, Across::Right, Down::Centre));
            let x = span.at(rung.value);
            area.line(&[(left, y), (x, y)], Colour::Rule, 1);
            let mut end = x + 5;
            if let Some(Interval { low, high, .. }) = rung.interval {
                let (low, high) = (span.at(low), span.at(high));
                let colour = Colour::Hue(rung.hue);
                area.line(&[(low, y), (high, y)], colour, 2);
                for x in [low, high] {
                    area.line(&[(x, y - 4), (x, y + 4)], colour, 2);
                }
                end = end.max(high);
            }
            if let Some(bound) = rung.bound.map(|bound| span.at(bound)) {
                area.line(&[(bound, y - 6), (bound, y + 6)], Colour::Ink, 3);
                // The text stands behind a bound that it would cross.
                let text = end + 5..=end + 10 + room(&rung.text, SMALL);
                end = if text.contains(&bound) { bound } else { end };
            }
            area.mark(rung.hue, (x, y));
            area.write(
                &rung.text,
                (end + 5, y),
                style(SMALL, Colour::Ink, Across::Right, Down::Centre),
            );
        }
    })
}
