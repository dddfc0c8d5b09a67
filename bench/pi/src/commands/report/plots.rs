//! The pictures, as inline SVG. Each is drawn twice, for a page and for a phone, in colours that
//! the page's style sheet decides.

mod axis;
mod canvas;
mod curves;
mod ladder;
mod matrix;

pub(super) use axis::Scale;
pub(super) use canvas::Words;
pub(super) use curves::{Axes, Curve, Ideal, Panel, curves};
pub(super) use ladder::{Rung, ladder};
pub(super) use matrix::matrix;
