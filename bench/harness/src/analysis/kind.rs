//! What a cell is a cell of.

/// What the time of a cell is the time of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A sample, under a driver.
    Sample,
    /// A call across languages.
    Crossing,
    /// A sample, in calls of so many.
    Batch,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sample, Self::Crossing, Self::Batch];

    /// That of a cell's generator.
    pub fn of(generator: &str) -> Self {
        match generator {
            "crossing" => Self::Crossing,
            "batch" => Self::Batch,
            _ => Self::Sample,
        }
    }

    /// The unit of its times.
    pub fn unit(self) -> &'static str {
        if self == Self::Crossing { "call" } else { "sample" }
    }
}
