//! A page as Markdown. Tables say what the pictures show.

use super::document::{Document, Kind, Part, Table};
use std::fmt::{Result, Write};

/// How every page begins, by which it is known.
pub(super) const BEGIN: &str = "<!-- made by pi report -->\n";

pub(super) fn page(document: &Document) -> String {
    let mut text = BEGIN.to_owned();
    // Writing into a string cannot fail.
    let _ = write(&mut text, document);
    text
}

fn write(out: &mut String, document: &Document) -> Result {
    writeln!(out, "# {}", escape(&document.title))?;
    for part in &document.parts {
        out.push('\n');
        match part {
            Part::Chapter(title) => writeln!(out, "## {}", escape(title))?,
            Part::Heading(title) => writeln!(out, "### {}", escape(title))?,
            Part::Text(text) => writeln!(out, "{}", escape(text))?,
            Part::List(items) => {
                for item in items {
                    writeln!(out, "- {}", escape(item))?;
                }
            }
            Part::Table(table) => write_table(out, table)?,
            Part::Picture(picture) => writeln!(out, "*{}*", escape(&picture.caption))?,
            Part::Code(code) => {
                let fence = fence(code);
                writeln!(out, "{fence}\n{code}\n{fence}")?;
            }
            Part::File { name, .. } => writeln!(out, "The raw data are in `{name}`.")?,
        }
    }
    Ok(())
}

fn write_table(out: &mut String, table: &Table) -> Result {
    writeln!(out, "{}\n", escape(&table.caption))?;
    for column in &table.header {
        write!(out, "| {} ", column.name)?;
    }
    out.push_str("|\n");
    for column in &table.header {
        out.push_str(if column.kind == Kind::Number { "|--:" } else { "|---" });
    }
    out.push_str("|\n");
    for row in &table.rows {
        for text in row {
            write!(out, "| {} ", escape(text))?;
        }
        out.push_str("|\n");
    }
    Ok(())
}

/// What code stands between: longer than any run of backticks in it.
fn fence(code: &str) -> String {
    let longest = code.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(3.max(longest + 1))
}

/// Text without accidental markup: in what comes from a results file, anything may stand. What is
/// between backticks is code already.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let mut code = false;
    let ticks = text.matches('`').count();
    for letter in text.chars() {
        match letter {
            '`' if ticks.is_multiple_of(2) => code = !code,
            '|' => escaped.push('\\'),
            '\\' | '*' | '_' | '<' | '[' | '`' if !code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(if letter.is_control() { ' ' } else { letter });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_no_markup() {
        assert_eq!(escape("a | b <script> *x*"), "a \\| b \\<script> \\*x\\*");
        assert_eq!(escape("`a_b|c` and a_b"), "`a_b\\|c` and a\\_b");
        assert_eq!(fence("a `b` ```` c"), "`````");
        assert_eq!(fence(""), "```");
        assert_eq!(escape("one ` tick\nand a line"), "one \\` tick and a line");
    }
}
