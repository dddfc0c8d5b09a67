//! How many CPUs may be used, read from made-up systems, and which CPUs, read from the real system.

#[path = "../child/mod.rs"]
mod child;
mod machine;

mod counts;
mod masks;
mod quotas;
