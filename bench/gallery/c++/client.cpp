// Calls libpi.so: counts, shows an error, and has a kernel of its own counted, which can throw.
//
//     c++ -std=c++17 client.cpp -lpi -o client
#include <cstdint>
#include <exception>
#include <iostream>
#include <libpi.h>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {
// What libpi says about a status, as an exception.
void check(libpi_status status) {
    if (status != LIBPI_OK)
        throw std::runtime_error("error " + std::to_string(status) + ": " + libpi_last_error());
}

// The context of the kernel: what it counts, and the first exception that a thread has thrown.
struct Multiples {
    std::uint64_t divisor, forbidden;
    std::once_flag once{};
    std::exception_ptr thrown{};

    std::uint64_t count(std::uint64_t first, std::uint64_t number) const {
        std::uint64_t hits = 0;
        for (std::uint64_t index = first; index - first < number; index++) {
            if (index == forbidden)
                throw std::domain_error("index " + std::to_string(index) + " is forbidden");
            hits += index % divisor == 0;
        }
        return hits;
    }
};

// No exception may pass through libpi, so this keeps it for the caller.
extern "C" std::int32_t kernel(void *context, std::uint64_t first, std::uint64_t count,
                               std::uint64_t *hits) {
    auto &multiples = *static_cast<Multiples *>(context);
    try {
        *hits = multiples.count(first, count);
        return 0;
    } catch (...) {
        std::call_once(multiples.once, [&] { multiples.thrown = std::current_exception(); });
        return 42;
    }
}

// Counts the multiples of 7 among the first million numbers, on two threads.
void drive(std::uint64_t forbidden) {
    Multiples multiples{7, forbidden};
    std::uint64_t hits = 0;
    auto status = libpi_drive_context("threads", kernel, &multiples, 0, 1'000'000, 0, 2, &hits);
    if (status == LIBPI_ERROR_KERNEL) {
        std::cout << "error " << status << ", kernel's " << libpi_last_kernel_error() << ": ";
        std::rethrow_exception(multiples.thrown);
    }
    check(status);
    std::cout << hits << " of 1000000 numbers are multiples of 7\n";
}
} // namespace

int main() {
    try {
        std::uint64_t hits = 0;
        check(libpi_hits(LIBPI_PHILOX, 42, 0, 1'000'000, 0, &hits));
        std::cout << hits << " of 1000000 samples are hits\n";
        check(libpi_hits(LIBPI_NPB, 42, 0, 1'000'000, 0, &hits)); // NPB's seeds are odd.
    } catch (const std::exception &error) {
        std::cout << error.what() << '\n';
    }
    try {
        drive(1'000'000);
        drive(500'000);
    } catch (const std::exception &error) {
        std::cout << error.what() << '\n';
    }
}
