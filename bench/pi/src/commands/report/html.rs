//! A page as one HTML file. It holds everything that it needs, and its policy forbids fetching anything.

use super::document::{Document, Kind, Part, Table};
use super::palette;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use pi_harness::shown::shown;

/// A table with this many rows is folded.
const LONG: usize = 24;

/// The start of every page, by which `pi report` recognises its own pages.
pub(super) const BEGIN: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
                                <meta name=\"generator\" content=\"pi report\">";

pub(super) fn page(document: &Document) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content="pi report";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (shown(&document.title)) }
                style { (PreEscaped(palette::variables())) (PreEscaped(include_str!("page.css"))) }
            }
            body {
                main {
                    h1 { (shown(&document.title)) }
                    @for part in &document.parts { (part_of(part)) }
                }
            }
        }
    };
    page.into_string()
}

fn part_of(part: &Part) -> Markup {
    html! {
        @match part {
            Part::Chapter(title) => h2 { (inline(title)) },
            Part::Heading(title) => h3 { (inline(title)) },
            Part::Text(text) => p { (inline(text)) },
            Part::List(items) => ul { @for item in items { li { (inline(item)) } } },
            Part::Answer(sentences) => div.answer {
                @for sentence in sentences { p { (inline(sentence)) } }
            },
            Part::Table(table) => {
                @if table.rows.len() < LONG {
                    p.caption { (inline(&table.caption)) }
                    (rows(table))
                } @else {
                    details { summary { (inline(&table.caption)) } (rows(table)) }
                }
            },
            Part::Picture(picture) => figure {
                (picture.drawing.inline())
                figcaption { (inline(&picture.caption)) }
            },
            Part::Code(code) => pre { code { (shown(code)) } },
            Part::File { name, gzip } => {
                @let name = format!("{}.gz", shown(name));
                @let address = format!("data:application/gzip;base64,{}", STANDARD.encode(gzip));
                p {
                    a download=(name) href=(address) { "Take out the raw data" }
                    " (" code { (name) } ", " (gzip.len().div_ceil(1024)) " KiB, in this page)"
                }
            },
        }
    }
}

/// A table. In a narrow window it scrolls, and the page does not.
fn rows(table: &Table) -> Markup {
    let class = |kind| match kind {
        Kind::Name => "name",
        Kind::Number => "number",
        Kind::Prose => "prose",
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(shown(&table.caption)) {
            table {
                thead { tr {
                    @for column in &table.header {
                        th scope="col" class=(class(column.kind)) { (shown(&column.name)) }
                    }
                } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (text, column) in row.iter().zip(&table.header) {
                                td class=(class(column.kind)) { (shown(text)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A text with code between backticks.
fn inline(text: &str) -> Markup {
    let text = &*shown(text);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (number, piece) in pieces.iter().enumerate() {
            @if number % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_no_markup() {
        let parts = vec![Part::Text("a <script>alert(1)</script> & `<b>`".to_owned())];
        let page = page(&Document { title: "<i>".to_owned(), parts });
        assert!(page.starts_with(BEGIN), "{page}");
        assert!(
            page.contains("&lt;script&gt;") && page.contains("<code>&lt;b&gt;</code>"),
            "{page}"
        );
        assert!(!page.contains("<script") && page.contains("<h1>&lt;i&gt;</h1>"), "{page}");
    }
}
