//! What pictures are made of: lines, shapes and texts in the colours of the style sheet.

use maud::{Markup, Render, html};
use pi_harness::shown::at_most;

/// A colour of the style sheet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Colour {
    Ink,
    Muted,
    Rule,
    Heat,
    /// One of the colours that distinguish things.
    Hue(usize),
}

/// The number of colours that readers can distinguish.
const HUES: usize = 9;

impl Render for Colour {
    fn render_to(&self, text: &mut String) {
        let name = match self {
            Self::Ink => "ink".to_owned(),
            Self::Muted => "muted".to_owned(),
            Self::Rule => "rule".to_owned(),
            Self::Heat => "heat".to_owned(),
            Self::Hue(number) => format!("hue{}", number % HUES),
        };
        text.push_str(&format!("var(--{name})"));
    }
}

/// How a shape is painted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Paint {
    Filled(Colour),
    /// A share of the colour.
    Shaded(Colour, f64),
    /// A line of this width around it.
    Outlined(Colour, i32),
}

impl Paint {
    fn fill(self) -> Option<Colour> {
        match self {
            Self::Filled(colour) | Self::Shaded(colour, _) => Some(colour),
            Self::Outlined(..) => None,
        }
    }

    fn stroke(self) -> Option<(Colour, i32)> {
        match self {
            Self::Outlined(colour, width) => Some((colour, width)),
            _ => None,
        }
    }

    fn opacity(self) -> Option<String> {
        match self {
            Self::Shaded(_, share) => Some(format!("{share:.3}")),
            _ => None,
        }
    }
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Across {
    Right,
    Centre,
    Left,
}

/// Whether a text stands above its place, around it or below.
#[derive(Debug, Clone, Copy)]
pub(super) enum Down {
    Above,
    Centre,
    Below,
}

/// How a text is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    size: i32,
    colour: Colour,
    across: Across,
    down: Down,
}

/// Sizes of text in pixels.
pub(super) const TEXT: i32 = 12;
pub(super) const SMALL: i32 = 11;

pub(super) fn style(size: i32, colour: Colour, across: Across, down: Down) -> Style {
    Style { size, colour, across, down }
}

/// The largest number of characters of a name in a picture.
const LONGEST: usize = 80;

/// The approximate width of a text. The characters of most fonts are narrower.
pub(super) fn room(text: &str, size: i32) -> i32 {
    (at_most(LONGEST, text).chars().count() as f64 * f64::from(size) * 0.62).ceil() as i32
}

/// What was drawn, one thing over the other.
#[derive(Default)]
pub(super) struct Area(String);

type Point = (i32, i32);

impl Area {
    /// All of it.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    fn add(&mut self, element: &Markup) {
        self.0.push_str(&element.0);
    }

    /// A line from point to point.
    pub(super) fn line(&mut self, points: &[Point], colour: Colour, width: i32) {
        self.stroke(points, colour, width, None);
    }

    pub(super) fn dashed(&mut self, points: &[Point], colour: Colour) {
        self.stroke(points, colour, 1, Some("4 4"));
    }

    fn stroke(&mut self, points: &[Point], colour: Colour, width: i32, dashes: Option<&str>) {
        self.add(&html! {
            polyline fill="none" stroke=(colour) stroke-width=(width) stroke-dasharray=[dashes]
                points=(list(points)) {}
        });
    }

    /// A rectangle from its upper left corner to the lower right one.
    pub(super) fn rectangle(&mut self, [from, to]: [Point; 2], paint: Paint) {
        let (fill, stroke, width) = attributes(paint);
        self.add(&html! {
            rect x=(from.0) y=(from.1) width=(to.0 - from.0) height=(to.1 - from.1) fill=(fill)
                stroke=[stroke] stroke-width=[width] opacity=[paint.opacity()] {}
        });
    }

    pub(super) fn circle(&mut self, (x, y): Point, radius: i32, paint: Paint) {
        let (fill, stroke, width) = attributes(paint);
        self.add(&html! {
            circle cx=(x) cy=(y) r=(radius) fill=(fill) stroke=[stroke] stroke-width=[width] {}
        });
    }

    fn polygon(&mut self, corners: &[Point], colour: Colour) {
        self.add(&html! { polygon points=(list(corners)) fill=(colour) {} });
    }

    /// As much of a text as there is room for.
    pub(super) fn write(&mut self, text: &str, (x, y): Point, style: Style) {
        let anchor = match style.across {
            Across::Right => "start",
            Across::Centre => "middle",
            Across::Left => "end",
        };
        let shift = match style.down {
            Down::Above => "-0.5ex",
            Down::Centre => "0.5ex",
            Down::Below => "0.76em",
        };
        self.add(&html! {
            text x=(x) y=(y) dy=(shift) text-anchor=(anchor) font-size=(style.size)
                fill=(style.colour) { (at_most(LONGEST, text)) }
        });
    }

    /// A mark of the colour and shape of a number.
    pub(super) fn mark(&mut self, number: usize, (x, y): Point) {
        let colour = Colour::Hue(number);
        let (fill, line) = (Paint::Filled(colour), Paint::Outlined(colour, 2));
        let square = [(x - 4, y - 4), (x + 4, y + 4)];
        match number % HUES {
            0 => self.circle((x, y), 4, fill),
            1 => self.rectangle(square, fill),
            2 => self.polygon(&[(x, y - 5), (x - 5, y + 4), (x + 5, y + 4)], colour),
            3 => self.polygon(&[(x - 5, y), (x, y - 5), (x + 5, y), (x, y + 5)], colour),
            4 => self.circle((x, y), 4, line),
            5 => self.rectangle(square, line),
            _ => {
                self.line(&square, colour, 2);
                self.line(&[(x - 4, y + 4), (x + 4, y - 4)], colour, 2);
            }
        }
    }
}

/// The colours and the width of a shape's fill and line.
fn attributes(paint: Paint) -> (String, Option<Colour>, Option<i32>) {
    let fill = paint.fill().map_or("none".to_owned(), |colour| colour.render().into_string());
    let (stroke, width) = paint.stroke().unzip();
    (fill, stroke, width)
}

/// Points as an attribute has them.
fn list(points: &[Point]) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_style_sheet_and_texts_are_escaped() {
        let mut area = Area::default();
        area.line(&[(0, 1), (2, 3)], Colour::Hue(10), 2);
        area.rectangle([(1, 2), (4, 8)], Paint::Shaded(Colour::Heat, 0.25));
        area.circle((5, 6), 7, Paint::Outlined(Colour::Ink, 1));
        let style = style(TEXT, Colour::Muted, Across::Left, Down::Centre);
        area.write("a<b\u{202e}", (1, 2), style);
        assert_eq!(
            area.into_string(),
            "<polyline fill=\"none\" stroke=\"var(--hue1)\" stroke-width=\"2\" points=\"0,1 2,3\"></polyline>\
             <rect x=\"1\" y=\"2\" width=\"3\" height=\"6\" fill=\"var(--heat)\" opacity=\"0.250\"></rect>\
             <circle cx=\"5\" cy=\"6\" r=\"7\" fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"1\"></circle>\
             <text x=\"1\" y=\"2\" dy=\"0.5ex\" text-anchor=\"end\" font-size=\"12\" \
             fill=\"var(--muted)\">a&lt;b\\u{202e}</text>"
        );
    }
}
