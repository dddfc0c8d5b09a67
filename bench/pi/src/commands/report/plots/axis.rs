//! An axis: the positions of values in a picture, and its ticks at round numbers.

use super::canvas::Width;
use super::pen::{Across, Area, Colour, Down, SMALL, room, style};

/// The kind of an axis: linear or logarithmic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

impl Scale {
    /// About `wanted` round numbers in a range.
    fn ticks(self, low: f64, high: f64, wanted: usize) -> Vec<f64> {
        match self {
            Self::Linear => {
                let rough = (high - low) / wanted as f64;
                let unit = 10_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|&n| n * unit >= rough);
                let step = step.unwrap_or(10.0) * unit;
                let first = (low / step).ceil() as i64;
                (first..).map(|n| n as f64 * step).take_while(|&tick| tick <= high).collect()
            }
            Self::Log => {
                let decades = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
                let of = |digits: &[f64]| -> Vec<f64> {
                    let all = decades.clone().flat_map(|decade| {
                        digits.iter().map(move |digit| digit * 10_f64.powi(decade))
                    });
                    all.filter(|&tick| low <= tick && tick <= high).collect()
                };
                let fine = of(&[1.0, 2.0, 5.0]);
                if fine.len() <= wanted + 1 { fine } else { of(&[1.0]) }
            }
        }
    }
}

/// An axis, which gives the positions of values in a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) scale: Scale,
    pub(super) values: (f64, f64),
    pub(super) pixels: (i32, i32),
}

impl Span {
    pub(super) fn at(&self, value: f64) -> i32 {
        let place = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        };
        let (low, high) = (place(self.values.0), place(self.values.1));
        let share = (place(value) - low) / (high - low);
        self.pixels.0 + (share * f64::from(self.pixels.1 - self.pixels.0)).round() as i32
    }

    /// Draws an axis of rows: a line for each tick from the top to the bottom of the rows, with its text
    /// at both ends.
    pub(super) fn draw(
        &self,
        area: &mut Area,
        (top, bottom): (i32, i32),
        width: Width,
        text: impl Fn(f64) -> String,
    ) {
        let wanted = if width == Width::Wide { 8 } else { 4 };
        for value in self.ticks(wanted) {
            let x = self.at(value);
            area.line(&[(x, top), (x, bottom)], Colour::Rule, 1);
            let text = text(value);
            let half = room(&text, SMALL) / 2;
            let centre = x.clamp(half, width.pixels() - half);
            for (y, down) in [(top - 5, Down::Above), (bottom + 6, Down::Below)] {
                area.write(&text, (centre, y), style(SMALL, Colour::Muted, Across::Centre, down));
            }
        }
    }

    /// About `wanted` round numbers on the axis.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<f64> {
        self.scale.ticks(self.values.0, self.values.1, wanted)
    }
}

/// The smallest and the largest value.
pub(super) fn bounds(values: &mut dyn Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// A range with a little room at its ends. A linear range begins at 0.
pub(super) fn padded(scale: Scale, (low, high): (f64, f64)) -> (f64, f64) {
    match scale {
        Scale::Linear => (0.0, high * 1.05),
        Scale::Log => (low / 1.15, high * 1.15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(Scale::Linear.ticks(0.0, 6.6, 5), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(Scale::Linear.ticks(0.0, 2.1, 5), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(Scale::Log.ticks(0.3, 6.0, 5), [0.5, 1.0, 2.0, 5.0]);
        assert_eq!(Scale::Log.ticks(0.02, 6000.0, 5), [0.1, 1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let span = Span { scale: Scale::Log, values: (1.0, 100.0), pixels: (0, 200) };
        assert_eq!([1.0, 10.0, 100.0].map(|value| span.at(value)), [0, 100, 200]);
        let span = Span { scale: Scale::Linear, values: (0.0, 4.0), pixels: (100, 20) };
        assert_eq!([0.0, 1.0, 4.0].map(|value| span.at(value)), [100, 80, 20]);
    }
}
