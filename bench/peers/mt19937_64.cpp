// A peer: C++'s std::mt19937_64 with std::uniform_real_distribution, on std::thread. Each thread
// has an engine of its own.
#include "peer.h"

#include <random>
#include <thread>
#include <vector>

extern "C" {

static uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    std::mt19937_64 engine(peer_seed(seed, first));
    std::uniform_real_distribution<double> coordinate(-1, 1);
    uint64_t hits = 0;
    for (uint64_t sample = 0; sample < count; sample++) {
        double x = coordinate(engine), y = coordinate(engine);
        hits += x * x + y * y < 1;
    }
    return hits;
}

static uint64_t on_threads(peer_count *count_part, uint64_t seed, uint64_t first, uint64_t count,
                           int threads) {
    std::vector<uint64_t> hits(threads);
    std::vector<std::thread> workers;
    for (int part = 0; part < threads; part++) {
        workers.emplace_back([=, &hits] {
            uint64_t begin = peer_part(first, count, part, threads);
            uint64_t end = peer_part(first, count, part + 1, threads);
            hits[part] = count_part(seed, begin, end - begin);
        });
    }
    uint64_t sum = 0;
    for (int part = 0; part < threads; part++) {
        workers[part].join();
        sum += hits[part];
    }
    return sum;
}
}

int main() {
    const peer_kernel kernels[] = {{"mt19937_64", count_hits}, {nullptr, nullptr}};
    return peer_answer(0, "libstdc++ " __VERSION__, kernels, "threads", on_threads);
}
