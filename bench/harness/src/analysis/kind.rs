//! The kinds of cells.

/// What a cell measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The time per sample, under a driver.
    Sample,
    /// The time per call across languages.
    Crossing,
    /// The time per sample, in calls that each count a batch of samples.
    Batch,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sample, Self::Crossing, Self::Batch];

    /// The kind of the cells of a generator.
    pub fn of(generator: &str) -> Self {
        match generator {
            "crossing" => Self::Crossing,
            "batch" => Self::Batch,
            _ => Self::Sample,
        }
    }

    /// What the times are divided by.
    pub fn unit(self) -> &'static str {
        if self == Self::Crossing { "call" } else { "sample" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crossings_are_timed_by_the_call() {
        let generators = ["crossing", "batch", "philox", "mine"];
        let expected = [Kind::Crossing, Kind::Batch, Kind::Sample, Kind::Sample];
        assert_eq!(generators.map(Kind::of), expected);
        assert_eq!(expected.map(Kind::unit), ["call", "sample", "sample", "sample"]);
    }
}
