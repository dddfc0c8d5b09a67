//! The answer to a suite's question, in sentences: one for each generator, or one for the calls and one
//! for the batches. If the lesson's loop was measured, the first sentence reaches from it to the fastest cell.
//!
//! A sentence says that two cells differ only if the whole interval of their ratio lies beyond the noise
//! floor. Otherwise it says that they do not differ, and gives the interval. Cells with too few processes
//! are in no sentence.

mod bounds;
mod calls;
mod levels;
mod overhead;
mod peers;
mod scaling;
mod span;
mod speeds;
#[cfg(test)]
mod tests;
mod words;

use crate::analysis::contest::{Contest, contests};
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use crate::shown::at_most;

/// The most letters of a sentence, whatever the names in it.
const LONGEST: usize = 1000;

/// The sentences, none if nothing can be said.
pub fn answers(measured: &Measured) -> Vec<String> {
    let contests: Vec<Contest> =
        contests(measured).into_iter().filter(|contest| contest.kind == Kind::Sample).collect();
    let mut answers = Vec::new();
    if measured.header.picture == "scaling" {
        answers.extend(scaling::sentences(&contests, measured.noise_floor));
    }
    answers.extend(overhead::sentences(measured));
    if answers.is_empty() {
        answers.extend(peers::sentence(measured));
        answers.extend(span::sentence(measured));
        let strong = contests.iter().filter(|contest| !contest.weak);
        answers.extend(strong.filter_map(|contest| {
            levels::sentence(contest, measured.noise_floor)
                .or_else(|| speeds::sentence(contest, measured.noise_floor))
        }));
    }
    let strong = contests.iter().filter(|contest| !contest.weak);
    answers.extend(strong.filter_map(|contest| bounds::sentence(contest, measured)));
    answers.extend(calls::sentences(measured));
    answers.iter().map(|sentence| at_most(LONGEST, sentence)).collect()
}
