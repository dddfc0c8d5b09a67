//! The runner protocol of `pi bench`, see `bench/PROTOCOL.md`. The harness starts a runner and writes a
//! [`Request`]. The runner reads its [`Values`], makes the [`Calls`] and writes an [`Answer`], which
//! the harness reads.
//!
//! A runner in Rust needs only this crate of libpi:
//!
//! ```
//! use pi_protocol::{Answer, Calls, Values, serve};
//! use std::error::Error;
//!
//! fn answer(request: &Values) -> Result<Answer, Box<dyn Error>> {
//!     let count: u64 = request.number("count", None)?;
//!     let mut answer = Answer::new("mine 1.0");
//!     answer.runs = Calls::of(request)?.make(|| Ok::<_, Box<dyn Error>>(count / 4 * 3))?;
//!     Ok(answer)
//! }
//!
//! let request = "count 8\nruns 2\n";
//! let mut out = Vec::new();
//! serve(request.as_bytes(), &mut out, answer)?;
//! # assert_eq!(Answer::parse(&out, 2)?.runs[1].hits, 6);
//! # Ok::<(), Box<dyn Error>>(())
//! ```
//!
//! The example `plain.rs` is a complete runner.

mod answer;
mod error;
mod request;
mod serve;

pub use answer::{A_TIME, Answer, Run, is_time};
pub use error::{Error, Kind};
pub use request::{KEYS, Request, Values};
pub use serve::{Calls, read, serve, timed};
