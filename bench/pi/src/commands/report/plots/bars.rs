//! Bars from the top down, in the given order, on one logarithmic axis.

use super::axis::{Scale, Span, bounds};
use super::canvas::{Drawing, Width, Words, picture};
use super::pen::{Across, Colour, Down, Paint, SMALL, TEXT, room, style};

/// A bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) hue: usize,
    pub(crate) value: f64,
    pub(crate) text: String,
}

/// Bars in their order; `legend` names the colours.
pub(crate) fn bars(
    words: &Words,
    bars: &[Bar],
    legend: &[(usize, String)],
    tick: impl Fn(f64) -> String,
) -> Drawing {
    let (least, most) = bounds(&mut bars.iter().map(|bar| bar.value));
    let decade = |value: f64| 10_f64.powf(value.log10().floor());
    // The axis begins at a whole power of ten, so that a bar's length can be read.
    let range = (decade(least / 1.5), most * 1.1);
    let labels = bars.iter().map(|bar| room(&bar.label, TEXT)).max().unwrap_or(0) + 12;
    let texts = bars.iter().map(|bar| room(&bar.text, SMALL)).max().unwrap_or(0) + 8;
    let step = |width| if width == Width::Wide { 20 } else { 36 };
    let top = 46;
    let height = |width| top + bars.len() as i32 * step(width) + 26;
    picture(words, height, |area, width| {
        let across = width.pixels();
        let (left, right) = match width {
            Width::Wide => (labels.min(across / 2), across - texts),
            Width::Narrow => (4, across - texts),
        };
        let mut x = 0;
        for (hue, name) in legend {
            area.rectangle([(x, 3), (x + 10, 13)], Paint::Filled(Colour::Hue(*hue)));
            area.write(name, (x + 15, 8), style(TEXT, Colour::Ink, Across::Right, Down::Centre));
            x += 30 + room(name, TEXT);
        }
        let span = Span { scale: Scale::Log, values: range, pixels: (left, right) };
        let bottom = top + bars.len() as i32 * step(width);
        span.draw(area, (top, bottom), width, &tick);
        for (row, bar) in (0..).zip(bars) {
            let y = top + row * step(width) + if width == Width::Wide { 10 } else { 26 };
            let label = match width {
                Width::Wide => (0, y),
                Width::Narrow => (left, y - 15),
            };
            area.write(&bar.label, label, style(TEXT, Colour::Ink, Across::Right, Down::Centre));
            let end = span.at(bar.value);
            area.rectangle([(left, y - 6), (end, y + 6)], Paint::Filled(Colour::Hue(bar.hue)));
            let place = (end + 5, y);
            area.write(&bar.text, place, style(SMALL, Colour::Ink, Across::Right, Down::Centre));
        }
    })
}
