//! Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can fail.
//!
//!     python -m ziglang build-exe -lc -lpi client.zig
const std = @import("std");

// The part of libpi.h that is used here.
extern fn libpi_hits(generator: i32, seed: u64, first: u64, count: u64, threads: i32, hits: *u64) i32;
extern fn libpi_drive_context(
    driver: [*:0]const u8,
    kernel: *const fn (context: *anyopaque, first: u64, count: u64, hits: *u64) callconv(.c) i32,
    context: *anyopaque,
    first: u64,
    count: u64,
    block: u64,
    threads: i32,
    hits: *u64,
) i32;
extern fn libpi_last_error() [*:0]const u8;
extern fn libpi_last_kernel_error() i32;
extern "c" fn printf(format: [*:0]const u8, ...) c_int;
const philox = 1;
const npb = 2;
const kernel_failed = 15;
const forbidden_index = 42; // a number of our own
fn check(status: i32) error{Libpi}!void {
    if (status != 0) {
        _ = printf("error %d: %s\n", status, libpi_last_error());
        return error.Libpi;
    }
}

const Multiples = struct {
    divisor: u64,
    forbidden: u64,

    fn count(self: Multiples, first: u64, number: u64) error{Forbidden}!u64 {
        var hits: u64 = 0;
        for (0..number) |i| {
            if (first + i == self.forbidden) return error.Forbidden;
            hits += @intFromBool((first + i) % self.divisor == 0);
        }
        return hits;
    }

    /// The kernel that libpi calls. No error may pass through libpi, so its number does.
    fn kernel(context: *anyopaque, first: u64, number: u64, hits: *u64) callconv(.c) i32 {
        const self: *Multiples = @ptrCast(@alignCast(context));
        hits.* = self.count(first, number) catch |failure| switch (failure) {
            error.Forbidden => return forbidden_index,
        };
        return 0;
    }
};

/// Counts the multiples of 7 among the first million numbers, on two threads.
fn drive(forbidden: u64) error{ Libpi, Forbidden }!void {
    var multiples = Multiples{ .divisor = 7, .forbidden = forbidden };
    var hits: u64 = 0;
    const status = libpi_drive_context("threads", Multiples.kernel, &multiples, 0, 1000000, 0, 2, &hits);
    if (status == kernel_failed) {
        _ = printf("error %d, kernel's %d: ", status, libpi_last_kernel_error());
        return error.Forbidden;
    }
    try check(status);
    _ = printf("%llu of 1000000 numbers are multiples of 7\n", hits);
}

pub fn main() void {
    var hits: u64 = 0;
    check(libpi_hits(philox, 42, 0, 1000000, 0, &hits)) catch {};
    _ = printf("%llu of 1000000 samples are hits\n", hits);
    check(libpi_hits(npb, 42, 0, 1000000, 0, &hits)) catch {}; // NPB's seeds are odd.
    drive(1000000) catch {};
    drive(500000) catch |failure| switch (failure) {
        error.Forbidden => _ = printf("index 500000 is forbidden\n"),
        error.Libpi => {},
    };
}
