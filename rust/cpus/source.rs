//! A source: something that limits the number of usable CPUs or requests a number of threads.

/// Whether a source limits the CPUs that may be used or requests a number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A limit. The smallest limit decides.
    Limit,
    /// A request. The first request that is set decides.
    Request,
}

/// A source of the number of CPUs or threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name: `affinity mask`, `cgroup v2 quota`, or the name of an environment variable.
    pub name: &'static str,
    /// Whether it is a limit or a request.
    pub role: Role,
    /// The number, if the source has one. Quotas may be fractions.
    pub value: Option<f64>,
    /// Where the number was read, or why there is none.
    pub detail: String,
}
