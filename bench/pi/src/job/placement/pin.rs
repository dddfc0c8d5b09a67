//! Where workers shall run, as the option `--pin` says it.

use libpi::cpus::cpu_list;
use std::str::FromStr;

/// Where workers shall run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pin {
    /// On a core each where there are several ranks, if the masks alone decide what may be used; else
    /// as `None`.
    Auto,
    /// On a core each.
    Cores,
    /// Wherever the system puts them.
    None,
    /// On these CPUs, in this order, rank by rank on each node.
    List(Vec<usize>),
}

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cores" => Ok(Self::Cores),
            "none" => Ok(Self::None),
            _ => cpu_list(text).map(Self::List).ok_or_else(|| {
                "it must be auto, cores, none or a list of CPUs such as 0-3,8".to_owned()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_people_write() {
        assert_eq!("cores".parse(), Ok(Pin::Cores));
        assert_eq!("3,0-1".parse(), Ok(Pin::List(vec![3, 0, 1])));
        for text in ["", "x", "1-", "-1", "0,0", "0-1,1", "9999", "1,,2", "3-1"] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
