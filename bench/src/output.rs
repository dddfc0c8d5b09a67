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
