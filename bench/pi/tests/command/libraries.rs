//! Shared libraries that tests compile.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// The kernel of philox as a person writes it. `FROM` may change where it starts.
pub const PHILOX: &str = "
#ifndef FROM
#define FROM first
#endif
uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    for (uint64_t n = 0; n < count; n++) {
        uint64_t index = (FROM) + n;
        uint32_t c0 = (uint32_t)(index / 2), c1 = (uint32_t)(index / 2 >> 32), c2 = 0, c3 = 0;
        uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = UINT64_C(0xD2511F53) * c0, p1 = UINT64_C(0xCD9E8D57) * c2;
            c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint32_t)p1;
            c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint32_t)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        int64_t x = (int32_t)(index % 2 ? c2 : c0), y = (int32_t)(index % 2 ? c3 : c1);
        hits += ((uint64_t)(x * x) + (uint64_t)(y * y)) >> 62 == 0;
    }
    return hits;
}";

/// A problem: the multiples of 3.
pub const THIRDS: &str = "
uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed;
    uint64_t hits = 0;
    for (uint64_t n = 0; n < count; n++) hits += (first + n) % 3 == 0;
    return hits;
}";

/// The same, but wrong for numbers from 2^31 on.
pub const THIRDS_OF_INT: &str = "
uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed;
    uint64_t hits = 0;
    for (uint64_t n = 0; n < count; n++) {
        int32_t number = (int32_t)(first + n);
        hits += number >= 0 && number % 3 == 0;
    }
    return hits;
}";

/// A kernel that takes a microsecond for each sample. `HITS` may change what it returns.
pub const SLOW: &str = "
#include <stdlib.h>
#include <unistd.h>
#ifndef HITS
#define HITS 0
#endif
uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed;
    (void)first;
    usleep((unsigned)count);
    return HITS;
}";

/// A folder with libraries.
pub struct Libraries(TempDir);

impl Libraries {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Compiles C, with these arguments.
    pub fn add(&self, name: &str, source: &str, arguments: &[&str]) -> &Self {
        let file = self.path(&format!("{name}.c"));
        fs::write(&file, format!("#include <stdint.h>\n{source}\n")).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(self.path(name)).arg(&file);
        assert!(compiler.args(arguments).status().unwrap().success());
        self
    }

    pub fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    /// The command in this folder, with these arguments.
    pub fn pi(&self, arguments: &str) -> assert_cmd::Command {
        let mut pi = crate::run::pi();
        pi.current_dir(self.0.path()).args(arguments.split_whitespace());
        pi
    }
}
