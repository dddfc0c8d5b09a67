// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
// [first, first + count).
//
//     c++ -std=c++17 -O3 -march=x86-64-v3 -shared -fPIC kernel.cpp -o kernel.so
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>

namespace {
using Word = std::uint32_t;

// gcc makes a 64-bit product of 32-bit lanes by AVX2 with more shuffles than products. A product
// that is built from 16-bit halves, which never overflow, needs no shuffles.
#if defined __AVX2__ && !defined __AVX512F__ && !defined __clang__
constexpr std::size_t lanes = 32;
constexpr Word high(Word a, Word b) {
    Word a0 = a & 0xFFFF, a1 = a >> 16, b0 = b & 0xFFFF, b1 = b >> 16;
    Word middle = a1 * b0 + (a0 * b0 >> 16), carry = a0 * b1 + (middle & 0xFFFF);
    return a1 * b1 + (middle >> 16) + (carry >> 16);
}
#else
constexpr std::size_t lanes = 64;
constexpr Word high(Word a, Word b) { return static_cast<Word>(std::uint64_t{a} * b >> 32); }
#endif

// 1 if x^2 + y^2 >= 2^62, else 0: adding 2^62 carries a miss into the top bit. Words are signed.
constexpr std::uint64_t miss(Word x, Word y) {
    std::int64_t a = static_cast<std::int32_t>(x), b = static_cast<std::int32_t>(y);
    auto sum = static_cast<std::uint64_t>(a * a) + static_cast<std::uint64_t>(b * b);
    return (sum + (std::uint64_t{1} << 62)) >> 63;
}

// The words of N consecutive blocks, two samples each. Every loop over the lanes becomes vector
// instructions. Vectors that cross a cache line would be slower.
template <std::size_t N> struct Blocks {
    alignas(64) std::array<Word, N> c0, c1, c2, c3;
    Blocks(std::uint64_t seed, std::uint64_t first) {
        auto k0 = static_cast<Word>(seed), k1 = static_cast<Word>(seed >> 32);
        for (std::size_t l = 0; l < N; l++) {
            c0[l] = static_cast<Word>(first + l);
            c1[l] = static_cast<Word>((first + l) >> 32);
            c2[l] = c3[l] = 0;
        }
#pragma GCC unroll 10
        for (int round = 0; round < 10; round++, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
            for (std::size_t l = 0; l < N; l++) {
                Word high0 = high(c0[l], 0xD2511F53), high1 = high(c2[l], 0xCD9E8D57);
                Word low0 = c0[l] * 0xD2511F53, low1 = c2[l] * 0xCD9E8D57;
                c0[l] = high1 ^ c1[l] ^ k0, c1[l] = low1;
                c2[l] = high0 ^ c3[l] ^ k1, c3[l] = low0;
            }
    }
};

// One sample after the other, for the ends of a range.
std::uint64_t edge(std::uint64_t seed, std::uint64_t first, std::uint64_t count) {
    std::uint64_t hits = count;
    for (; count > 0; count--, first++) {
        Blocks<1> b(seed, first / 2);
        hits -= first % 2 == 0 ? miss(b.c0[0], b.c1[0]) : miss(b.c2[0], b.c3[0]);
    }
    return hits;
}
} // namespace

extern "C" std::uint64_t philox(std::uint64_t seed, std::uint64_t first, std::uint64_t count) {
    std::uint64_t odd = count > 0 ? first % 2 : 0, rest = (count - odd) % (2 * lanes);
    std::uint64_t hits = edge(seed, first, odd) + edge(seed, first + count - rest, rest);
    alignas(64) std::array<std::uint64_t, lanes> misses{};
    for (std::uint64_t block = first / 2 + odd, left = (count - odd) / 2; left >= lanes;
         block += lanes, left -= lanes) {
        Blocks<lanes> b(seed, block);
        for (std::size_t l = 0; l < lanes; l++)
            misses[l] += miss(b.c0[l], b.c1[l]) + miss(b.c2[l], b.c3[l]);
    }
    return std::accumulate(misses.begin(), misses.end(), hits + count - odd - rest, std::minus<>());
}
