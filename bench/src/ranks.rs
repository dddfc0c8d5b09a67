//! The ranks of an MPI job, of which this process is one; or a process on its own.
//!
//! MPI is initialised only if an MPI launcher started several: that takes a quarter of a second, and
//! fails on machines where MPI is installed but not usable. The only rank of a job may be a shell or
//! a script in which `pi` is started many times, and MPI can be initialised in a rank only once.

use crate::exit_code;
use libpi::{Driver, Kernel, Samples};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsString;
use std::fmt;
use std::thread::sleep;
use std::time::Duration;
use world::World;

#[cfg(feature = "mpi")]
mod world;

/// The ranks in a build without MPI: there are none.
#[cfg(not(feature = "mpi"))]
mod world {
    pub(super) enum World {}

    impl World {
        pub(super) fn start() -> Result<Self, String> {
            Err("this pi was built without MPI, so each would count everything; build it where \
                 there is an mpicc, by make, or start it once"
                .to_owned())
        }

        pub(super) fn library() -> Option<String> {
            None
        }

        pub(super) fn rank(&self) -> u32 {
            match *self {}
        }

        pub(super) fn size(&self) -> u32 {
            match *self {}
        }

        pub(super) fn node(&self) -> u32 {
            match *self {}
        }

        pub(super) fn all_gather(&self, _mine: &[u8]) -> Vec<Vec<u8>> {
            match *self {}
        }

        pub(super) fn sum(&self, _mine: u64) -> u64 {
            match *self {}
        }

        pub(super) fn barrier(&self) {
            match *self {}
        }

        pub(super) fn abort(&self, _code: u8) -> ! {
            match *self {}
        }
    }
}

/// The ranks of the job that this process belongs to.
pub(crate) struct Ranks {
    /// The others, if there are any.
    world: Option<World>,
    are_launched: bool,
}

impl Ranks {
    /// Joins the other ranks, if a launcher has started this process.
    ///
    /// # Errors
    /// [`Unusable`] if there are others, but they cannot be reached.
    pub(crate) fn join() -> Result<Self, Unusable> {
        let Some(launcher) = Launcher::find(|name| std::env::var(name).ok()) else {
            return Ok(Self::alone());
        };
        let Launcher { name, rank, size } = launcher;
        if size == 1 {
            return Ok(Self { world: None, are_launched: true });
        }
        let unusable = |reason| Unusable { name, rank, size, reason };
        let world = World::start().map_err(unusable)?;
        if world.size() != size {
            let library = World::library().unwrap_or_default();
            return Err(unusable(format!(
                "{library}, to which it is linked, knows of {}: the launcher belongs to another \
                 MPI; use its own mpiexec (srun: another --mpi), or build pi with the launcher's \
                 mpicc",
                world.size()
            )));
        }
        Ok(Self { world: Some(world), are_launched: true })
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
    pub(crate) fn alone() -> Self {
        Self { world: None, are_launched: false }
    }

    /// This rank, from 0.
    pub(crate) fn rank(&self) -> u32 {
        self.world.as_ref().map_or(0, World::rank)
    }

    /// How many there are.
    pub(crate) fn size(&self) -> u32 {
        self.world.as_ref().map_or(1, World::size)
    }

    /// Whether this is the rank that speaks for all.
    pub(crate) fn is_root(&self) -> bool {
        self.rank() == 0
    }

    /// What tells this rank's node from others: the lowest rank on it.
    pub(crate) fn node(&self) -> u32 {
        self.world.as_ref().map_or(0, World::node)
    }

    /// Everybody's value, by rank.
    pub(crate) fn all<T: Serialize + DeserializeOwned>(&self, mine: T) -> Vec<T> {
        let Some(world) = &self.world else { return vec![mine] };
        let bytes = serde_json::to_vec(&mine).expect("plain data can be written");
        let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).expect("written by a peer");
        world.all_gather(&bytes).into_iter().map(read).collect()
    }

    /// What the first rank that has something to say says.
    pub(crate) fn first(&self, mine: Option<String>) -> Option<String> {
        self.all(mine).into_iter().flatten().next()
    }

    /// What this rank says, with its number if there are others.
    pub(crate) fn named(&self, text: &str) -> String {
        if self.size() == 1 { text.to_owned() } else { format!("rank {}: {text}", self.rank()) }
    }

    /// The sum of everybody's number, modulo 2^64.
    pub(crate) fn sum(&self, mine: u64) -> u64 {
        self.world.as_ref().map_or(mine, |world| world.sum(mine))
    }

    /// Waits for everybody.
    pub(crate) fn wait(&self) {
        if let Some(world) = &self.world {
            world.barrier();
        }
    }

    /// This rank's value if all ranks have one, else the same error on all.
    ///
    /// # Errors
    /// [`Agreed`], with the error of the lowest rank that has one.
    pub(crate) fn agree<T>(&self, mine: anyhow::Result<T>) -> anyhow::Result<T> {
        if self.world.is_none() {
            return mine;
        }
        let error = mine.as_ref().err().map(|error| (exit_code(error), format!("{error:#}")));
        let all = self.all(error);
        let Some((rank, (code, message))) =
            all.iter().enumerate().find_map(|(rank, error)| Some((rank, error.clone()?)))
        else {
            return mine;
        };
        let is_everybodys = all.iter().all(|error| *error == all[0]);
        let message = if is_everybodys { message } else { format!("rank {rank}: {message}") };
        Err(Agreed { code, message }.into())
    }

    /// Checks that something is the same on all ranks.
    ///
    /// # Errors
    /// [`Agreed`], which names what differs.
    pub(crate) fn agree_on(&self, what: &str, mine: &str) -> anyhow::Result<()> {
        let all = self.all(mine.to_owned());
        let differs = all.iter().position(|other| *other != all[0]);
        self.agree(match differs {
            None => Ok(()),
            Some(rank) => Err(anyhow::anyhow!(
                "the ranks disagree about {what}: rank 0 has '{}', rank {rank} has '{}'; start \
                 all alike",
                all[0],
                all[rank]
            )),
        })
    }

    /// Does on the first rank what needs no others; all end as it did.
    ///
    /// # Errors
    /// Those of the first rank; [`Agreed`] if there are others.
    pub(crate) fn on_root(&self, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mine = if self.is_root() { work() } else { Ok(()) };
        if self.world.is_none() {
            return mine;
        }
        let error = mine.err().map(|error| (exit_code(&error), format!("{error:#}")));
        let error = self.all(error).swap_remove(0);
        error.map_or(Ok(()), |(code, message)| Err(Agreed { code, message }.into()))
    }

    /// Refuses to do on several ranks what starts processes, ranks among them, itself.
    ///
    /// # Errors
    /// If there are other ranks.
    pub(crate) fn refuse_others(&self) -> anyhow::Result<()> {
        self.agree(match self.size() {
            1 => Ok(()),
            size => Err(anyhow::anyhow!(
                "a launcher started this on {size} ranks, each of which would measure all: start \
                 it once, without a launcher; `pi bench` starts ranks itself, see its --ranks"
            )),
        })
    }

    /// This rank's arguments, if all have been given the same ones.
    pub(crate) fn arguments(&self, mine: Vec<OsString>) -> anyhow::Result<Vec<OsString>> {
        let text: Vec<_> = mine.iter().skip(1).map(|word| word.to_string_lossy()).collect();
        self.agree_on("their arguments", &text.join(" "))?;
        Ok(mine)
    }

    /// This rank's part of the samples.
    pub(crate) fn part(&self, samples: Samples) -> Samples {
        samples.part(self.rank().into(), self.size().into())
    }

    /// Counts this rank's part of the samples and adds up what all ranks have counted.
    ///
    /// # Errors
    /// As [`lone`](Self::lone).
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

    /// What this rank did by itself. Its error is not agreed upon, since the others may count for
    /// hours before they ask: it is to end the job, see [`abort`](Self::abort).
    ///
    /// # Errors
    /// The rank's own, with its number if there are others.
    pub(crate) fn lone<T>(&self, mine: libpi::Result<T>) -> anyhow::Result<T> {
        let error = |error| match self.size() {
            1 => anyhow::Error::from(error),
            _ => anyhow::Error::from(error).context(format!("rank {}", self.rank())),
        };
        mine.map_err(error)
    }

    /// Ends the job after an error that the other ranks know nothing of.
    pub(crate) fn abort(&self, code: u8) {
        if let Some(world) = &self.world {
            sleep(TO_PASS_ON);
            world.abort(code);
        }
    }
}

/// The time in which a launcher reads what a rank has said: of a job that is ended before, Hydra passes
/// nothing on.
const TO_PASS_ON: Duration = Duration::from_millis(500);

/// Waits so that of several ranks with an error that they do not agree upon the first says it, and
/// ends the job before the others have said it again.
pub(crate) fn wait_for_lower(rank: u32) {
    // Open MPI takes a second or so to end them, on a busy machine more.
    sleep(Duration::from_secs(4) * rank.min(3));
}

/// Why the ranks that a launcher started cannot work together.
pub(crate) struct Unusable {
    name: &'static str,
    pub(crate) rank: u32,
    size: u32,
    reason: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rank, size, reason } = self;
        // Rank 0 may be of another build, and well.
        if *rank > 0 {
            write!(f, "rank {rank}: ")?;
        }
        write!(f, "{name} started {size} ranks of pi, but {reason}")
    }
}

impl Unusable {
    /// Whether this rank says it: where the launcher ends nobody, all of a large job come so far.
    /// One besides the first does, which may be of another build, and well.
    pub(crate) fn speaks(&self) -> bool {
        self.rank < 2
    }

    /// Ends the job without MPI. Most launchers do so when a process ends with an error; Hydra waits
    /// for those who wait in MPI for this one, unless told by the socket that it gave the process.
    pub(crate) fn end_job(&self, code: u8) {
        let socket = std::env::var("PMI_FD").ok().and_then(|number| number.parse().ok());
        let Some(socket) = socket.filter(|_| self.name == PMI) else { return };
        sleep(TO_PASS_ON);
        let order = format!("cmd=abort exitcode={code}\n");
        // SAFETY: the buffer is as long as the size given and is only read. Where the file is not
        // open, or closed at the other end, nobody is there to be told.
        unsafe { libc::write(socket, order.as_ptr().cast(), order.len()) };
    }
}

/// An error that all ranks know of.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) code: u8,
    message: String,
}

impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Agreed {}

/// The launchers that speak PMI.
const PMI: &str = "a PMI launcher (MPICH's Hydra, srun, PALS)";

/// What started this process as one of several.
#[derive(Debug, PartialEq, Eq)]
struct Launcher {
    name: &'static str,
    rank: u32,
    size: u32,
}

impl Launcher {
    /// Read from the environment, where each launcher leaves the rank and the number of ranks:
    /// Open MPI 4 and 5 in variables of their own; Hydra (MPICH, Intel MPI), PALS and Slurm's PMI in
    /// those of PMI; Slurm's PMIx, and Slurm without any, in Slurm's. They come in this order, since
    /// under Slurm the others start their helpers by srun, whose variables the ranks inherit.
    fn find(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name| variable(name)?.parse::<u32>().ok();
        [
            ("Open MPI's launcher", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
            (PMI, "PMI_RANK", "PMI_SIZE"),
            ("srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
        ]
        .into_iter()
        .find_map(|(name, rank, size)| {
            let (rank, size) = (number(rank)?, number(size)?);
            (rank < size).then_some(Self { name, rank, size })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Option<(u32, u32)> {
        let value = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Launcher::find(value).map(|launcher| (launcher.rank, launcher.size))
    }

    #[test]
    fn launchers_are_known_by_what_they_leave_in_the_environment() {
        for (variables, expected) in [
            (&[][..], None),
            (&[("OMPI_COMM_WORLD_RANK", "2"), ("OMPI_COMM_WORLD_SIZE", "4")], Some((2, 4))),
            (&[("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "1")], Some((0, 1))),
            (&[("PMI_RANK", "1"), ("PMI_SIZE", "2"), ("PMI_FD", "7")], Some((1, 2))),
            // srun with PMIx, with PMI2, and without any.
            (
                &[("PMIX_RANK", "3"), ("SLURM_PROCID", "3"), ("SLURM_STEP_NUM_TASKS", "8")],
                Some((3, 8)),
            ),
            (
                &[
                    ("PMI_RANK", "3"),
                    ("PMI_SIZE", "8"),
                    ("SLURM_PROCID", "3"),
                    ("SLURM_STEP_NUM_TASKS", "8"),
                ],
                Some((3, 8)),
            ),
            (&[("SLURM_PROCID", "1"), ("SLURM_STEP_NUM_TASKS", "2")], Some((1, 2))),
            // The script of a batch job, and the shell of an interactive one.
            (&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")], None),
            (&[("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "1")], Some((0, 1))),
            // mpiexec of Open MPI inside of an interactive job.
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("OMPI_COMM_WORLD_RANK", "5"),
                    ("OMPI_COMM_WORLD_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            // The same with a PMI, and mpiexec of MPICH in there.
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("PMI_RANK", "0"),
                    ("PMI_SIZE", "1"),
                ],
                Some((0, 1)),
            ),
            (
                &[
                    ("SLURM_PROCID", "0"),
                    ("SLURM_STEP_NUM_TASKS", "1"),
                    ("PMI_RANK", "5"),
                    ("PMI_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            // mpiexec of MPICH over two nodes: its proxies are the tasks of a step.
            (
                &[
                    ("SLURM_PROCID", "1"),
                    ("SLURM_STEP_NUM_TASKS", "2"),
                    ("PMI_RANK", "5"),
                    ("PMI_SIZE", "6"),
                ],
                Some((5, 6)),
            ),
            (&[("PMI_RANK", "two"), ("PMI_SIZE", "2")], None),
            (&[("PMI_RANK", "0")], None),
        ] {
            assert_eq!(find(variables), expected, "{variables:?}");
        }
    }
}
