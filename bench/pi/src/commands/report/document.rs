//! What a page consists of, whatever it is written in.

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
    Table(Table),
    Picture(Picture),
    Code(String),
    /// A file that the page carries, compressed; a format that cannot carry one names it.
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

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names, kept on one line.
    Name,
    Number,
    /// Sentences, broken where they must be.
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

/// A picture, of which a table follows.
pub(super) struct Picture {
    pub(super) caption: String,
    /// Inline SVG, which is no text to be escaped.
    pub(super) svg: String,
}
