//! Calls from Zig: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See GUESTS.md.
const std = @import("std");

extern fn libpi_callee_c(seed: u64, first: u64, count: u64) u64;
extern fn libpi_hits_with(
    kernel: [*:0]const u8,
    driver: [*:0]const u8,
    generator: i32,
    seed: u64,
    first: u64,
    count: u64,
    threads: c_int,
    hits: *u64,
) i32;
const philox = 1;
const ok = 0;

fn withoutCall(seed: u64, first: u64, count: u64) u64 {
    var answer = seed;
    for (0..count) |i| answer = ((answer *% 3) ^ (first +% i)) -% 1;
    return answer;
}

fn shared(seed: u64, first: u64, count: u64) u64 {
    var answer = seed;
    for (0..count) |i| answer = libpi_callee_c(answer, first +% i, 1);
    return answer;
}

fn checked(seed: u64, first: u64, count: u64) u64 {
    var answered: u64 = 0;
    for (0..count) |i| {
        var hits: u64 = 1;
        const status = libpi_hits_with("c", "serial", philox, seed, first +% i, 0, 1, &hits);
        if (status == ok and hits == 0) answered += 1;
    }
    return answered;
}

const Loop = *const fn (u64, u64, u64) u64;

fn loopOf(how: []const u8) ?Loop {
    if (std.mem.eql(u8, how, "floor")) return withoutCall;
    if (std.mem.eql(u8, how, "shared")) return shared;
    if (std.mem.eql(u8, how, "checked")) return checked;
    return null;
}

// The C library's names are the same in every version of Zig.
const Instant = extern struct { seconds: c_long, nanoseconds: c_long };
extern fn clock_gettime(clock: c_int, now: *Instant) c_int;
extern fn strtoull(text: [*:0]const u8, end: ?*[*:0]u8, base: c_int) c_ulonglong;
extern fn printf(format: [*:0]const u8, ...) c_int;
const monotonic = 1;

fn now() f64 {
    var instant: Instant = undefined;
    _ = clock_gettime(monotonic, &instant);
    const seconds: f64 = @floatFromInt(instant.seconds);
    const nanoseconds: f64 = @floatFromInt(instant.nanoseconds);
    return seconds + nanoseconds * 1e-9;
}

pub export fn main(argc: c_int, argv: [*][*:0]u8) c_int {
    if (argc != 7) return 2;
    var loop = loopOf(std.mem.span(argv[1])) orelse return 2;
    // The compiler cannot see which loop this is, so it leaves the call between the two clocks.
    std.mem.doNotOptimizeAway(&loop);
    var numbers: [5]u64 = undefined;
    for (argv[2..7], &numbers) |word, *number| number.* = strtoull(word, null, 10);
    const seed, const first, const count, const warmup, const runs = numbers;
    for (0..warmup + runs) |run| {
        const start = now();
        const answer = loop(seed, first, count);
        const seconds = now() - start;
        if (run >= warmup) _ = printf("run %.9f %llu\n", seconds, answer);
    }
    return 0;
}
