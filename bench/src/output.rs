//! What the subcommands' outputs have in common.

use serde::Serialize;
use std::fmt::Display;
use std::io::{Write, stderr};

/// Prints one JSON object.
pub(crate) fn json(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Says on stderr what the user should know of a result.
pub(crate) fn warn(warnings: &[String]) {
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
}

/// A line on stderr. Where that cannot be written there is nobody to tell.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// A command as a shell would take it, on one line whatever its words hold.
pub(crate) fn command_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.contains(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let escaped = word.chars().map(|c| match c {
        '\n' => "\\n".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("$'{}'", escaped.collect::<String>())
}

/// What makes this build's languages unequal.
pub(crate) fn build_warnings() -> impl Iterator<Item = String> {
    libpi::build_info::WARNINGS.iter().map(|&warning| warning.to_owned())
}

/// A table without lines, its columns aligned, to be read in a terminal and cut by tools.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    table.lines().map(|line| format!("  {}\n", line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_for_a_shell() {
        let line = |words: &[&str]| {
            command_line(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(line(&["pi", "bench", "-o", "/a-b_c.jsonl"]), "pi bench -o /a-b_c.jsonl");
        assert_eq!(line(&["pi", "", "philox/*", "it's"]), r"pi '' 'philox/*' 'it'\''s'");
        assert_eq!(line(&["a\n```\t'\\"]), r"$'a\n```\u0009\'\\'");
    }
}
