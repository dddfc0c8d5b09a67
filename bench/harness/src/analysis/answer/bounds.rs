//! How near the fastest kernel of each generator comes to the bound of its core.

use super::words::kernel_among;
use crate::analysis::cell::Cell;
use crate::analysis::contest::Contest;
use crate::analysis::measured::Measured;
use crate::number::{rate, share};

/// Such as `philox: Rust reaches 87.0% of this core's bound, limited by vector slots; the leanest kernel,
/// c-simd@x86-64-v3, allows 1.21 G/s, of which that is 80.1%.`
pub(super) fn sentence(contest: &Contest, measured: &Measured) -> Option<String> {
    let cells: Vec<&Cell> =
        contest.cells.iter().copied().filter(|cell| cell.times.is_enough()).collect();
    let (cell, reached) =
        cells.iter().find_map(|cell| Some((*cell, measured.bounds.reached(cell)?)))?;
    let leanest = match cell.block.cell.kernel == reached.leanest {
        true => "; no kernel that was audited is leaner".to_owned(),
        false => format!(
            "; the leanest kernel, {}, allows {}, of which that is {}",
            reached.leanest,
            rate(reached.leanest_per_second),
            share(reached.share_of_leanest)
        ),
    };
    let name = kernel_among(&cells, cell);
    Some(format!("{}: {name} reaches {}{leanest}.", contest.title(), reached.text()))
}
