/* If the system refuses to start the threads, every driver says so, and the program goes on. */
#define _GNU_SOURCE

#include "libpi.h"

#include "check.h"

#include <sys/resource.h>
#include <unistd.h>

/* The size of the process's memory in bytes, with all that is only reserved. */
static rlim_t memory(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%lu", &pages) == 1 && fclose(file) == 0);
    return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

#define STACK "1073741824"

/* Starts the program again with stacks of 1 GiB: then there is no room for many threads, but enough
 * for everything else. */
static void with_large_stacks(char **arguments) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
    limit.rlim_cur = 1 << 30;
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0 && setenv("RUST_MIN_STACK", STACK, 1) == 0);
    execv("/proc/self/exe", arguments);
    CHECK(!"the program can be started again");
}

int main(int number, char **arguments) {
    uint64_t hits = 7;
    (void)number;
    if (getenv("RUST_MIN_STACK") == NULL)
        with_large_stacks(arguments);
    struct rlimit before, small;
    CHECK(getrlimit(RLIMIT_AS, &before) == 0);
    small = before;
    small.rlim_cur = memory() + (4LL << 30);
    CHECK(setrlimit(RLIMIT_AS, &small) == 0);
    for (int round = 0; round < 2; round++) {
        EACH_DRIVER(driver) {
            if (strcmp(driver, "serial") == 0)
                continue;
            FAILS(libpi_hits_with("auto", driver, LIBPI_PHILOX, 42, 0, 1000000, 1024, &hits),
                  LIBPI_ERROR_SPAWN, "could not start 1024 threads");
            CHECK(hits == 7);
        }
    }
    CHECK(setrlimit(RLIMIT_AS, &before) == 0);
    EACH_DRIVER(driver) {
        CHECK(libpi_hits_with("auto", driver, LIBPI_PHILOX, 42, 0, 1000000, threads_for(driver, 2),
                              &hits) == LIBPI_OK);
        CHECK(hits == 785987);
    }
    puts("all as the header says");
    return 0;
}
