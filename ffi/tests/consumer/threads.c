/* The default number of threads: what it is, how it is set, and when it is read again. The test
 * starts this with LIBPI_NUM_THREADS=3. */
#define _GNU_SOURCE

#include "libpi.h"

#include "check.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_uint calls;

static uint64_t plain(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first;
    calls++;
    return count;
}

/* The number of threads that a call with `threads` = 0 starts. */
static int32_t started(void) {
    uint64_t hits = 0;
    calls = 0;
    CHECK(libpi_drive("threads", plain, 0, 0, 65536 * 2000, 0, &hits) == LIBPI_OK);
    return (int32_t)calls;
}

static void is(int32_t threads) {
    CHECK(libpi_threads() == threads && strcmp(libpi_last_error(), "") == 0);
    CHECK(started() == threads);
}

/* Whether this rule decides the number. */
static int by(const char *rule) { return strcmp(libpi_threads_rule(), rule) == 0; }

static void the_number_is_set_and_forgotten(void) {
    is(3);
    CHECK(by("LIBPI_NUM_THREADS"));
    CHECK(libpi_set_threads(5) == LIBPI_OK);
    is(5);
    CHECK(by("libpi_set_threads"));
    CHECK(libpi_set_threads(1024) == LIBPI_OK && libpi_threads() == 1024);
    FAILS(libpi_set_threads(1025), LIBPI_ERROR_THREADS, "1025");
    FAILS(libpi_set_threads(-1), LIBPI_ERROR_THREADS, "-1");
    FAILS(libpi_set_threads(INT32_MIN), LIBPI_ERROR_THREADS, "-2147483648");
    CHECK(libpi_threads() == 1024);
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    is(3);
}

static void a_changed_variable_counts_when_it_is_asked_for(void) {
    CHECK(setenv("LIBPI_NUM_THREADS", "4", 1) == 0);
    is(3);
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    is(4);
}

static void an_invalid_variable_is_an_error_until_it_is_corrected(void) {
    uint64_t hits = 7;
    CHECK(setenv("LIBPI_NUM_THREADS", "many", 1) == 0);
    is(4);
    FAILS(libpi_set_threads(0), LIBPI_ERROR_VARIABLE, "LIBPI_NUM_THREADS=many");
    CHECK(libpi_threads() == 0 && strstr(libpi_last_error(), "LIBPI_NUM_THREADS=many") != NULL);
    FAILS(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 0, &hits), LIBPI_ERROR_VARIABLE, "many");
    CHECK(hits == 7);
    /* It does not matter to a call with a number, to a short call, or once a number is set. */
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 2, &hits) == LIBPI_OK && hits == 785987);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 0, 0, &hits) == LIBPI_OK && hits == 0);
    CHECK(libpi_set_threads(2) == LIBPI_OK);
    is(2);
    CHECK(libpi_set_threads(0) == LIBPI_ERROR_VARIABLE);
    CHECK(setenv("LIBPI_NUM_THREADS", "6", 1) == 0);
    is(6);
}

/* The mask of the calling thread decides if no variable asks for a number. */
static void a_changed_mask_counts_when_it_is_asked_for(void) {
    cpu_set_t all, one;
    CHECK(unsetenv("LIBPI_NUM_THREADS") == 0 && unsetenv("OMP_NUM_THREADS") == 0);
    CHECK(unsetenv("RAYON_NUM_THREADS") == 0 && libpi_set_threads(0) == LIBPI_OK);
    int32_t before = libpi_threads();
    CHECK(before >= 1 && sched_getaffinity(0, sizeof all, &all) == 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0 && libpi_threads() == before);
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    is(1);
    CHECK(by("affinity mask"));
    CHECK(sched_setaffinity(0, sizeof all, &all) == 0 && libpi_threads() == 1);
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    is(before);
}

/* Runs a check in a child. */
static void in_a_child(void (*check)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void is_2(void) { is(2); }

static void is_9(void) { is(9); }

static void a_child_asks_again(void) {
    CHECK(setenv("LIBPI_NUM_THREADS", "3", 1) == 0 && libpi_set_threads(0) == LIBPI_OK);
    is(3);
    CHECK(setenv("LIBPI_NUM_THREADS", "7", 1) == 0);
    is(3);
    CHECK(libpi_set_threads(9) == LIBPI_OK);
    in_a_child(is_9); /* a child inherits a number that was set */
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    CHECK(setenv("LIBPI_NUM_THREADS", "2", 1) == 0);
    in_a_child(is_2);
    is(7);
}

int main(void) {
    the_number_is_set_and_forgotten();
    a_changed_variable_counts_when_it_is_asked_for();
    an_invalid_variable_is_an_error_until_it_is_corrected();
    a_changed_mask_counts_when_it_is_asked_for();
    a_child_asks_again();
    puts("all as the header says");
    return 0;
}
