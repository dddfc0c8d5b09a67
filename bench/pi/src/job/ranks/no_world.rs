//! The stand-in for MPI in a build without it.

pub(super) enum World {}

impl World {
    pub(super) fn start() -> Result<Self, String> {
        Err("this pi was built without MPI, so each process would count everything; build pi with make \
             where there is an mpicc, or start it once"
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

    pub(super) fn sums<const N: usize>(&self, _mine: [u64; N]) -> [u64; N] {
        match *self {}
    }

    pub(super) fn barrier(&self) {
        match *self {}
    }

    pub(super) fn abort(&self, _code: u8) -> ! {
        match *self {}
    }
}
