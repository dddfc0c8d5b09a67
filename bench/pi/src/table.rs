//! Tables for people: in a terminal as wide as it is, and in a pipe with everything they have.

use comfy_table::{ColumnConstraint, ContentArrangement, presets};
use pi_harness::shown::at_most;
use rustix::termios::tcgetwinsize;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use unicode_width::UnicodeWidthStr;

/// The width of a terminal that does not tell its own.
const USUAL: usize = 80;

/// The least width that a table is made for.
const LEAST: usize = 40;

/// The most letters in a column.
const WIDEST: usize = 400;

/// The fewest letters that a name is shortened to.
const SHORTEST: usize = 8;

/// The space before the first column, and between columns.
const SPACE: usize = 2;

/// The width in letters that a stream has room for: that of the variable `COLUMNS`, else of the terminal. A
/// pipe or a file has room for everything.
pub(crate) fn width(stream: impl AsFd + IsTerminal) -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        let size = stream.is_terminal().then(|| tcgetwinsize(&stream))?;
        let columns = size.map_or(0, |size| usize::from(size.ws_col));
        Some(if columns == 0 { USUAL } else { columns })
    };
    asked.filter(|&columns| columns > 0).or_else(terminal).map(|columns| columns.max(LEAST))
}

/// A column of a table.
pub(crate) struct Column {
    heading: String,
    kind: Kind,
}

enum Kind {
    /// Always there as it is.
    Fixed,
    /// Left out where there is no room, those with the smallest number first.
    Optional(u32),
    /// A name, which is shortened where nothing else helps.
    Name,
    /// Sentences, which may take several lines.
    Prose,
}

pub(crate) fn fixed(heading: &str) -> Column {
    Column { heading: heading.to_owned(), kind: Kind::Fixed }
}

pub(crate) fn optional(importance: u32, heading: &str) -> Column {
    Column { heading: heading.to_owned(), kind: Kind::Optional(importance) }
}

pub(crate) fn name(heading: &str) -> Column {
    Column { heading: heading.to_owned(), kind: Kind::Name }
}

pub(crate) fn prose(heading: &str) -> Column {
    Column { heading: heading.to_owned(), kind: Kind::Prose }
}

/// A table without lines, its columns aligned, to be read in a terminal and cut by tools.
pub(crate) fn table(
    width: Option<usize>,
    columns: impl IntoIterator<Item = Column>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let texts = rows.into_iter().map(|row| row.iter().map(|text| at_most(WIDEST, text)).collect());
    let mut sheet = Sheet { columns: columns.into_iter().collect(), rows: texts.collect() };
    if let Some(width) = width {
        sheet.fit(width);
    }
    sheet.print(width)
}

/// Columns and rows of the same length.
struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Leaves out what is optional, then shortens names, until the table fits.
    fn fit(&mut self, width: usize) {
        while self.width() > width {
            let optional = |(number, column): (usize, &Column)| match column.kind {
                Kind::Optional(importance) => Some((importance, number)),
                _ => None,
            };
            let Some((_, least)) = self.columns.iter().enumerate().filter_map(optional).min()
            else {
                break;
            };
            self.columns.remove(least);
            self.rows.iter_mut().for_each(|row| drop(row.remove(least)));
        }
        while self.width() > width {
            let is_name = |&number: &usize| matches!(self.columns[number].kind, Kind::Name);
            let names = (0..self.columns.len()).filter(is_name);
            let Some(widest) = names.max_by_key(|&number| self.width_of(number)) else { break };
            let now = self.width_of(widest);
            if now <= SHORTEST {
                break;
            }
            let room = now.saturating_sub(self.width() - width).max(SHORTEST);
            self.rows.iter_mut().for_each(|row| row[widest] = shortened(&row[widest], room));
        }
    }

    /// The width of the whole table; prose takes what the rest leaves.
    fn width(&self) -> usize {
        let columns = 0..self.columns.len();
        columns.map(|number| SPACE + self.width_of(number)).sum()
    }

    fn width_of(&self, number: usize) -> usize {
        if matches!(self.columns[number].kind, Kind::Prose) {
            return LEAST / 2;
        }
        let texts = self.rows.iter().map(|row| &row[number]);
        let texts = texts.chain([&self.columns[number].heading]);
        texts.map(|text| text.width()).max().unwrap_or(0)
    }

    fn print(&self, width: Option<usize>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(self.columns.iter().map(|column| column.heading.clone()));
        table.add_rows(&self.rows);
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width - (SPACE - 1)).unwrap_or(u16::MAX));
            for (number, column) in self.columns.iter().enumerate() {
                if let (Some(it), false) =
                    (table.column_mut(number), matches!(column.kind, Kind::Prose))
                {
                    it.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        // The library puts one space before the first column.
        let indent = " ".repeat(SPACE - 1);
        table.lines().map(|line| format!("{indent}{}\n", line.trim_end())).collect()
    }
}

/// A name of so many letters, with its begin and its end.
fn shortened(name: &str, room: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if name.width() <= room {
        return name.to_owned();
    }
    let (begin, end) = (room / 2, room - room / 2 - 1);
    let (begin, end) = (&letters[..begin], &letters[letters.len() - end..]);
    begin.iter().chain(['…'].iter()).chain(end).collect()
}
