//! The ranks of an MPI job, with the few collective operations that the command needs.

use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives};

/// All ranks of a job. MPI is finalised when it is dropped.
pub(super) struct World {
    // Rust drops fields in this order: the communicator must not outlive MPI.
    world: SimpleCommunicator,
    node: u32,
    _universe: Universe,
}

impl World {
    /// Initialises MPI for a process with threads in which only the calling thread calls MPI.
    pub(super) fn start() -> Result<Self, String> {
        let (universe, threading) = mpi::initialize_with_threading(Threading::Funneled)
            .ok_or("MPI was initialised before")?;
        if threading < Threading::Funneled {
            return Err("its MPI library does not support threads (MPI_THREAD_FUNNELED)".to_owned());
        }
        let world = universe.world();
        // A rank that panics must not leave the others waiting.
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            report(info);
            mpi::topology::SimpleCommunicator::world().abort(101);
        }));
        let mut node = [0i32];
        let on_node = world.split_shared(0);
        on_node.all_reduce_into(&[world.rank()][..], &mut node[..], SystemOperation::min());
        Ok(Self { node: node[0].unsigned_abs(), world, _universe: universe })
    }

    /// The library's name and version: the beginning of its version text.
    pub(super) fn library() -> Option<String> {
        let text = mpi::environment::library_version().ok()?;
        let start = text.split(['\n', ',']).next()?;
        Some(start.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(super) fn rank(&self) -> u32 {
        self.world.rank().unsigned_abs()
    }

    pub(super) fn size(&self) -> u32 {
        self.world.size().unsigned_abs()
    }

    /// The lowest rank on this rank's node.
    pub(super) fn node(&self) -> u32 {
        self.node
    }

    /// The bytes of all ranks, by rank.
    pub(super) fn all_gather(&self, mine: &[u8]) -> Vec<Vec<u8>> {
        let mut lengths = vec![0i32; self.size() as usize];
        let length = i32::try_from(mine.len()).expect("reports are short");
        self.world.all_gather_into(&[length][..], &mut lengths[..]);
        let starts: Vec<i32> = lengths
            .iter()
            .scan(0, |end, length| {
                let start = *end;
                *end += length;
                Some(start)
            })
            .collect();
        let mut bytes = vec![0u8; lengths.iter().sum::<i32>().unsigned_abs() as usize];
        let mut places = PartitionMut::new(&mut bytes[..], &lengths[..], &starts[..]);
        self.world.all_gather_varcount_into(mine, &mut places);
        let mut rest = &bytes[..];
        lengths
            .iter()
            .map(|length| rest.split_off(..*length as usize).unwrap_or_default().to_vec())
            .collect()
    }

    /// The sums over all ranks, each modulo 2^64.
    pub(super) fn sums<const N: usize>(&self, mine: [u64; N]) -> [u64; N] {
        let mut totals = [0u64; N];
        self.world.all_reduce_into(&mine[..], &mut totals[..], SystemOperation::sum());
        totals
    }

    pub(super) fn barrier(&self) {
        self.world.barrier();
    }

    pub(super) fn abort(&self, code: u8) -> ! {
        self.world.abort(code.into())
    }
}
