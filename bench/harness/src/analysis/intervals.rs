//! Intervals as text.

use crate::analysis::stats::Interval;

/// An interval as text. If both ends have the same unit, it stands once.
pub fn interval_text(interval: Option<Interval>, text: impl Fn(f64) -> String) -> String {
    let Some(Interval { low, high, .. }) = interval else { return "-".to_owned() };
    let (low, high) = (text(low), text(high));
    let number = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let (low_ends, high_ends) = (number(&low), number(&high));
    let same = low[low_ends..] == high[high_ends..];
    format!("{} to {high}", if same { &low[..low_ends] } else { &low })
}

/// The level of an interval as text, rounded down: `95.4%`.
pub fn level_text(level: f64) -> String {
    // The addend makes up for rounding errors of a sum: 0.7 + 0.25 counts as 95%.
    let tenths = (level * 1000.0 + 1e-9).floor();
    format!("{}%", tenths / 10.0)
}

/// The intervals of a column. If all reach the same level, the heading states it; otherwise each
/// interval does.
pub struct Intervals {
    common: Option<String>,
}

impl Intervals {
    pub fn of(intervals: impl IntoIterator<Item = Option<Interval>>) -> Self {
        let mut levels: Vec<String> =
            intervals.into_iter().flatten().map(|interval| level_text(interval.level)).collect();
        levels.dedup();
        Self { common: levels.pop().filter(|_| levels.is_empty()) }
    }

    pub fn heading(&self) -> String {
        self.common.as_ref().map_or("interval".to_owned(), |level| format!("{level} interval"))
    }

    pub fn text(&self, interval: Option<Interval>, text: impl Fn(f64) -> String) -> String {
        let ends = interval_text(interval, text);
        match interval.filter(|_| self.common.is_none()) {
            Some(Interval { level, .. }) => format!("{ends} ({})", level_text(level)),
            None => ends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{ratio, share, time};

    fn interval(low: f64, high: f64, level: f64) -> Option<Interval> {
        Some(Interval { low, high, level })
    }

    #[test]
    fn a_unit_is_said_once() {
        let text =
            |low, high, text: fn(f64) -> String| interval_text(interval(low, high, 0.95), text);
        assert_eq!(text(0.5e-9, 0.6e-9, time), "0.500 to 0.600 ns");
        assert_eq!(text(0.9e-6, 1.1e-6, time), "900 ns to 1.10 µs");
        assert_eq!(text(0.97, 0.981, share), "97.0 to 98.1%");
        assert_eq!(text(-0.01, 0.01, share), "-1.0 to 1.0%");
        assert_eq!(text(0.9, 1.1, ratio), "0.900 to 1.100");
        assert_eq!(interval_text(None, ratio), "-");
    }

    #[test]
    fn a_level_is_said_once_if_it_is_the_same_and_never_rounded_up() {
        let (one, other) = (interval(1.0, 2.0, 0.95407), interval(1.0, 2.0, 0.9999));
        let same = Intervals::of([None, one, one]);
        assert_eq!(
            (&*same.heading(), &*same.text(one, ratio)),
            ("95.4% interval", "1.000 to 2.000")
        );
        let mixed = Intervals::of([one, other, one]);
        assert_eq!(mixed.heading(), "interval");
        assert_eq!(mixed.text(one, ratio), "1.000 to 2.000 (95.4%)");
        assert_eq!(mixed.text(other, ratio), "1.000 to 2.000 (99.9%)");
        assert_eq!(mixed.text(None, ratio), "-");
        assert_eq!(Intervals::of([None]).heading(), "interval");
        assert_eq!((&*level_text(0.95), &*level_text(0.7 + 0.25)), ("95%", "95%"));
    }
}
