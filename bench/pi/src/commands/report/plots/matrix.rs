//! A table of shades.

use super::canvas::{Drawing, Width, Words, picture};
use super::pen::{Across, Colour, Down, Paint, SMALL, TEXT, room, style};

/// Draws a table of shades. Each measured cell has a text and a shade, as a share of the darkest shade.
pub(crate) fn matrix(
    words: &Words,
    rows: &[String],
    columns: &[String],
    cell: impl Fn(usize, usize) -> Option<(String, f64)>,
) -> Drawing {
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
                area.write(text, at, style(SMALL, Colour::Muted, Across::Centre, Down::Centre));
            }
        }
        for (row, name) in rows.iter().enumerate() {
            let y = top + row as i32 * step(width);
            let (name_at, y) = match width {
                Width::Wide => ((0, y + 14), y),
                Width::Narrow => ((0, y + 8), y + 16),
            };
            area.write(name, name_at, style(TEXT, Colour::Ink, Across::Right, Down::Centre));
            for column in 0..columns.len() {
                let x = left + column as i32 * across;
                let corners = [(x + 1, y), (x + across - 1, y + 27)];
                let middle = (x + across / 2, y + 14);
                match cell(row, column) {
                    Some((text, shade)) => {
                        let share = 0.06 + 0.5 * shade.clamp(0.0, 1.0);
                        area.rectangle(corners, Paint::Shaded(Colour::Heat, share));
                        area.write(
                            &text,
                            middle,
                            style(TEXT, Colour::Ink, Across::Centre, Down::Centre),
                        );
                    }
                    None => {
                        area.rectangle(corners, Paint::Outlined(Colour::Rule, 1));
                        area.write(
                            "–",
                            middle,
                            style(TEXT, Colour::Muted, Across::Centre, Down::Centre),
                        );
                    }
                }
            }
        }
    })
}

/// The largest number of lines of a name over a column.
const MOST_LINES: usize = 6;

/// Splits a name into lines: at spaces, and in words that are too long at hyphens.
fn broken(name: &str, across: i32) -> Vec<&str> {
    let parts = |word| {
        let fits = room(word, SMALL) <= across;
        word.split_inclusive(if fits { ' ' } else { '-' })
    };
    name.split(' ').flat_map(parts).take(MOST_LINES).collect()
}
