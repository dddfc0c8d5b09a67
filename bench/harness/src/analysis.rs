//! The analysis of results: times of cells with intervals, rankings, changes between sessions, laws of
//! scaling.

pub mod answer;
pub mod bound;
pub mod bounds;
pub mod cell;
pub mod change;
pub mod contest;
pub mod crossings;
pub mod intervals;
pub mod kind;
pub mod ladder;
pub mod laws;
pub mod likeness;
pub mod limit;
pub mod measured;
pub mod names;
pub mod order;
pub mod overhead;
pub mod peers;
pub mod places;
pub mod rows;
pub mod scaling;
#[cfg(test)]
mod simulation;
pub mod stats;
pub mod unequal;
