//! The ranks of an MPI job, and the few operations that the command needs of MPI.

use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Equivalence, Root, Source};

/// All ranks of a job. MPI is finalised when it is dropped.
pub(super) struct World {
    // Rust drops fields in this order: the communicators must not outlive MPI.
    pub(super) all: Members,
    /// The ranks on the node of this rank.
    pub(super) on_node: Members,
    _universe: Universe,
}

/// Some ranks of a job, numbered from 0 in the order of their ranks.
pub(super) struct Members(SimpleCommunicator);

/// A number that MPI can add up and compare.
pub(crate) trait Number: Equivalence + Copy + Default {
    /// What ranks compare in its place. MPICH 4.0 compares unsigned integers of 64 bits as if they had a
    /// sign, so these are sent as integers with a sign, in the same order.
    type Compared: Equivalence + Copy + Default;

    fn compared(self) -> Self::Compared;
    fn of_compared(compared: Self::Compared) -> Self;
}

impl Number for u64 {
    type Compared = i64;

    fn compared(self) -> i64 {
        (self ^ 1 << 63).cast_signed()
    }

    fn of_compared(compared: i64) -> Self {
        compared.cast_unsigned() ^ 1 << 63
    }
}

impl Number for f64 {
    type Compared = Self;

    fn compared(self) -> Self {
        self
    }

    fn of_compared(compared: Self) -> Self {
        compared
    }
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
        let on_node = Members(world.split_shared(world.rank()));
        Ok(Self { all: Members(world), on_node, _universe: universe })
    }

    /// The library's name and version: the beginning of its version text.
    pub(super) fn library() -> Option<String> {
        let text = mpi::environment::library_version().ok()?;
        let start = text.split(['\n', ',']).next()?;
        Some(start.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(super) fn barrier(&self) {
        self.all.0.barrier();
    }

    pub(super) fn abort(&self, code: u8) -> ! {
        self.all.0.abort(code.into())
    }
}

impl Members {
    /// The number of this process among them.
    pub(super) fn rank(&self) -> u32 {
        self.0.rank().unsigned_abs()
    }

    pub(super) fn size(&self) -> u32 {
        self.0.size().unsigned_abs()
    }

    /// The sums, of integers modulo 2^64.
    pub(super) fn sums<T: Number>(&self, mine: &[T], totals: &mut [T]) {
        self.0.all_reduce_into(mine, totals, SystemOperation::sum());
    }

    pub(super) fn maxima<T: Number>(&self, mine: &[T], largest: &mut [T]) {
        let mine: Vec<T::Compared> = mine.iter().map(|number| number.compared()).collect();
        let mut all = vec![T::Compared::default(); mine.len()];
        self.0.all_reduce_into(&mine[..], &mut all[..], SystemOperation::max());
        for (largest, all) in largest.iter_mut().zip(all) {
            *largest = T::of_compared(all);
        }
    }

    pub(super) fn unions(&self, mine: &[u64], all: &mut [u64]) {
        self.0.all_reduce_into(mine, all, SystemOperation::bitwise_or());
    }

    /// The bytes of member `from`, for all.
    pub(super) fn broadcast(&self, from: u32, mine: &[u8]) -> Vec<u8> {
        let from = self.0.process_at_rank(from.cast_signed());
        let mut length = [mine.len() as u64];
        from.broadcast_into(&mut length[..]);
        let mut bytes = mine.to_vec();
        bytes.resize(length[0] as usize, 0);
        from.broadcast_into(&mut bytes[..]);
        bytes
    }

    /// Sends bytes to member 0.
    pub(super) fn send_to_first(&self, bytes: &[u8]) {
        self.0.process_at_rank(0).send(bytes);
    }

    /// Receives what a member has sent to member 0, which is this one. Returns the sender and the bytes.
    pub(super) fn receive(&self) -> (u32, Vec<u8>) {
        let (bytes, status) = self.0.any_process().receive_vec();
        (status.source_rank().unsigned_abs(), bytes)
    }

    /// The bytes of all members, in order, for all.
    pub(super) fn all_gather(&self, mine: &[u8]) -> Vec<Vec<u8>> {
        let mut lengths = vec![0i32; self.size() as usize];
        let length = i32::try_from(mine.len()).expect("reports are short");
        self.0.all_gather_into(&[length][..], &mut lengths[..]);
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
        self.0.all_gather_varcount_into(mine, &mut places);
        let mut rest = &bytes[..];
        lengths
            .iter()
            .map(|length| rest.split_off(..*length as usize).unwrap_or_default().to_vec())
            .collect()
    }
}
