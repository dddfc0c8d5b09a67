// Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at
// most, so first + count may be 0: compare no index with the end.
#include <cstdint>

namespace {
// Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem
// that needs random numbers makes them from the seed and the index.
constexpr std::uint64_t counts(std::uint64_t /* seed */, std::uint64_t index) noexcept {
    return index % 3 == 0;
}
} // namespace

// No exception may leave the function.
extern "C" std::uint64_t count_range(std::uint64_t seed, std::uint64_t first,
                                     std::uint64_t count) noexcept {
    std::uint64_t hits = 0;
    for (std::uint64_t i = 0; i < count; i++)
        hits += counts(seed, first + i);
    return hits;
}
