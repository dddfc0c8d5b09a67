//! What more workers give over one.

use super::words::{Against, brackets, driver, kernel_among, no_difference, workers};
use crate::analysis::cell::Cell;
use crate::analysis::contest::Contest;
use crate::analysis::stats::Verdict;
use crate::number::factor;

/// What there are more of: threads, ranks, or ranks of threads.
type Workers = fn(&Cell) -> bool;

const WORKERS: [Workers; 3] = [
    |cell| cell.block.cell.ranks == 1,
    |cell| cell.block.cell.ranks > 1 && cell.block.cell.threads == 1,
    |cell| cell.block.cell.ranks > 1 && cell.block.cell.threads > 1,
];

/// A sentence for each kernel that was measured on several workers: `philox, Rust: 2 threads are 1.96 times as
/// fast as one (1.93 to 1.98) with rayon; threads does not differ from it (0.990 to 1.010).`
pub(super) fn sentences(contests: &[Contest], noise_floor: Option<f64>) -> Vec<String> {
    let mut sentences = Vec::new();
    for contest in contests {
        let kernel = |cell: &&Cell| cell.block.cell.kernel.clone();
        let mut kernels = contest.cells.clone();
        kernels.sort_by_key(kernel);
        kernels.dedup_by_key(|cell| kernel(cell));
        for cell in kernels {
            let name = &cell.block.cell.kernel;
            let clauses: Vec<String> = WORKERS
                .iter()
                .filter_map(|of_kind| clause(contests, contest, name, of_kind, noise_floor))
                .collect();
            if !clauses.is_empty() {
                let name = kernel_among(&contest.cells, cell);
                let clauses = clauses.join("; ");
                sentences.push(format!("{}, {name}: {clauses}.", contest.title()));
            }
        }
    }
    sentences
}

/// The most workers of a kind against one.
fn clause(
    contests: &[Contest],
    contest: &Contest,
    name: &str,
    of_kind: &Workers,
    noise_floor: Option<f64>,
) -> Option<String> {
    let of_it = |cell: &&&Cell| cell.block.cell.kernel == name && cell.times.is_enough();
    let cells = || contest.cells.iter().filter(of_it).filter(|cell| of_kind(cell)).copied();
    let most = cells().map(Cell::processors).max().filter(|&most| most > 1)?;
    let mut rivals = cells().filter(|cell| cell.processors() == most);
    let best = rivals.next()?;
    // Weak scaling is held against the same one thread: its time for each sample is what counts.
    let same_work = contests
        .iter()
        .filter(|one| (one.generator, one.exact) == (contest.generator, contest.exact));
    let mut ones = same_work
        .flat_map(|one| one.cells.iter().filter(of_it))
        .filter(|cell| cell.processors() == 1);
    let is_serial = |cell: &&Cell| cell.block.cell.driver == "serial";
    let one = ones
        .clone()
        .find(|cell| is_serial(cell))
        .or_else(|| ones.find(|cell| cell.block.cell.driver == best.block.cell.driver))?;
    let times = one.times.ratio(&best.times);
    let workers = workers(best);
    let serial = best.block.cell.driver == "serial";
    let with = if serial { String::new() } else { format!(" with {}", best.block.cell.driver) };
    let said = match Verdict::of(times, noise_floor).differs() {
        true => {
            let within = brackets(times.interval);
            format!("{workers} are {} times as fast as one {within}{with}", factor(times.value))
        }
        false => {
            format!("{workers} do not differ from one {}{with}", no_difference(times.interval))
        }
    };
    let rivals: Vec<(String, &Cell)> = rivals.map(|cell| (driver(cell), cell)).collect();
    let against = Against::of(best, rivals, noise_floor);
    let clauses: Vec<String> = [said].into_iter().chain(against.clauses()).collect();
    Some(clauses.join(", "))
}
