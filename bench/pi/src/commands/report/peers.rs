//! libpi's kernels and the peers together, whatever their generators.

use super::Sections;
use super::document::{Table, name, number};
use super::plots::{self, Bar};
use super::speeds::short_rate;
use pi_harness::analysis::measured::Measured;
use pi_harness::analysis::peers::{LAST_COLUMN, Row, headings, is_peers, label, lines, rows};
use pi_harness::analysis::rows::star;
use pi_harness::number::rate;

/// Adds the section on peers, if the session measured them.
pub(super) fn peers(sections: &mut Sections, measured: &Measured) {
    let rows = rows(measured);
    if !is_peers(measured) || rows.is_empty() {
        return;
    }
    sections.heading("libpi and its peers");
    let bar = |row: &Row| {
        let cell = row.one?;
        let speed = 1.0 / cell.times.value();
        let label = format!("{}{}", label(row), star(cell));
        Some(Bar { label, hue: usize::from(!row.own), value: speed, text: rate(speed) })
    };
    let bars: Vec<Bar> = rows.iter().filter_map(bar).collect();
    let legend = [(0, "libpi".to_owned()), (1, "other libraries".to_owned())];
    if !bars.is_empty() {
        sections.picture(
            "libpi and its peers",
            "Samples a second on one thread, on a logarithmic axis: the lower quartile of processes. The \
             generators differ, and with them what a random number costs and is worth.",
            None,
            |words| plots::bars(words, &bars, &legend, short_rate),
        );
    }
    let [kernel, of, language, counts, one, most, libpi] = headings(measured);
    sections.table(Table {
        caption: format!("The fastest cell of each kernel. The last column says {LAST_COLUMN}"),
        header: vec![
            name(&kernel),
            name(&of),
            name(&language),
            name(&counts),
            number(&one),
            number(&most),
            number(&libpi),
        ],
        rows: lines(&rows).into_iter().map(Vec::from).collect(),
    });
}
