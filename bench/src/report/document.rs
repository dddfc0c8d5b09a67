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
    /// A file that the page carries; formats that cannot carry one name it.
    File {
        name: String,
        bytes: Vec<u8>,
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
    pub(super) name: &'static str,
    pub(super) number: bool,
}

/// A column of words.
pub(super) fn words(name: &'static str) -> Column {
    Column { name, number: false }
}

/// A column of numbers.
pub(super) fn number(name: &'static str) -> Column {
    Column { name, number: true }
}

/// A picture, of which a table follows.
pub(super) struct Picture {
    pub(super) caption: String,
    /// Inline SVG, which is no text to be escaped.
    pub(super) svg: String,
}
