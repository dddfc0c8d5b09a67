//! The option `--pin`: where workers run.

use libpi::cpus::cpu_list;
use std::str::FromStr;

/// Where workers run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pin {
    /// As `Cores` if there are several ranks and no quota limits the CPUs, else as `None`.
    Auto,
    /// Each worker gets a CPU of its own.
    Cores,
    /// The system places the workers.
    None,
    /// The workers get these CPUs in this order, rank by rank on each node.
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
    fn pins_are_parsed() {
        assert_eq!("cores".parse(), Ok(Pin::Cores));
        assert_eq!("3,0-1".parse(), Ok(Pin::List(vec![3, 0, 1])));
        for text in ["", "x", "1-", "-1", "0,0", "0-1,1", "9999", "1,,2", "3-1"] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
