//! The canvas of a picture: its two widths, colours, texts and marks.

use crate::commands::report::palette::standalone;
use maud::{Markup, PreEscaped, html};
use pi_harness::shown::{at_most, shown};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The two widths of a picture. The page shows the one that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Wide,
    Narrow,
}

impl Width {
    pub(super) fn pixels(self) -> i32 {
        if self == Self::Wide { 860 } else { 340 }
    }
}

// Stand-ins for colours. `themed` replaces each by the variable of the style sheet.
pub(super) const INK: RGBColor = RGBColor(0, 0, 1);
pub(super) const MUTED: RGBColor = RGBColor(0, 0, 2);
pub(super) const RULE: RGBColor = RGBColor(0, 0, 3);
pub(super) const HEAT: RGBColor = RGBColor(0, 0, 4);
pub(super) const DASHED: RGBColor = RGBColor(0, 0, 5);

/// The number of colours that readers can distinguish.
const HUES: usize = 9;

pub(super) fn hue(number: usize) -> RGBColor {
    RGBColor(0, 1, (number % HUES) as u8)
}

/// Sizes of text in pixels.
pub(super) const TEXT: f64 = 12.0;
pub(super) const SMALL: f64 = 11.0;

/// A style of text; the library divides sizes by the factor that is made good here.
pub(super) fn style(size: f64, color: RGBColor, across: HPos, down: VPos) -> TextStyle<'static> {
    ("sans-serif", size * 1.24).into_font().color(&color).pos(Pos::new(across, down))
}

/// The largest number of characters of a name in a picture.
const LONGEST: usize = 80;

/// The approximate width of a text. The characters of most fonts are narrower.
pub(super) fn room(text: &str, size: f64) -> i32 {
    (at_most(LONGEST, text).chars().count() as f64 * size * 0.62).ceil() as i32
}

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The words of a picture, for readers who do not see it.
pub(crate) struct Words<'a> {
    /// An id that no other picture of the page has.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// The start of every picture in a file of its own, by which `pi report` recognises its own pictures.
pub(crate) const BEGIN: &str = "<svg data-generator=\"pi report\" ";

/// A picture in both widths.
pub(crate) struct Drawing {
    wide: Sheet,
    narrow: Sheet,
}

/// A picture in one width.
struct Sheet {
    class: &'static str,
    size: (i32, i32),
    /// The title and the description, with the ids by which the drawing refers to them.
    words: Markup,
    ids: String,
    marks: String,
}

/// Draws a picture in both widths, which are passed to `height` and `draw`.
pub(super) fn picture(
    words: &Words,
    height: impl Fn(Width) -> i32,
    draw: impl Fn(&Area, Width) -> anyhow::Result<()>,
) -> anyhow::Result<Drawing> {
    let sheet = |width: Width, class: &'static str| -> anyhow::Result<Sheet> {
        let size = (width.pixels(), height(width));
        let mut drawing = String::new();
        {
            let area = SVGBackend::with_string(&mut drawing, (size.0 as u32, size.1 as u32))
                .into_drawing_area();
            draw(&area, width)?;
            area.present()?;
        }
        let inside = drawing.split_once('>').map_or("", |(_, rest)| rest);
        let inside = inside.trim_end().trim_end_matches("</svg>");
        let [title, text] = ["title", "text"].map(|part| format!("{}-{class}-{part}", words.id));
        Ok(Sheet {
            class,
            size,
            words: html! {
                title id=(title) { (shown(words.title)) }
                desc id=(text) { (shown(words.description)) }
            },
            ids: format!("{title} {text}"),
            marks: themed(inside),
        })
    };
    Ok(Drawing { wide: sheet(Width::Wide, "wide")?, narrow: sheet(Width::Narrow, "narrow")? })
}

impl Drawing {
    /// Both widths for a page, whose style sheet has the colours and shows the width that fits.
    pub(crate) fn inline(&self) -> Markup {
        html! {
            @for sheet in [&self.wide, &self.narrow] {
                @let (across, down) = sheet.size;
                svg class=(sheet.class) viewBox=(format!("0 0 {across} {down}")) role="img"
                    aria-labelledby=(sheet.ids) { (sheet.words) (PreEscaped(&sheet.marks)) }
            }
        }
    }

    /// The wide picture for a file of its own, with a background.
    pub(crate) fn standalone(&self) -> String {
        const MARGIN: i32 = 16;
        let Sheet { size: (across, down), words, ids, marks, .. } = &self.wide;
        let (width, height) = (across + 2 * MARGIN, down + 2 * MARGIN);
        let paper = html! {
            rect x=(-MARGIN) y=(-MARGIN) width=(width) height=(height) rx="8" fill="var(--paper)" {}
        };
        let inside = standalone(&(paper.into_string() + marks));
        let picture = html! {
            svg data-generator="pi report" xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox=(format!("{} {} {width} {height}", -MARGIN, -MARGIN)) role="img"
                font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
                aria-labelledby=(ids) { (words) (PreEscaped(inside)) }
        };
        picture.into_string() + "\n"
    }
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

/// A mark of the colour and shape of a number.
pub(super) fn mark(area: &Area, number: usize, (x, y): (i32, i32)) -> anyhow::Result<()> {
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

pub(super) fn write(
    area: &Area,
    text: &str,
    at: (i32, i32),
    style: TextStyle,
) -> anyhow::Result<()> {
    area.draw(&Text::new(at_most(LONGEST, text), at, style))?;
    Ok(())
}
