// An exception in a kernel reaches the caller of libpi_drive_context: the kernel catches it and
// keeps it in the context, and the caller throws it again.
#include "libpi.h"

#include "check.h"

#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {

struct Run {
    std::once_flag once;
    std::exception_ptr thrown;
};

extern "C" int32_t odd(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    auto &run = *static_cast<Run *>(context);
    try {
        if (first >= 500)
            throw std::out_of_range("index " + std::to_string(first) + " of 500");
        *hits = (first + count) / 2 - first / 2;
        return 0;
    } catch (...) {
        std::call_once(run.once, [&] { run.thrown = std::current_exception(); });
        return 1;
    }
}

// Counts the odd numbers below `count`.
uint64_t odd_numbers(const char *driver, uint64_t count) {
    Run run;
    uint64_t hits = 0;
    const libpi_status status =
        libpi_drive_context(driver, odd, &run, 0, count, 10, threads_for(driver, 3), &hits);
    if (run.thrown) {
        CHECK(status == LIBPI_ERROR_KERNEL && libpi_last_kernel_error() == 1 && hits == 0);
        std::rethrow_exception(run.thrown);
    }
    CHECK(status == LIBPI_OK);
    return hits;
}

} // namespace

int main() {
    EACH_DRIVER(driver) {
        CHECK(odd_numbers(driver, 499) == 249);
        try {
            odd_numbers(driver, 1000);
            CHECK(!"the exception got lost");
        } catch (const std::out_of_range &error) {
            CHECK(std::string(error.what()).find(" of 500") != std::string::npos);
        }
    }
    puts("all as the header says");
}
