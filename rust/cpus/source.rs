//! What says how many CPUs may be used, or how many threads to start.

/// Whether a source limits the CPUs that may be used, or asks for a number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A limit: the smallest one holds.
    Limit,
    /// A request: the first one given is followed.
    Request,
}

/// One thing that says how many CPUs may, or how many threads shall, be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What it is: `affinity mask`, `cgroup quota`, or the name of an environment variable.
    pub name: &'static str,
    /// Limit or request.
    pub role: Role,
    /// The number, if it says one. Quotas may be fractions.
    pub value: Option<f64>,
    /// Where the number was read, or why there is none.
    pub detail: String,
}
