// Calls from C++: caller HOW SEED FIRST COUNT WARMUP RUNS prints a line for each run. See
// GUESTS.md.
#include "libpi.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

using u64 = std::uint64_t;

extern "C" u64 libpi_callee_c(u64 seed, u64 first, u64 count);

static u64 without_call(u64 seed, u64 first, u64 count) {
    u64 answer = seed;
    for (u64 i = 0; i < count; i++)
        answer = ((3 * answer) ^ (first + i)) - 1;
    return answer;
}

static u64 shared(u64 seed, u64 first, u64 count) {
    u64 answer = seed;
    for (u64 i = 0; i < count; i++)
        answer = libpi_callee_c(answer, first + i, 1);
    return answer;
}

static u64 checked(u64 seed, u64 first, u64 count) {
    u64 answered = 0;
    for (u64 i = 0; i < count; i++) {
        u64 hits = 1;
        if (libpi_hits_with("c", "serial", LIBPI_PHILOX, seed, first + i, 0, 1, &hits) == LIBPI_OK)
            answered += hits == 0;
    }
    return answered;
}

int main(int, char **words) {
    const std::map<std::string, u64 (*)(u64, u64, u64)> loops{
        {"floor", without_call}, {"shared", shared}, {"checked", checked}};
    // The compiler cannot see which loop this is, so it leaves the call between the two clocks.
    u64 (*volatile loop)(u64, u64, u64) = loops.at(words[1]);
    const u64 seed = std::stoull(words[2]), first = std::stoull(words[3]);
    const u64 count = std::stoull(words[4]);
    const int warmup = std::stoi(words[5]), runs = std::stoi(words[6]);
    for (int run = -warmup; run < runs; run++) {
        const auto start = std::chrono::steady_clock::now();
        const u64 answer = loop(seed, first, count);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        if (run >= 0)
            std::printf("run %.9f %llu\n", seconds.count(),
                        static_cast<unsigned long long>(answer));
    }
}
