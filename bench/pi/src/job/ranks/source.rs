//! Which launcher's variables tell pi its place in a job: the choice of the user.

use super::variable::Variable;
use clap::ValueEnum;
use pi_harness::shown::readable;

/// The variables that tell this process that it is one of several ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// The first launcher of this list whose variables are set; without any, pi runs alone
    Auto,
    /// No launcher: pi runs alone, whatever the variables say
    None,
    /// Open MPI: OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE
    Openmpi,
    /// MPICH, Intel MPI, PALS and srun --mpi=pmi2: PMI_RANK and PMI_SIZE
    Pmi,
    /// srun: SLURM_PROCID and SLURM_STEP_NUM_TASKS
    Slurm,
}

/// The variable that chooses the launcher if the option does not.
pub(crate) const RANKS_FROM: &str = "LIBPI_RANKS_FROM";

impl Source {
    /// The option's choice, or the variable's if there is no option.
    ///
    /// # Errors
    /// If the variable has an unknown value, even if the option overrides it.
    pub(crate) fn chosen(option: Option<Self>, variable: impl Variable) -> Result<Self, String> {
        let Some(value) = variable(RANKS_FROM).filter(|value| !value.is_empty()) else {
            return Ok(option.unwrap_or(Self::Auto));
        };
        let known = value.to_str().and_then(|text| Self::from_str(text, false).ok());
        let known = known.ok_or_else(|| {
            let values = Self::value_variants().iter().filter_map(Self::to_possible_value);
            let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
            format!("{RANKS_FROM}={}: it must be one of {}", readable(value), names.join(", "))
        })?;
        Ok(option.unwrap_or(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn an_option_goes_before_the_variable_and_both_are_checked() {
        let chosen = |option, value: Option<&[u8]>| {
            let value = value.map(|value| OsStr::from_bytes(value).to_owned());
            Source::chosen(option, |_: &str| value.clone())
        };
        assert_eq!(chosen(None, None), Ok(Source::Auto));
        assert_eq!(chosen(None, Some(b"")), Ok(Source::Auto));
        assert_eq!(chosen(None, Some(b"none")), Ok(Source::None));
        assert_eq!(chosen(Some(Source::Slurm), Some(b"none")), Ok(Source::Slurm));
        for option in [None, Some(Source::None)] {
            for value in [&b"nobody"[..], b"None", b"none ", b"\xff"] {
                let error = chosen(option, Some(value)).unwrap_err();
                assert!(error.contains("auto, none, openmpi, pmi, slurm"), "{error}");
                assert!(error.contains(&readable(OsStr::from_bytes(value))), "{error}");
            }
        }
    }
}
