#include <cstdint>
#include <stdexcept>

extern "C" std::uint64_t throws(std::uint64_t, std::uint64_t first, std::uint64_t count) {
    if (first == 5 && count > 1)
        throw std::out_of_range("five is right out");
    return 0;
}
