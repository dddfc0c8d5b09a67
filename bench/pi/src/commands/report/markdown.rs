//! A page as Markdown, with tables instead of pictures.

use super::document::{Document, Kind, Part, Table};
use pi_harness::shown::shown;
use std::fmt::{Result, Write};

/// The start of every page, by which `pi report` recognises its own pages.
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
        if matches!(part, Part::Picture(picture) if picture.table.is_none()) {
            continue;
        }
        out.push('\n');
        match part {
            Part::Chapter(title) => writeln!(out, "## {}", escape(title))?,
            Part::Heading(title) => writeln!(out, "### {}", escape(title))?,
            Part::Text(text) => writeln!(out, "{}", paragraph(text))?,
            Part::List(items) | Part::Answer(items) => {
                for item in items {
                    writeln!(out, "- {}", paragraph(item))?;
                }
            }
            Part::Table(table) => write_table(out, table)?,
            Part::Picture(picture) => {
                picture.table.iter().try_for_each(|table| write_table(out, table))?
            }
            Part::Code(code) => {
                let (fence, code) = (fence(code), shown(code));
                writeln!(out, "{fence}\n{code}\n{fence}")?;
            }
            Part::File { name, .. } => writeln!(out, "The raw data are in {}.", code_span(name))?,
        }
    }
    Ok(())
}

fn write_table(out: &mut String, table: &Table) -> Result {
    writeln!(out, "{}\n", paragraph(&table.caption))?;
    for column in &table.header {
        write!(out, "| {} ", escape(&column.name))?;
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

/// The fence around code. It is longer than any run of backticks in the code.
fn fence(code: &str) -> String {
    "`".repeat(3.max(longest_run(code) + 1))
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// A name as inline code, whatever characters it has.
fn code_span(name: &str) -> String {
    let ticks = "`".repeat(longest_run(name) + 1);
    let space = if name.contains('`') { " " } else { "" };
    format!("{ticks}{space}{}{space}{ticks}", shown(name))
}

/// A paragraph. Its first characters cannot turn it into a heading, a quotation, a list or a line.
fn paragraph(text: &str) -> String {
    let text = escape(text.trim());
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let marks: &[char] =
        if rest.len() < text.len() { &['.', ')'] } else { &['#', '>', '+', '-', '='] };
    let slash = if rest.starts_with(marks) { "\\" } else { "" };
    format!("{}{slash}{rest}", &text[..text.len() - rest.len()])
}

/// Text without accidental markup, because text from a results file may hold anything. Text between single
/// backticks is code.
fn escape(text: &str) -> String {
    let text = shown(text);
    let mut escaped = String::new();
    let has_code = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut code = false;
    for letter in text.chars() {
        match letter {
            '`' if has_code => code = !code,
            '|' => escaped.push('\\'),
            '\\' | '*' | '_' | '<' | '[' | ']' | '&' | '~' | '$' | '`' if !code => {
                escaped.push('\\')
            }
            _ => {}
        }
        escaped.push(letter);
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
        assert_eq!(escape("one ` tick\nand a line"), "one \\` tick\\\\nand a line");
        // Runs of backticks pair by their length, and none of these encloses the text after it.
        assert_eq!(escape("```a``<b>`"), "\\`\\`\\`a\\`\\`\\<b>\\`");
        assert_eq!(escape("a &lt; ~b~ $c$"), "a \\&lt; \\~b\\~ \\$c\\$");
        for (text, escaped) in [
            ("# a", "\\# a"),
            ("1. a", "1\\. a"),
            (" - a", "\\- a"),
            ("---", "\\---"),
            ("5 of 5", "5 of 5"),
        ] {
            assert_eq!(paragraph(text), escaped);
        }
        assert_eq!(code_span("a.jsonl"), "`a.jsonl`");
        assert_eq!(code_span("a`b"), "`` a`b ``");
    }
}
