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
    /// The time of a parallel region without work.
    Region,
    /// The time of starting a program, to its end.
    Start,
    /// The time per instruction of a micro-kernel, for the bounds.
    Peak,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Sample, Self::Crossing, Self::Batch, Self::Region, Self::Start, Self::Peak];

    /// The kind of the cells of a generator.
    pub fn of(generator: &str) -> Self {
        match generator {
            "crossing" => Self::Crossing,
            "batch" => Self::Batch,
            "parallel-region" => Self::Region,
            "program-start" => Self::Start,
            "peak" => Self::Peak,
            _ => Self::Sample,
        }
    }

    /// What the times are divided by.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Sample | Self::Batch => "sample",
            Self::Crossing => "call",
            Self::Region => "region",
            Self::Start => "start",
            Self::Peak => "instruction",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_timed_by_its_unit() {
        let named = [
            ("crossing", Kind::Crossing, "call"),
            ("batch", Kind::Batch, "sample"),
            ("parallel-region", Kind::Region, "region"),
            ("program-start", Kind::Start, "start"),
            ("peak", Kind::Peak, "instruction"),
            ("philox", Kind::Sample, "sample"),
            ("mine", Kind::Sample, "sample"),
        ];
        for (generator, kind, unit) in named {
            assert_eq!((Kind::of(generator), Kind::of(generator).unit()), (kind, unit));
        }
    }
}
