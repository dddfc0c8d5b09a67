// The sampler in C++; OpenMP runs its loop in parallel. pybind11 and nanobind call it.
#pragma once
#include <array>
#include <cstdint>

namespace sampler {

// Philox4x32-10 (Salmon and others, SC11): ten rounds turn the number of a block into four words.
inline std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t block) {
    auto c0 = std::uint32_t(block), c1 = std::uint32_t(block >> 32), c2 = 0u, c3 = 0u;
    auto k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
    for (int round = 0; round < 10; round++) {
        auto p0 = std::uint64_t{0xD2511F53} * c0, p1 = std::uint64_t{0xCD9E8D57} * c2;
        c0 = std::uint32_t(p1 >> 32) ^ c1 ^ k0;
        c1 = std::uint32_t(p1);
        c2 = std::uint32_t(p0 >> 32) ^ c3 ^ k1;
        c3 = std::uint32_t(p0);
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    return {c0, c1, c2, c3};
}

// Two words, read with a sign, are a point. The circle has the radius 2^31.
inline bool inside(std::uint32_t word_x, std::uint32_t word_y) {
    std::int64_t x = std::int32_t(word_x), y = std::int32_t(word_y);
    return std::uint64_t(x * x) + std::uint64_t(y * y) < std::uint64_t{1} << 62;
}

// A block makes the samples 2 * block and 2 * block + 1.
inline bool hit(std::uint64_t seed, std::uint64_t sample) {
    auto word = philox(seed, sample / 2);
    return sample % 2 == 0 ? inside(word[0], word[1]) : inside(word[2], word[3]);
}

// Counts the samples from `first` on that lie inside the circle, on `threads` threads.
inline std::uint64_t hits(std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                          int threads) {
    if (count == 0)
        return 0;
    std::uint64_t hits = 0, last = first + (count - 1);
#pragma omp parallel for num_threads(threads) reduction(+ : hits)
    for (std::uint64_t block = first / 2; block <= last / 2; block++) {
        auto word = philox(seed, block);
        hits += inside(word[0], word[1]) + inside(word[2], word[3]);
    }
    // The first and the last block may reach beyond the range by a sample.
    if (first % 2 == 1)
        hits -= hit(seed, first - 1);
    if (last % 2 == 0)
        hits -= hit(seed, last + 1);
    return hits;
}

} // namespace sampler
