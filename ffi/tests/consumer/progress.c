/* Long calls: the progress function, how it stops a call, and that the counts stay exact. */
#include "libpi.h"

#include "check.h"

#include <pthread.h>

/* What the progress function shares with its caller. */
typedef struct {
    uint64_t first, count, last;
    uint32_t calls, stop_at; /* stops in this call, counted from 1; 0 for never */
    pthread_t caller;
} state;

static int32_t watch(void *user_data, uint64_t done, uint64_t count) {
    state *s = user_data;
    uint64_t hits = 0;
    CHECK(pthread_equal(pthread_self(), s->caller) && count == s->count);
    CHECK(s->last < done && done <= count);
    CHECK(done == count || (s->first + done) % 65536 == 0);
    CHECK(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED);
    s->last = done;
    return ++s->calls == s->stop_at;
}

static state fresh(uint64_t first, uint64_t count, uint32_t stop_at) {
    return (state){.first = first, .count = count, .stop_at = stop_at, .caller = pthread_self()};
}

static libpi_status run(state *s, const char *driver, int32_t threads, uint64_t *hits,
                        uint64_t *done) {
    return libpi_hits_progress("auto", driver, LIBPI_PHILOX, 42, s->first, s->count, threads, watch,
                               s, hits, done);
}

static void counts_are_exact(void) {
    const uint64_t ranges[][2] = {{0, 1}, {65530, 12}, {999999, 1000001}, {0, 10000000}};
    EACH_DRIVER(driver) for (int i = 0; i < 4; i++) {
        uint64_t hits = 0, done = 0, expected = 0;
        state s = fresh(ranges[i][0], ranges[i][1], 0);
        CHECK(libpi_hits(LIBPI_PHILOX, 42, s.first, s.count, 1, &expected) == LIBPI_OK);
        CHECK(run(&s, driver, threads_for(driver, 3), &hits, &done) == LIBPI_OK);
        CHECK(hits == expected && done == s.count && s.last == s.count);
        CHECK(strcmp(libpi_last_error(), "") == 0);
    }
}

static void a_stopped_call_says_how_far_it_got(void) {
    EACH_DRIVER(driver) for (uint32_t stop_at = 1; stop_at < 4; stop_at++) {
        uint64_t hits = 7, done = 7, expected = 0;
        state s = fresh(65530, UINT64_MAX - 65530, stop_at);
        FAILS(run(&s, driver, threads_for(driver, 2), &hits, &done), LIBPI_STOPPED,
              "stopped by the callback after ");
        CHECK(s.calls == stop_at && done == s.last);
        CHECK(libpi_hits(LIBPI_PHILOX, 42, s.first, done, 0, &expected) == LIBPI_OK);
        CHECK(hits == expected);
    }
    /* The rest can be counted later. */
    uint64_t hits = 0, done = 0, more = 0;
    state s = fresh(0, 10000000, 1);
    CHECK(run(&s, "serial", 1, &hits, &done) == LIBPI_STOPPED && done < s.count);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, done, s.count - done, 1, &more) == LIBPI_OK);
    CHECK(hits + more == 7855825);
    /* A wish to stop in the last call comes too late: everything is counted. */
    s = fresh(0, 10, 1);
    CHECK(run(&s, "serial", 1, &hits, &done) == LIBPI_OK && done == 10 && s.calls == 1);
}

static int32_t never(void *user_data, uint64_t done, uint64_t count) {
    (void)user_data, (void)done, (void)count;
    CHECK(!"a call that fails or counts nothing has no progress");
    return 0;
}

static void bad_input(void) {
    uint64_t hits = 7, done = 7;
#define PROGRESS libpi_hits_progress
    FAILS(PROGRESS(NULL, "auto", 1, 42, 0, 1, 1, never, NULL, &hits, &done), 1, "kernel");
    FAILS(PROGRESS("auto", NULL, 1, 42, 0, 1, 1, never, NULL, &hits, &done), 1, "driver");
    FAILS(PROGRESS("auto", "auto", 1, 42, 0, 1, 1, NULL, NULL, &hits, &done), 1, "callback");
    FAILS(PROGRESS("auto", "auto", 1, 42, 0, 1, 1, never, NULL, NULL, &done), 1, "hits");
    FAILS(PROGRESS("auto", "auto", 1, 42, 0, 1, 1, never, NULL, &hits, NULL), 1, "done");
    FAILS(PROGRESS("x", "auto", 1, 42, 0, 1, 1, never, NULL, &hits, &done), LIBPI_ERROR_NAME, "x");
    FAILS(PROGRESS("auto", "x", 1, 42, 0, 1, 1, never, NULL, &hits, &done), LIBPI_ERROR_NAME, "x");
    FAILS(PROGRESS("auto", "auto", 9, 42, 0, 1, 1, never, NULL, &hits, &done),
          LIBPI_ERROR_GENERATOR, "9");
    FAILS(PROGRESS("auto", "auto", LIBPI_NPB, 42, 0, 0, 1, never, NULL, &hits, &done),
          LIBPI_ERROR_SEED, "odd");
    FAILS(PROGRESS("auto", "auto", 1, 42, 2, UINT64_MAX, 1, never, NULL, &hits, &done),
          LIBPI_ERROR_RANGE, "2^64");
    FAILS(PROGRESS("auto", "auto", 1, 42, 0, 1, -1, never, NULL, &hits, &done), LIBPI_ERROR_THREADS,
          "-1");
    CHECK(hits == 7 && done == 7);
    CHECK(PROGRESS("auto", "auto", 1, 42, 5, 0, 1, never, NULL, &hits, &done) == LIBPI_OK);
    CHECK(hits == 0 && done == 0);
}

int main(void) {
    counts_are_exact();
    a_stopped_call_says_how_far_it_got();
    bad_input();
    puts("all as the header says");
    return 0;
}
