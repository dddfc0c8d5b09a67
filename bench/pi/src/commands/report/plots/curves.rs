//! Panels of lines over a common axis.

use super::axis::{Scale, Span, bounds, padded};
use super::canvas::{Drawing, Width, Words, picture};
use super::pen::{Across, Area, Colour, Down, Paint, SMALL, Style, TEXT, room, style};
use pi_harness::analysis::stats::Interval;

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
pub(crate) fn curves(words: &Words, panels: &[Panel], axes: &Axes) -> Drawing {
    let grid = Grid::of(panels);
    let values = ranges(panels, axes);
    picture(
        words,
        |width| grid.height(width),
        |area, width| {
            area.write(axes.names.1, (0, 8), small(Across::Right, Down::Centre));
            for (number, panel) in (0..).zip(panels) {
                grid.frame(number, width, axes.scale, values).draw(area, panel, axes);
            }
        },
    )
}

type Range = (f64, f64);

/// The values of the axes across and up, which all panels share.
fn ranges(panels: &[Panel], axes: &Axes) -> (Range, Range) {
    let x = bounds(&mut axes.across.iter().map(|&(tick, _)| tick));
    let ends = |&(_, y, interval): &(f64, f64, Option<Interval>)| {
        interval.map_or([y, y], |Interval { low, high, .. }| [low, high])
    };
    let curves = panels.iter().flat_map(|panel| &panel.curves);
    let y = bounds(&mut curves.flat_map(|curve| &curve.points).flat_map(ends));
    let y = match axes.ideal {
        Some(Ideal::Equal) => padded(axes.scale.1, (y.0, y.1.max(x.1))),
        Some(Ideal::One) => ((y.0 * 10.0 - 0.2).floor() / 10.0, y.1.max(1.0) + 0.02),
        None => padded(axes.scale.1, y),
    };
    (padded(axes.scale.0, x), y)
}

fn small(across: Across, down: Down) -> Style {
    style(SMALL, Colour::Muted, across, down)
}

/// How panels stand beside and below each other.
struct Grid {
    panels: i32,
    /// The room for the names at the ends of lines.
    gutter: i32,
}

impl Grid {
    /// The height of the line above the panels, and of a panel.
    const TOP: i32 = 18;
    const DEEP: i32 = 250;

    fn of(panels: &[Panel]) -> Self {
        let curves = panels.iter().flat_map(|panel| &panel.curves);
        let longest = curves.map(|curve| room(&curve.label, SMALL)).max().unwrap_or(0);
        Self { panels: panels.len() as i32, gutter: longest + 14 }
    }

    fn columns(&self, width: Width) -> i32 {
        match width {
            Width::Narrow => 1,
            Width::Wide if self.gutter < 90 => self.panels.clamp(1, 3),
            Width::Wide => self.panels.clamp(1, 2),
        }
    }

    fn height(&self, width: Width) -> i32 {
        let columns = self.columns(width);
        Self::TOP + (self.panels + columns - 1) / columns * Self::DEEP
    }

    /// The place of a panel by its number.
    fn frame(
        &self,
        number: i32,
        width: Width,
        scale: (Scale, Scale),
        values: (Range, Range),
    ) -> Frame {
        let columns = self.columns(width);
        let wide = width.pixels() / columns;
        let (left, top) = (number % columns * wide, Self::TOP + number / columns * Self::DEEP);
        let across = (left + 44, left + wide - self.gutter);
        let up = (top + Self::DEEP - 40, top + 30);
        Frame {
            title: (left, top + 12),
            across: Span { scale: scale.0, values: values.0, pixels: across },
            up: Span { scale: scale.1, values: values.1, pixels: up },
        }
    }
}

/// Where the title and the values of a panel go.
struct Frame {
    title: (i32, i32),
    across: Span,
    up: Span,
}

impl Frame {
    fn draw(&self, area: &mut Area, panel: &Panel, axes: &Axes) {
        let title = style(TEXT, Colour::Ink, Across::Right, Down::Centre);
        area.write(&panel.title, self.title, title);
        self.rules(area, axes.tick);
        self.ticks(area, axes.across);
        let ((left, right), bottom) = (self.across.pixels, self.up.pixels.0);
        let below = ((left + right) / 2, bottom + 22);
        area.write(axes.names.0, below, small(Across::Centre, Down::Below));
        if let Some(ideal) = axes.ideal {
            area.dashed(&self.ideal(ideal), Colour::Muted);
        }
        for curve in &panel.curves {
            self.curve(area, curve);
        }
        self.names(area, &panel.curves);
    }

    /// Lines across at round values, each with its number.
    fn rules(&self, area: &mut Area, text: &dyn Fn(f64) -> String) {
        let (left, right) = self.across.pixels;
        for tick in self.up.ticks(5) {
            let y = self.up.at(tick);
            area.line(&[(left, y), (right, y)], Colour::Rule, 1);
            area.write(&text(tick), (left - 6, y), small(Across::Left, Down::Centre));
        }
    }

    /// The values across, with as many of their texts as there is room for.
    fn ticks(&self, area: &mut Area, ticks: &[(f64, String)]) {
        let bottom = self.up.pixels.0;
        let mut free = i32::MIN;
        for (tick, text) in ticks {
            let x = self.across.at(*tick);
            area.line(&[(x, bottom), (x, bottom + 4)], Colour::Muted, 1);
            let half = room(text, SMALL) / 2;
            if x - half > free {
                area.write(text, (x, bottom + 7), small(Across::Centre, Down::Below));
                free = x + half + 4;
            }
        }
    }

    fn ideal(&self, ideal: Ideal) -> [(i32, i32); 2] {
        let (x, y) = (self.across.values, self.up.values);
        let ends = match ideal {
            Ideal::Equal => [x.0.max(y.0), x.1.min(y.1)].map(|v| (v, v)),
            Ideal::One => [x.0, x.1].map(|v| (v, 1.0)),
        };
        ends.map(|(x, y)| self.at(x, y))
    }

    fn at(&self, x: f64, y: f64) -> (i32, i32) {
        (self.across.at(x), self.up.at(y))
    }

    fn curve(&self, area: &mut Area, curve: &Curve) {
        let colour = Colour::Hue(curve.hue);
        let points: Vec<_> = curve.points.iter().map(|&(x, y, _)| self.at(x, y)).collect();
        let law: Vec<_> = curve.law.iter().map(|&(x, y)| self.at(x, y)).collect();
        // The line joins the points, or is the fitted law if there is one.
        if law.is_empty() {
            area.line(&points, colour, 2);
        } else {
            area.line(&law, colour, 1);
        }
        for (&(x, y), &(value, _, interval)) in points.iter().zip(&curve.points) {
            if let Some(Interval { low, high, .. }) = interval {
                area.line(&[(x, self.up.at(low)), (x, self.up.at(high))], colour, 1);
            }
            area.mark(curve.hue, (x, y));
            let outline = Paint::Outlined(Colour::Ink, 1);
            if curve.ring == Some(value) {
                area.circle((x, y), 8, outline);
            }
            if curve.square == Some(value) {
                area.rectangle([(x - 10, y - 10), (x + 10, y + 10)], outline);
            }
        }
    }

    /// Writes the name of each line beside its end, and moves names apart that would overlap.
    fn names(&self, area: &mut Area, curves: &[Curve]) {
        const APART: i32 = 14;
        let end = |curve: &'_ Curve| Some(self.up.at(curve.points.last()?.1));
        let mut ends: Vec<(i32, &Curve)> =
            curves.iter().filter_map(|curve| Some((end(curve)?, curve))).collect();
        ends.sort_by_key(|&(y, _)| y);
        let (bottom, top) = self.up.pixels;
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
        let x = self.across.pixels.1 + 9;
        for (y, curve) in ends {
            let name = style(SMALL, Colour::Hue(curve.hue), Across::Right, Down::Centre);
            area.write(&curve.label, (x, y), name);
        }
    }
}
