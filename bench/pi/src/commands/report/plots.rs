//! The pictures, as inline SVG. Each is drawn twice, for a page and for a phone, in colours that
//! the page's style sheet decides.

use maud::{PreEscaped, html};
use pi_harness::analysis::stats::Interval;
use pi_harness::shown::{at_most, shown};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The two widths that a picture is drawn in: the page shows the one that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Wide,
    Narrow,
}

impl Width {
    fn pixels(self) -> i32 {
        if self == Self::Wide { 860 } else { 340 }
    }
}

// Stand-ins for colours: `themed` makes each the variable of the style sheet.
const INK: RGBColor = RGBColor(0, 0, 1);
const MUTED: RGBColor = RGBColor(0, 0, 2);
const RULE: RGBColor = RGBColor(0, 0, 3);
const HEAT: RGBColor = RGBColor(0, 0, 4);
const DASHED: RGBColor = RGBColor(0, 0, 5);

/// How many colours can be told apart.
const HUES: usize = 9;

fn hue(number: usize) -> RGBColor {
    RGBColor(0, 1, (number % HUES) as u8)
}

/// Sizes of text in pixels.
const TEXT: f64 = 12.0;
const SMALL: f64 = 11.0;

/// A style of text; the library divides sizes by the factor that is made good here.
fn style(size: f64, color: RGBColor, across: HPos, down: VPos) -> TextStyle<'static> {
    ("sans-serif", size * 1.24).into_font().color(&color).pos(Pos::new(across, down))
}

/// The most letters of a name in a picture.
const LONGEST: usize = 80;

/// The room that a text takes, about: the letters of most fonts are narrower.
fn room(text: &str, size: f64) -> i32 {
    (at_most(LONGEST, text).chars().count() as f64 * size * 0.62).ceil() as i32
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What a picture shows, for those who do not see it.
pub(super) struct Words<'a> {
    /// Unlike that of every other picture of the page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// Draws a picture in both widths; `height` and `draw` are told which.
fn picture(
    words: &Words,
    height: impl Fn(Width) -> i32,
    draw: impl Fn(&Area, Width) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let mut pictures = String::new();
    for width in [Width::Wide, Width::Narrow] {
        let (across, down) = (width.pixels(), height(width));
        let mut drawing = String::new();
        {
            let area = SVGBackend::with_string(&mut drawing, (across as u32, down as u32))
                .into_drawing_area();
            draw(&area, width)?;
            area.present()?;
        }
        let inside = drawing.split_once('>').map_or("", |(_, rest)| rest);
        let inside = inside.trim_end().trim_end_matches("</svg>");
        let class = if width == Width::Wide { "wide" } else { "narrow" };
        let (title, description) =
            (format!("{}-{class}-title", words.id), format!("{}-{class}-text", words.id));
        let markup = html! {
            svg class=(class) viewBox=(format!("0 0 {across} {down}")) role="img"
                aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { (shown(words.title)) }
                desc id=(description) { (shown(words.description)) }
                (PreEscaped(themed(inside)))
            }
        };
        pictures.push_str(&markup.into_string());
    }
    Ok(pictures)
}

/// The drawing with the style sheet's colours and fonts.
fn themed(drawing: &str) -> String {
    let mut themed =
        drawing.replace(" font-family=\"sans-serif\"", "").replace(" opacity=\"1\"", "");
    let name = |color: RGBColor| format!("\"#{:02X}{:02X}{:02X}\"", color.0, color.1, color.2);
    for (color, variable) in [(INK, "ink"), (MUTED, "muted"), (RULE, "rule"), (HEAT, "heat")] {
        themed = themed.replace(&name(color), &format!("\"var(--{variable})\""));
    }
    themed = themed.replace(&name(DASHED), "\"var(--muted)\" stroke-dasharray=\"4 4\"");
    for number in 0..HUES {
        themed = themed.replace(&name(hue(number)), &format!("\"var(--hue{number})\""));
    }
    themed
}

/// An axis: in equal steps, or in equal ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Log,
}

impl Scale {
    /// Round numbers in a range, about `wanted` of them.
    fn ticks(self, low: f64, high: f64, wanted: usize) -> Vec<f64> {
        match self {
            Self::Linear => {
                let rough = (high - low) / wanted as f64;
                let unit = 10_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|&n| n * unit >= rough);
                let step = step.unwrap_or(10.0) * unit;
                let first = (low / step).ceil() as i64;
                (first..).map(|n| n as f64 * step).take_while(|&tick| tick <= high).collect()
            }
            Self::Log => {
                let decades = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
                let of = |digits: &[f64]| -> Vec<f64> {
                    let all = decades.clone().flat_map(|decade| {
                        digits.iter().map(move |digit| digit * 10_f64.powi(decade))
                    });
                    all.filter(|&tick| low <= tick && tick <= high).collect()
                };
                let fine = of(&[1.0, 2.0, 5.0]);
                if fine.len() <= wanted + 1 { fine } else { of(&[1.0]) }
            }
        }
    }
}

/// Where values go in a picture.
#[derive(Debug, Clone, Copy)]
struct Span {
    scale: Scale,
    values: (f64, f64),
    pixels: (i32, i32),
}

impl Span {
    fn at(&self, value: f64) -> i32 {
        let place = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        };
        let (low, high) = (place(self.values.0), place(self.values.1));
        let share = (place(value) - low) / (high - low);
        self.pixels.0 + (share * f64::from(self.pixels.1 - self.pixels.0)).round() as i32
    }

    /// Round numbers in it, about `wanted` of them.
    fn ticks(&self, wanted: usize) -> Vec<f64> {
        self.scale.ticks(self.values.0, self.values.1, wanted)
    }
}

/// A mark of the colour and shape of a number.
fn mark(area: &Area, number: usize, (x, y): (i32, i32)) -> anyhow::Result<()> {
    let (fill, line) = (hue(number).filled(), hue(number).stroke_width(2));
    match number % HUES {
        0 => area.draw(&Circle::new((x, y), 4, fill))?,
        1 => area.draw(&Rectangle::new([(x - 4, y - 4), (x + 4, y + 4)], fill))?,
        2 => area.draw(&TriangleMarker::new((x, y), 5, fill))?,
        3 => {
            let corners = vec![(x - 5, y), (x, y - 5), (x + 5, y), (x, y + 5)];
            area.draw(&Polygon::new(corners, fill))?;
        }
        4 => area.draw(&Circle::new((x, y), 4, line))?,
        5 => area.draw(&Rectangle::new([(x - 4, y - 4), (x + 4, y + 4)], line))?,
        _ => area.draw(&Cross::new((x, y), 4, line))?,
    }
    Ok(())
}

fn write(area: &Area, text: &str, at: (i32, i32), style: TextStyle) -> anyhow::Result<()> {
    area.draw(&Text::new(at_most(LONGEST, text), at, style))?;
    Ok(())
}

/// A value on a ladder.
pub(super) struct Rung {
    pub(super) label: String,
    pub(super) hue: usize,
    pub(super) value: f64,
    pub(super) interval: Option<Interval>,
    pub(super) text: String,
}

/// Values from the top down, each with its interval, on one axis; `legend` names the marks.
pub(super) fn ladder(
    words: &Words,
    rungs: &[Rung],
    legend: &[(usize, String)],
    tick: impl Fn(f64) -> String,
) -> anyhow::Result<String> {
    let ends = |rung: &Rung| rung.interval.map_or([rung.value; 2], |i| [i.low, i.high]);
    let (least, most) = bounds(&mut rungs.iter().flat_map(ends));
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
            mark(area, *number, (x + 6, 8))?;
            write(area, name, (x + 15, 8), style(TEXT, INK, HPos::Left, VPos::Center))?;
            x += 30 + room(name, TEXT);
        }
        let span = Span { scale, values: range, pixels: (left, right) };
        let bottom = top + rungs.len() as i32 * step(width);
        let wanted = if width == Width::Wide { 8 } else { 4 };
        for value in span.ticks(wanted) {
            let x = span.at(value);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], RULE))?;
            let text = tick(value);
            let half = room(&text, SMALL) / 2;
            let centre = x.clamp(half, across - half);
            for (y, down) in [(top - 5, VPos::Bottom), (bottom + 6, VPos::Top)] {
                write(area, &text, (centre, y), style(SMALL, MUTED, HPos::Center, down))?;
            }
        }
        for (row, rung) in (0..).zip(rungs) {
            let y = top + row * step(width) + if width == Width::Wide { 11 } else { 27 };
            let name = match width {
                Width::Wide => (0, y),
                Width::Narrow => (left, y - 16),
            };
            write(area, &rung.label, name, style(TEXT, INK, HPos::Left, VPos::Center))?;
            let x = span.at(rung.value);
            area.draw(&PathElement::new(vec![(left, y), (x, y)], RULE))?;
            let mut end = x + 5;
            if let Some(Interval { low, high, .. }) = rung.interval {
                let (low, high) = (span.at(low), span.at(high));
                let line = hue(rung.hue).stroke_width(2);
                area.draw(&PathElement::new(vec![(low, y), (high, y)], line))?;
                for x in [low, high] {
                    area.draw(&PathElement::new(vec![(x, y - 4), (x, y + 4)], line))?;
                }
                end = end.max(high);
            }
            mark(area, rung.hue, (x, y))?;
            write(area, &rung.text, (end + 5, y), style(SMALL, INK, HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

/// A table of shades: a text and a share of the darkest shade for each cell that was measured.
pub(super) fn matrix(
    words: &Words,
    rows: &[String],
    columns: &[String],
    cell: impl Fn(usize, usize) -> Option<(String, f64)>,
) -> anyhow::Result<String> {
    let names = rows.iter().map(|name| room(name, TEXT)).max().unwrap_or(0) + 16;
    let left = |width: Width| if width == Width::Wide { names.min(width.pixels() / 2) } else { 0 };
    let across =
        |width: Width| ((width.pixels() - left(width)) / columns.len().max(1) as i32).min(130);
    let heads = |width: Width| -> Vec<Vec<&str>> {
        columns.iter().map(|name| broken(name, across(width))).collect()
    };
    let top = |width| 8 + 15 * heads(width).iter().map(Vec::len).max().unwrap_or(1) as i32;
    let step = |width| if width == Width::Wide { 30 } else { 44 };
    let height = |width| top(width) + rows.len() as i32 * step(width) + 2;
    picture(words, height, |area, width| {
        let (top, left, across) = (top(width), left(width), across(width));
        for (column, head) in (0..).zip(heads(width)) {
            for (line, text) in (0..).zip(&head) {
                let down = top - 12 - 15 * (head.len() as i32 - 1 - line);
                let at = (left + column * across + across / 2, down);
                write(area, text, at, style(SMALL, MUTED, HPos::Center, VPos::Center))?;
            }
        }
        for (row, name) in rows.iter().enumerate() {
            let y = top + row as i32 * step(width);
            let (name_at, y) = match width {
                Width::Wide => ((0, y + 14), y),
                Width::Narrow => ((0, y + 8), y + 16),
            };
            write(area, name, name_at, style(TEXT, INK, HPos::Left, VPos::Center))?;
            for column in 0..columns.len() {
                let x = left + column as i32 * across;
                let corners = [(x + 1, y), (x + across - 1, y + 27)];
                let middle = (x + across / 2, y + 14);
                match cell(row, column) {
                    Some((text, shade)) => {
                        let fill = HEAT.mix(0.06 + 0.5 * shade.clamp(0.0, 1.0)).filled();
                        area.draw(&Rectangle::new(corners, fill))?;
                        write(area, &text, middle, style(TEXT, INK, HPos::Center, VPos::Center))?;
                    }
                    None => {
                        area.draw(&Rectangle::new(corners, RULE))?;
                        write(area, "–", middle, style(TEXT, MUTED, HPos::Center, VPos::Center))?;
                    }
                }
            }
        }
        Ok(())
    })
}

/// The most lines of a name over a column.
const MOST_LINES: usize = 6;

/// A name in lines: its words, and where those are too long, what was joined.
fn broken(name: &str, across: i32) -> Vec<&str> {
    let parts = |word| {
        let fits = room(word, SMALL) <= across;
        word.split_inclusive(if fits { ' ' } else { '-' })
    };
    name.split(' ').flat_map(parts).take(MOST_LINES).collect()
}

/// A line of a panel.
pub(super) struct Curve {
    pub(super) label: String,
    pub(super) hue: usize,
    /// Measured, from left to right.
    pub(super) points: Vec<(f64, f64, Option<Interval>)>,
    /// What a law says instead, if one was fitted.
    pub(super) law: Vec<(f64, f64)>,
    /// A point to be ringed.
    pub(super) ring: Option<f64>,
}

/// Lines that belong together, under a title.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) curves: Vec<Curve>,
}

/// What the panels of a picture have in common, so that they can be compared by eye.
pub(super) struct Axes<'a> {
    pub(super) scale: (Scale, Scale),
    pub(super) names: (&'a str, &'a str),
    /// The ticks across, with their texts.
    pub(super) across: &'a [(f64, String)],
    /// The text of a tick of the other axis.
    pub(super) tick: &'a dyn Fn(f64) -> String,
    /// What would be ideal, if anything.
    pub(super) ideal: Option<Ideal>,
}

/// A dashed line to be measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ideal {
    /// Both coordinates are equal.
    Equal,
    /// The upward one is 1, and the axis ends a little below the lowest value.
    One,
}

/// Panels of lines, each line with its name at its end.
pub(super) fn curves(words: &Words, panels: &[Panel], axes: &Axes) -> anyhow::Result<String> {
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

/// The least and the greatest value.
fn bounds(values: &mut dyn Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// A range with a little room at its ends; equal steps begin at 0.
fn padded(scale: Scale, (low, high): (f64, f64)) -> (f64, f64) {
    match scale {
        Scale::Linear => (0.0, high * 1.05),
        Scale::Log => (low / 1.15, high * 1.15),
    }
}

fn line(area: &Area, curve: &Curve, across: &Span, up: &Span) -> anyhow::Result<()> {
    let color = hue(curve.hue);
    let points: Vec<(i32, i32)> =
        curve.points.iter().map(|&(x, y, _)| (across.at(x), up.at(y))).collect();
    let law: Vec<(i32, i32)> = curve.law.iter().map(|&(x, y)| (across.at(x), up.at(y))).collect();
    // A measured line is drawn; where a law goes through the points, the law is.
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
    }
    Ok(())
}

/// The names of lines beside their ends, moved apart where these are close.
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
    // From the lowest up again, where they went too deep.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(Scale::Linear.ticks(0.0, 6.6, 5), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(Scale::Linear.ticks(0.0, 2.1, 5), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(Scale::Log.ticks(0.3, 6.0, 5), [0.5, 1.0, 2.0, 5.0]);
        assert_eq!(Scale::Log.ticks(0.02, 6000.0, 5), [0.1, 1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let span = Span { scale: Scale::Log, values: (1.0, 100.0), pixels: (0, 200) };
        assert_eq!([1.0, 10.0, 100.0].map(|value| span.at(value)), [0, 100, 200]);
        let span = Span { scale: Scale::Linear, values: (0.0, 4.0), pixels: (100, 20) };
        assert_eq!([0.0, 1.0, 4.0].map(|value| span.at(value)), [100, 80, 20]);
    }
}
