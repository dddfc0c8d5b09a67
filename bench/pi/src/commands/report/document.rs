//! The parts of a page, whatever its format.

use super::plots::Drawing;

/// A page.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a page. Texts may hold `code` between backticks, and no other markup.
pub(super) enum Part {
    Chapter(String),
    Heading(String),
    Text(String),
    List(Vec<String>),
    /// The sentences that answer the question above them.
    Answer(Vec<String>),
    Table(Table),
    Picture(Box<Picture>),
    Code(String),
    /// A compressed file inside the page. A format that cannot hold a file gives its name.
    File {
        name: String,
        gzip: Vec<u8>,
    },
}

/// Rows under a header.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) header: Vec<Column>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The head of a column.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The contents of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names, kept on one line.
    Name,
    Number,
    /// Sentences, which may take several lines.
    Prose,
}

pub(super) fn name(name: &str) -> Column {
    Column { name: name.to_owned(), kind: Kind::Name }
}

pub(super) fn number(name: &str) -> Column {
    Column { name: name.to_owned(), kind: Kind::Number }
}

pub(super) fn prose(name: &str) -> Column {
    Column { name: name.to_owned(), kind: Kind::Prose }
}

/// A picture.
pub(super) struct Picture {
    pub(super) caption: String,
    pub(super) drawing: Drawing,
    /// The table that a format without pictures shows instead, unless another table has the same numbers.
    pub(super) table: Option<Table>,
}
