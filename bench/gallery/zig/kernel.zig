//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
//! [first, first + count).
//!
//!     python -m ziglang build-lib -dynamic -O ReleaseFast -mcpu=x86_64_v3 kernel.zig
const std = @import("std");

/// A word of 32 bits lies in a lane of 64 bits, so that a product of two words needs no shuffles.
/// Several vectors of the CPU are in flight at once.
const lanes = 16;
fn Vector(comptime n: usize) type {
    return @Vector(n, u64);
}

/// The words of `n` consecutive blocks; a block has two samples, (w0, w1) and (w2, w3).
fn blocks(comptime n: usize, seed: u64, first: u64) [4]Vector(n) {
    const V = Vector(n);
    const low: V = @splat(0xFFFFFFFF);
    const half: @Vector(n, u6) = @splat(32);
    const index = @as(V, @splat(first)) +% std.simd.iota(u64, n);
    var w = [4]V{ index & low, index >> half, @splat(0), @splat(0) };
    var key0: u32 = @truncate(seed);
    var key1: u32 = @truncate(seed >> 32);
    inline for (0..10) |_| {
        const product0 = (w[0] & low) * @as(V, @splat(0xD2511F53));
        const product1 = (w[2] & low) * @as(V, @splat(0xCD9E8D57));
        w[0] = (product1 >> half) ^ w[1] ^ @as(V, @splat(key0));
        w[1] = product1 & low;
        w[2] = (product0 >> half) ^ w[3] ^ @as(V, @splat(key1));
        w[3] = product0 & low;
        key0 +%= 0x9E3779B9;
        key1 +%= 0xBB67AE85;
    }
    return w;
}

/// The square of each word, read as signed.
fn square(comptime n: usize, words: Vector(n)) Vector(n) {
    const narrow: @Vector(n, i32) = @bitCast(@as(@Vector(n, u32), @truncate(words)));
    const wide: @Vector(n, i64) = narrow;
    return @bitCast(wide *% wide);
}

/// 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit.
fn misses(comptime n: usize, x: Vector(n), y: Vector(n)) Vector(n) {
    const sum = square(n, x) +% square(n, y) +% @as(Vector(n), @splat(1 << 62));
    return sum >> @as(@Vector(n, u6), @splat(63));
}

/// One sample after the other, for the ends of a range.
fn edge(seed: u64, first: u64, count: u64) u64 {
    var hits = count;
    for (0..count) |i| {
        const sample = first +% i;
        const w = blocks(1, seed, sample / 2);
        hits -= if (sample % 2 == 0) misses(1, w[0], w[1])[0] else misses(1, w[2], w[3])[0];
    }
    return hits;
}

export fn philox(seed: u64, first: u64, count: u64) u64 {
    const odd = @min(first % 2, count);
    const groups = (count - odd) / (2 * lanes);
    const body = 2 * lanes * groups;
    var sum: Vector(lanes) = @splat(0);
    for (0..groups) |group| {
        const w = blocks(lanes, seed, first / 2 + odd +% lanes * group);
        sum += misses(lanes, w[0], w[1]) + misses(lanes, w[2], w[3]);
    }
    const edges = edge(seed, first, odd) + edge(seed, first +% odd +% body, count - odd - body);
    return edges + body - @reduce(.Add, sum);
}
