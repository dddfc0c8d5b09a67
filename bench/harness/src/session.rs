//! A session: the cells that are wanted, the plan of their blocks, and the measuring of one block after
//! the other.

pub mod cells;
pub mod counts;
pub mod dealing;
pub mod exchange;
pub mod hits;
pub mod plan;
pub mod progress;
pub mod references;
pub mod run;
pub mod speed;
pub mod start;
