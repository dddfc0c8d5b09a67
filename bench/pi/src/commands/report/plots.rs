//! The pictures, as SVG. Each picture is drawn in two widths, for a screen and for a phone. The page's style
//! sheet has the colours.

mod axis;
mod bars;
mod canvas;
mod curves;
mod ladder;
mod matrix;
mod pen;

pub(super) use axis::Scale;
pub(super) use bars::{Bar, bars};
pub(super) use canvas::{BEGIN, Drawing, Words};
pub(super) use curves::{Axes, Curve, Ideal, Panel, curves};
pub(super) use ladder::{Rung, ladder};
pub(super) use matrix::matrix;
