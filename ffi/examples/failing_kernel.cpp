// Runs a kernel that throws: it counts the readings below 0.5, and a reading that is no number is
// an error. The exception reaches the caller, whatever thread it was thrown on.
//
//     c++ failing_kernel.cpp -lpi -o failing_kernel
#include <cmath>
#include <exception>
#include <iostream>
#include <libpi.h>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

// A kernel and the first exception that it throws. No exception may pass through libpi.
template <class Kernel> struct Run {
    Kernel kernel;
    std::once_flag once;
    std::exception_ptr thrown;

    explicit Run(Kernel k) : kernel(k) {}

    static int32_t call(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
        auto &run = *static_cast<Run *>(context);
        try {
            *hits = run.kernel(first, count);
            return 0;
        } catch (...) {
            std::call_once(run.once, [&] { run.thrown = std::current_exception(); });
            return 1;
        }
    }
};

// Returns the sum of what the kernel returns for the parts of the range, or throws what it throws.
template <class Kernel> uint64_t drive(uint64_t number, Kernel kernel) {
    Run<Kernel> run(kernel);
    uint64_t hits = 0;
    libpi_status status =
        libpi_drive_context("auto", Run<Kernel>::call, &run, 0, number, 0, 0, &hits);
    if (run.thrown)
        std::rethrow_exception(run.thrown);
    if (status != LIBPI_OK)
        throw std::runtime_error(libpi_last_error());
    return hits;
}

int main() {
    std::vector<double> readings(2000000);
    for (std::size_t i = 0; i < readings.size(); i++)
        readings[i] = double(i) / double(readings.size());
    auto below_half = [&readings](uint64_t first, uint64_t count) {
        uint64_t hits = 0;
        for (uint64_t i = first; i < first + count; i++) {
            if (std::isnan(readings[i]))
                throw std::domain_error("reading " + std::to_string(i) + " is not a number");
            hits += readings[i] < 0.5;
        }
        return hits;
    };
    for (int turn = 0; turn < 2; turn++) {
        try {
            uint64_t hits = drive(readings.size(), below_half);
            std::cout << hits << " of " << readings.size() << " readings are below 0.5\n";
        } catch (const std::exception &error) {
            std::cout << error.what() << '\n';
        }
        readings[1234567] = std::nan("");
    }
}
