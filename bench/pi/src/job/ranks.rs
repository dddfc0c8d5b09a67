//! The ranks of an MPI job, of which this process is one; or a process on its own.
//!
//! MPI is initialised only if an MPI launcher started several: that takes a quarter of a second, and
//! fails on machines where MPI is installed but not usable. The only rank of a job may be a shell or
//! a script in which `pi` is started many times, and MPI can be initialised in a rank only once.

use crate::early_end;
use group::Group;
use joining::Unusable;
use launcher::{Launcher, TO_PASS_ON};
use libpi::{Driver, Kernel, Samples};
use std::thread::sleep;
use std::time::Duration;
use world::World;

mod agreement;
mod contact;
pub(crate) mod group;
pub(crate) mod job;
pub(crate) mod joining;
pub(crate) mod kinds;
pub(crate) mod launcher;
pub(crate) mod source;
mod variable;
#[cfg_attr(not(feature = "mpi"), path = "ranks/no_world.rs")]
mod world;

/// The ranks of the job that this process belongs to.
pub(crate) struct Ranks {
    /// The others, if there are any.
    world: Option<World>,
    are_launched: bool,
}

impl Ranks {
    /// Joins the other ranks, if the launcher started several. Waits for them for `limit` at most.
    ///
    /// # Errors
    /// If MPI cannot reach them.
    pub(crate) fn join(launcher: Option<&Launcher>, limit: Duration) -> Result<Self, Unusable> {
        let others = launcher.filter(|launcher| launcher.size > 1);
        let world = others.map(|launcher| joining::join(launcher, limit)).transpose()?;
        Ok(Self { world, are_launched: launcher.is_some() })
    }

    /// The MPI library that this build is linked to.
    pub(crate) fn library() -> Option<String> {
        World::library()
    }

    /// Whether a launcher of MPI started this process, even if alone.
    pub(crate) fn are_launched(&self) -> bool {
        self.are_launched
    }

    /// A process that belongs to no job.
    #[cfg(test)]
    pub(crate) fn alone() -> Self {
        Self { world: None, are_launched: false }
    }

    /// This rank, from 0.
    pub(crate) fn rank(&self) -> u32 {
        self.everyone().rank()
    }

    /// How many there are.
    pub(crate) fn size(&self) -> u32 {
        self.everyone().size()
    }

    /// Whether this is the rank that speaks for all.
    pub(crate) fn is_root(&self) -> bool {
        self.rank() == 0
    }

    /// All ranks of the job.
    pub(crate) fn everyone(&self) -> Group<'_> {
        Group(self.world.as_ref().map(|world| &world.all))
    }

    /// The ranks on the node of this rank.
    pub(crate) fn on_node(&self) -> Group<'_> {
        Group(self.world.as_ref().map(|world| &world.on_node))
    }

    /// A text of this rank, with its number if there are other ranks.
    pub(crate) fn named(&self, text: &str) -> String {
        if self.size() == 1 { text.to_owned() } else { format!("rank {}: {text}", self.rank()) }
    }

    /// The sum of the numbers of all ranks, modulo 2^64.
    pub(crate) fn sum(&self, mine: u64) -> u64 {
        let [total] = self.sums([mine]);
        total
    }

    /// The sums of several numbers of all ranks, each modulo 2^64, for the price of one.
    pub(crate) fn sums<const N: usize>(&self, mine: [u64; N]) -> [u64; N] {
        self.everyone().sums(mine)
    }

    /// Waits for all ranks.
    pub(crate) fn wait(&self) {
        if let Some(world) = &self.world {
            world.barrier();
        }
    }

    /// This rank's part of the samples.
    pub(crate) fn part(&self, samples: Samples) -> Samples {
        samples.part(self.rank().into(), self.size().into())
    }

    /// Counts this rank's part of the samples, and adds up the hits of all ranks.
    ///
    /// # Errors
    /// The error of [`lone`](Self::lone).
    pub(crate) fn hits(
        &self,
        kernel: &Kernel,
        driver: &Driver,
        seed: u64,
        samples: Samples,
        threads: u32,
    ) -> anyhow::Result<u64> {
        let hits = kernel.hits(driver, seed, self.part(samples), threads);
        Ok(self.sum(self.lone(hits)?))
    }

    /// The result of work that this rank did alone. The ranks do not agree on its error, because the others
    /// may count for hours: the error must end the job, see [`end_job`](Self::end_job).
    ///
    /// # Errors
    /// The error of this rank, with its number if there are other ranks.
    pub(crate) fn lone<T>(&self, mine: libpi::Result<T>) -> anyhow::Result<T> {
        let error = |error| match self.size() {
            1 => anyhow::Error::from(error),
            _ => anyhow::Error::from(error).context(format!("rank {}", self.rank())),
        };
        mine.map_err(error)
    }

    /// Prints an error by `say`, and ends the job. The other ranks may have the same error or none: the
    /// lowest rank prints it and ends the job before the others print theirs. Returns the exit code
    /// that `say` returns.
    pub(crate) fn end_job(&self, say: impl FnOnce() -> u8) -> u8 {
        sleep(joining::wait_for_lower(self.rank()));
        let code = say();
        // A closed pipe is not an error, and the job goes on.
        if let Some(world) = self.world.as_ref().filter(|_| code != 0) {
            sleep(TO_PASS_ON);
            early_end::allow();
            world.abort(code);
        }
        code
    }
}
