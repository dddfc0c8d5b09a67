//! The canvas of a picture: its two widths, for a page or alone.

use super::pen::Area;
use crate::commands::report::palette::standalone;
use maud::{Markup, PreEscaped, html};
use pi_harness::shown::shown;

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
    draw: impl Fn(&mut Area, Width),
) -> Drawing {
    let sheet = |width: Width, class: &'static str| {
        let size = (width.pixels(), height(width));
        let mut area = Area::default();
        draw(&mut area, width);
        let [title, text] = ["title", "text"].map(|part| format!("{}-{class}-{part}", words.id));
        Sheet {
            class,
            size,
            words: html! {
                title id=(title) { (shown(words.title)) }
                desc id=(text) { (shown(words.description)) }
            },
            ids: format!("{title} {text}"),
            marks: area.into_string(),
        }
    };
    Drawing { wide: sheet(Width::Wide, "wide"), narrow: sheet(Width::Narrow, "narrow") }
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
