/* After a call with threads, a forked child can call libpi again. */
#define _POSIX_C_SOURCE 200809L

#include "libpi.h"

#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    uint64_t hits = 0;
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 10000000, 0, &hits) == LIBPI_OK && hits == 7855825);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 10000000, 2, &hits) == LIBPI_OK && hits == 7855825);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60); /* ends a child that hangs, and the parent sees the signal */
        hits = 0;
        CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 10000000, 2, &hits) == LIBPI_OK && hits == 7855825);
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    puts("all as the header says");
    return 0;
}
