//! The kinds of launchers, and the variables by which each tells a process its place in a job.

use super::source::{RANKS_FROM, Source};
use super::variable::{Variable, own_variable};
use pi_harness::shown::readable;
use std::ffi::OsStr;

/// The variables of a launcher. The order matters: under Slurm the other launchers start their helpers
/// by srun, so their ranks inherit the variables of srun.
pub(super) struct Kind {
    pub(super) source: Source,
    pub(super) name: &'static str,
    pub(super) rank: &'static str,
    pub(super) size: &'static str,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind {
        source: Source::Openmpi,
        name: "Open MPI's launcher",
        rank: "OMPI_COMM_WORLD_RANK",
        size: "OMPI_COMM_WORLD_SIZE",
    },
    Kind {
        source: Source::Pmi,
        name: "a PMI launcher (MPICH's Hydra, srun, PALS)",
        rank: "PMI_RANK",
        size: "PMI_SIZE",
    },
    // Slurm's PMIx, and Slurm without any. The script of a batch job has no step.
    Kind {
        source: Source::Slurm,
        name: "srun",
        rank: "SLURM_PROCID",
        size: "SLURM_STEP_NUM_TASKS",
    },
];

impl Kind {
    /// The rank and the number of ranks, if both variables are set.
    ///
    /// # Errors
    /// If their values make no sense.
    pub(super) fn read(&self, variable: &impl Variable) -> Result<Option<(u32, u32)>, String> {
        let Some((rank, size)) = variable(self.rank).zip(variable(self.size)) else {
            return Ok(None);
        };
        let number = |value: &OsStr| value.to_str().and_then(|text| text.parse::<u32>().ok());
        let place = number(&rank).zip(number(&size)).filter(|(rank, size)| rank < size);
        place.map(Some).ok_or_else(|| {
            format!(
                "{}={} and {}={} are not a rank and a number of ranks",
                self.rank,
                readable(rank),
                self.size,
                readable(size)
            )
        })
    }
}

/// The variables that child processes must not inherit: those of a launcher that the user told this
/// process to ignore, and the variable that told it so. A launcher among the children sets its own.
pub(crate) fn ignored_variables() -> impl Iterator<Item = &'static str> {
    let several = |kind: &&Kind| {
        let place = kind.read(&own_variable);
        place.is_ok_and(|place| place.is_some_and(|(_, size)| size > 1))
    };
    KINDS.iter().filter(several).flat_map(|kind| [kind.rank, kind.size]).chain([RANKS_FROM])
}
