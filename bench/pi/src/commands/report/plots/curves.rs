//! Panels of lines over a common axis.

use super::axis::{Scale, Span, bounds, padded};
use super::canvas::{
    Area, DASHED, Drawing, INK, MUTED, RULE, SMALL, TEXT, Width, Words, hue, mark, picture, room,
    style, write,
};
use pi_harness::analysis::stats::Interval;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// A line of a panel.
pub(crate) struct Curve {
    pub(crate) label: String,
    pub(crate) hue: usize,
    /// The measured points, from left to right.
    pub(crate) points: Vec<(f64, f64, Option<Interval>)>,
    /// The line of a fitted law, if one was fitted.
    pub(crate) law: Vec<(f64, f64)>,
    /// The point to draw a ring around.
    pub(crate) ring: Option<f64>,
    /// The point to draw a square around.
    pub(crate) square: Option<f64>,
}

/// Lines that belong together, under a title.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) curves: Vec<Curve>,
}

/// The axes that all panels of a picture share, so that a reader can compare the panels.
pub(crate) struct Axes<'a> {
    pub(crate) scale: (Scale, Scale),
    pub(crate) names: (&'a str, &'a str),
    /// The ticks across, with their texts.
    pub(crate) across: &'a [(f64, String)],
    /// The text of a tick of the other axis.
    pub(crate) tick: &'a dyn Fn(f64) -> String,
    /// The ideal line, if there is one.
    pub(crate) ideal: Option<Ideal>,
}

/// A dashed line for comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ideal {
    /// Both coordinates are equal.
    Equal,
    /// The upward coordinate is 1, and the axis begins a little below the lowest value.
    One,
}

/// Panels of lines, each line with its name at its end.
pub(crate) fn curves(words: &Words, panels: &[Panel], axes: &Axes) -> anyhow::Result<Drawing> {
    const DEEP: i32 = 250;
    let all = || panels.iter().flat_map(|panel| &panel.curves);
    let gutter = all().map(|curve| room(&curve.label, SMALL)).max().unwrap_or(0) + 14;
    let columns = |width| match width {
        Width::Narrow => 1,
        Width::Wide if gutter < 90 => panels.len().clamp(1, 3) as i32,
        Width::Wide => panels.len().clamp(1, 2) as i32,
    };
    let rows = |width| (panels.len() as i32 + columns(width) - 1) / columns(width);
    let x = bounds(&mut axes.across.iter().map(|&(tick, _)| tick));
    let ends = |&(_, y, interval): &(f64, f64, Option<Interval>)| {
        interval.map_or([y, y], |Interval { low, high, .. }| [low, high])
    };
    let mut ys = all().flat_map(|curve| &curve.points).flat_map(ends);
    let y = bounds(&mut ys);
    let y = match axes.ideal {
        Some(Ideal::Equal) => padded(axes.scale.1, (y.0, y.1.max(x.1))),
        Some(Ideal::One) => ((y.0 * 10.0 - 0.2).floor() / 10.0, y.1.max(1.0) + 0.02),
        None => padded(axes.scale.1, y),
    };
    let x = padded(axes.scale.0, x);
    picture(
        words,
        |width| 18 + rows(width) * DEEP,
        |area, width| {
            let muted = |across, down| style(SMALL, MUTED, across, down);
            write(area, axes.names.1, (0, 8), muted(HPos::Left, VPos::Center))?;
            let wide = width.pixels() / columns(width);
            for (number, panel) in (0..).zip(panels) {
                let corner = (number % columns(width) * wide, 18 + number / columns(width) * DEEP);
                let frame = (
                    (corner.0 + 44, corner.0 + wide - gutter),
                    (corner.1 + DEEP - 40, corner.1 + 30),
                );
                let across = Span { scale: axes.scale.0, values: x, pixels: frame.0 };
                let up = Span { scale: axes.scale.1, values: y, pixels: frame.1 };
                let title = style(TEXT, INK, HPos::Left, VPos::Center);
                write(area, &panel.title, (corner.0, corner.1 + 12), title)?;
                for tick in up.ticks(5) {
                    let y = up.at(tick);
                    area.draw(&PathElement::new(vec![(frame.0.0, y), (frame.0.1, y)], RULE))?;
                    let at = (frame.0.0 - 6, y);
                    write(area, &(axes.tick)(tick), at, muted(HPos::Right, VPos::Center))?;
                }
                let mut free = i32::MIN;
                for (tick, text) in axes.across {
                    let x = across.at(*tick);
                    area.draw(&PathElement::new(vec![(x, frame.1.0), (x, frame.1.0 + 4)], MUTED))?;
                    let half = room(text, SMALL) / 2;
                    if x - half > free {
                        write(area, text, (x, frame.1.0 + 7), muted(HPos::Center, VPos::Top))?;
                        free = x + half + 4;
                    }
                }
                let middle = (frame.0.0 + frame.0.1) / 2;
                let at = (middle, frame.1.0 + 22);
                write(area, axes.names.0, at, muted(HPos::Center, VPos::Top))?;
                if let Some(ideal) = axes.ideal {
                    let ends = match ideal {
                        Ideal::Equal => [x.0.max(y.0), x.1.min(y.1)].map(|v| (v, v)),
                        Ideal::One => [x.0, x.1].map(|v| (v, 1.0)),
                    };
                    let line = ends.map(|(x, y)| (across.at(x), up.at(y)));
                    area.draw(&PathElement::new(line.to_vec(), DASHED))?;
                }
                for curve in &panel.curves {
                    line(area, curve, &across, &up)?;
                }
                names(area, &panel.curves, frame.0.1 + 9, &up)?;
            }
            Ok(())
        },
    )
}

fn line(area: &Area, curve: &Curve, across: &Span, up: &Span) -> anyhow::Result<()> {
    let color = hue(curve.hue);
    let points: Vec<(i32, i32)> =
        curve.points.iter().map(|&(x, y, _)| (across.at(x), up.at(y))).collect();
    let law: Vec<(i32, i32)> = curve.law.iter().map(|&(x, y)| (across.at(x), up.at(y))).collect();
    // The line joins the points, or is the fitted law if there is one.
    if law.is_empty() {
        area.draw(&PathElement::new(points.clone(), color.stroke_width(2)))?;
    } else {
        area.draw(&PathElement::new(law, color.stroke_width(1)))?;
    }
    for (&(x, y), &(at, _, interval)) in points.iter().zip(&curve.points) {
        if let Some(Interval { low, high, .. }) = interval {
            let ends = vec![(x, up.at(low)), (x, up.at(high))];
            area.draw(&PathElement::new(ends, color.stroke_width(1)))?;
        }
        mark(area, curve.hue, (x, y))?;
        if curve.ring == Some(at) {
            area.draw(&Circle::new((x, y), 8, INK.stroke_width(1)))?;
        }
        if curve.square == Some(at) {
            area.draw(&Rectangle::new([(x - 10, y - 10), (x + 10, y + 10)], INK.stroke_width(1)))?;
        }
    }
    Ok(())
}

/// Writes the name of each line beside its end, and moves names apart that would overlap.
fn names(area: &Area, curves: &[Curve], x: i32, up: &Span) -> anyhow::Result<()> {
    const APART: i32 = 14;
    let mut ends: Vec<(i32, &Curve)> =
        curves.iter().filter_map(|curve| Some((up.at(curve.points.last()?.1), curve))).collect();
    ends.sort_by_key(|&(y, _)| y);
    let (bottom, top) = up.pixels;
    let mut next = top;
    for (y, _) in &mut ends {
        *y = (*y).max(next);
        next = *y + APART;
    }
    // Names that went below the frame move up again, and push those above them.
    let mut limit = bottom;
    for (y, _) in ends.iter_mut().rev() {
        *y = (*y).min(limit);
        limit = *y - APART;
    }
    for (y, curve) in ends {
        let name = style(SMALL, hue(curve.hue), HPos::Left, VPos::Center);
        write(area, &curve.label, (x, y), name)?;
    }
    Ok(())
}
