//! What `pi check-kernel` and the process in which it calls the kernel say to each other: a list of steps in
//! JSON on stdin, and one line of JSON for each reply.

use serde::{Deserialize, Serialize};

/// The arguments of one call of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) seed: u64,
    pub(crate) first: u64,
    pub(crate) count: u64,
}

/// What the process does. Each step has one reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Calls once. The reply is [`Reply::Hits`].
    Call(Call),
    /// Makes all calls at once, each on a thread of its own and so many times. The reply is
    /// [`Reply::AtOnce`].
    AtOnce { calls: Vec<Call>, times: u32 },
    /// Calls so many times, in several rounds. The reply is [`Reply::Memory`].
    Repeat { call: Call, times: u32, rounds: u32 },
}

impl Step {
    /// How many calls one CPU makes, if there is only one.
    pub(crate) fn calls(&self) -> u32 {
        match self {
            Self::Call(_) => 1,
            Self::AtOnce { calls, times } => calls.len() as u32 * times,
            Self::Repeat { times, rounds, .. } => times * rounds,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The library is loaded and has the symbol. This is the first reply.
    Loaded,
    /// The library cannot be loaded, or lacks the symbol.
    NotLoaded(String),
    Hits {
        hits: u64,
        nanoseconds: u64,
    },
    /// The least and the largest number of hits that each thread counted.
    AtOnce(Vec<(u64, u64)>),
    /// The resident bytes before the first round and after each round.
    Memory(Vec<u64>),
    /// An exception or a panic left the kernel. The process ends.
    Unwound,
    /// The call of this step returned in a second process too, because the kernel forked.
    Forked(usize),
    /// What differs in the process from before the library was loaded. This is the last reply.
    Left(Vec<Left>),
}

/// Something in its process that the library changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) what: Trace,
    pub(crate) message: String,
}

/// What a library may leave behind in its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Trace {
    Threads,
    Processes,
    SignalHandlers,
    SignalMask,
    FloatingPoint,
    Locale,
    Folder,
    FileMask,
    Environment,
    OpenFiles,
    Cpus,
}

impl Reply {
    pub(crate) fn hits(&self) -> Option<u64> {
        match self {
            Self::Hits { hits, .. } => Some(*hits),
            _ => None,
        }
    }
    pub(crate) fn forked(&self) -> Option<usize> {
        match self {
            Self::Forked(step) => Some(*step),
            _ => None,
        }
    }
}
