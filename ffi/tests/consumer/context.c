/* Kernels that can fail: their hits, their error numbers, blocks, and which thread calls them. */
#define _GNU_SOURCE

#include "libpi.h"

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

/* What the kernel `counts` shares with its caller. */
typedef struct {
    uint64_t fails_from; /* the kernel fails in calls that begin here or later */
    int32_t error;
    uint64_t longest;      /* the most indices in a call */
    pthread_t caller;      /* of libpi_drive_context */
    atomic_uint calls;     /* all calls */
    atomic_uint elsewhere; /* calls from other threads than the caller */
    atomic_uint late;      /* calls that began after one had failed */
    atomic_bool failed;
} state;

/* Counts every index. */
static int32_t counts(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    state *s = context;
    CHECK(*hits == 0 && 0 < count && count <= s->longest);
    s->calls++;
    s->elsewhere += !pthread_equal(pthread_self(), s->caller);
    if (s->failed) {
        s->late++;
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
    *hits = count;
    if (first < s->fails_from)
        return 0;
    s->failed = true;
    return s->error;
}

static state fresh(uint64_t fails_from, int32_t error, uint64_t longest) {
    return (state){
        .fails_from = fails_from, .error = error, .longest = longest, .caller = pthread_self()};
}

static void every_driver_counts(void) {
    const uint64_t blocks[] = {0, 1, 3, 65536, 100000, INT64_MAX};
    EACH_DRIVER(driver) for (int i = 0; i < 6; i++) {
        uint64_t hits = 0;
        state s = fresh(UINT64_MAX, 0, blocks[i] == 0 ? 1 << 20 : blocks[i]);
        CHECK(libpi_drive_context(driver, counts, &s, 65530, 3000, blocks[i],
                                  threads_for(driver, 3), &hits) == LIBPI_OK);
        CHECK(hits == 3000 && libpi_last_kernel_error() == 0);
        CHECK(strcmp(libpi_last_error(), "") == 0);
        CHECK(libpi_drive_context(driver, counts, &s, 5, 0, blocks[i], 0, &hits) == LIBPI_OK);
        CHECK(hits == 0);
        CHECK(blocks[i] != 1 || s.calls == 3000);
        CHECK(blocks[i] != 3 || s.calls == 1001); /* the first block and the last are clipped */
    }
}

static void a_failure_stops_every_driver(void) {
    const int32_t errors[] = {1, -1, INT32_MIN, INT32_MAX, 42};
    EACH_DRIVER(driver) for (int i = 0; i < 5; i++) {
        uint64_t hits = 7;
        int32_t threads = threads_for(driver, 3);
        state s = fresh(1500, errors[i], 1);
        CHECK(libpi_drive_context(driver, counts, &s, 0, 3000, 1, threads, &hits) ==
              LIBPI_ERROR_KERNEL);
        CHECK(hits == 7 && libpi_last_kernel_error() == errors[i] && s.late < 60);
        CHECK(strstr(libpi_last_error(), "the kernel failed with its error ") != NULL);
        /* The kernel fails in every part, at the very first index. */
        s = fresh(0, errors[i], 1 << 20);
        CHECK(libpi_drive_context(driver, counts, &s, 0, UINT64_MAX, 0, threads, &hits) ==
              LIBPI_ERROR_KERNEL);
        CHECK(hits == 7 && libpi_last_kernel_error() == errors[i] && s.calls <= 3);
    }
}

static void *has_its_own_error(void *unused) {
    (void)unused;
    CHECK(libpi_last_kernel_error() == 0);
    return NULL;
}

/* Only the thread's last call counts. */
static void the_error_number_is_that_of_the_last_call(void) {
    uint64_t hits = 7;
    state s = fresh(0, -5, 1 << 20);
    CHECK(libpi_last_kernel_error() == 0);
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, 0, 1, &hits), LIBPI_ERROR_KERNEL, "-5");
    CHECK(libpi_last_kernel_error() == -5 && libpi_last_kernel_error() == -5);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, has_its_own_error, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(libpi_last_kernel_error() == -5);
    FAILS(libpi_hits(99, 0, 0, 1, 1, &hits), LIBPI_ERROR_GENERATOR, "99");
    CHECK(libpi_last_kernel_error() == 0);
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, 0, 1, &hits), LIBPI_ERROR_KERNEL, "-5");
    CHECK(libpi_drive_context("auto", counts, &s, 0, 0, 0, 1, &hits) == LIBPI_OK);
    CHECK(libpi_last_kernel_error() == 0 && hits == 0);
}

/* A kernel may call libpi, also in the way in which it was itself called. */
static int32_t asks_libpi(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    state s = fresh(0, 3, 1 << 20);
    if (context != NULL)
        return libpi_drive_context("serial", asks_libpi, NULL, first, count, 0, 1, hits);
    CHECK(libpi_drive_context("auto", counts, &s, 0, 1, 0, 1, hits) == LIBPI_ERROR_KERNEL);
    return libpi_hits(LIBPI_PHILOX, 42, first, count, 1, hits);
}

/* The sum is taken modulo 2^64. */
static int32_t almost_2_to_the_64(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    (void)context, (void)first, (void)count;
    *hits = UINT64_MAX;
    return 0;
}

static void odd_but_allowed(void) {
    uint64_t hits = 0;
    state s = fresh(0, 0, 1 << 20);
    CHECK(libpi_drive_context("threads", asks_libpi, &s, 0, 1000000, 0, 2, &hits) == LIBPI_OK);
    CHECK(hits == 785987 && libpi_last_kernel_error() == 0);
    /* A kernel that fails at no index may return 0 for every one of them. */
    CHECK(libpi_drive_context("serial", counts, &s, 0, 10, 0, 1, &hits) == LIBPI_OK && hits == 10);
    EACH_DRIVER(driver) {
        CHECK(libpi_drive_context(driver, almost_2_to_the_64, NULL, 0, 5, 1, threads_for(driver, 2),
                                  &hits) == LIBPI_OK);
        CHECK(hits == UINT64_MAX - 4);
    }
}

static void bad_input(void) {
    uint64_t hits = 7;
    const uint64_t half = 1ULL << 63;
    state s = fresh(UINT64_MAX, 0, UINT64_MAX);
    FAILS(libpi_drive_context(NULL, counts, &s, 0, 1, 0, 1, &hits), LIBPI_ERROR_NULL, "driver");
    FAILS(libpi_drive_context("auto", NULL, &s, 0, 1, 0, 1, &hits), LIBPI_ERROR_NULL, "kernel");
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, 0, 1, NULL), LIBPI_ERROR_NULL, "hits");
    FAILS(libpi_drive_context("x", counts, &s, 0, 1, 0, 1, &hits), LIBPI_ERROR_NAME, "auto");
    FAILS(libpi_drive_context("auto", counts, &s, 2, UINT64_MAX, 0, 1, &hits), LIBPI_ERROR_RANGE,
          "2^64");
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, half, 1, &hits), LIBPI_ERROR_BLOCK,
          "blocks of 9223372036854775808 indices: the number must be from 1 to");
    FAILS(libpi_drive_context("auto", counts, &s, 0, 0, UINT64_MAX, 1, &hits), LIBPI_ERROR_BLOCK,
          "0 stands for 65536");
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, 3, -1, &hits), LIBPI_ERROR_THREADS, "-1");
    FAILS(libpi_drive_context("auto", counts, &s, 0, 1, 3, 1025, &hits), LIBPI_ERROR_THREADS,
          "1025");
    FAILS(libpi_drive_context("serial", counts, &s, 0, 9, 3, 2, &hits), LIBPI_ERROR_THREADS,
          "serial");
    CHECK(hits == 7 && s.calls == 0);
}

/* Counts the calls of a plain kernel that come from another thread than the main one. */
static pthread_t main_thread;
static atomic_uint elsewhere, calls;

static uint64_t plain(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first;
    elsewhere += !pthread_equal(pthread_self(), main_thread);
    calls++;
    return count;
}

static uint32_t calls_elsewhere(const char *driver, uint64_t count, int32_t threads) {
    uint64_t hits = 0;
    elsewhere = calls = 0;
    CHECK(libpi_drive(driver, plain, 0, 0, count, threads, &hits) == LIBPI_OK && hits == count);
    CHECK(calls > 0);
    return elsewhere;
}

static uint32_t context_elsewhere(const char *driver, uint64_t count, uint64_t block,
                                  int32_t threads) {
    uint64_t hits = 0;
    state s = fresh(UINT64_MAX, 0, UINT64_MAX);
    CHECK(libpi_drive_context(driver, counts, &s, 0, count, block, threads, &hits) == LIBPI_OK);
    CHECK(s.calls > 0 && hits == count);
    return s.elsewhere;
}

static void serial_calls_on_the_callers_thread_alone(void) {
    main_thread = pthread_self();
    for (int32_t threads = 0; threads <= 1; threads++) {
        CHECK(calls_elsewhere("serial", 3000000, threads) == 0);
        CHECK(context_elsewhere("serial", 3000000, 0, threads) == 0);
        CHECK(context_elsewhere("serial", 3000, 1, threads) == 0);
    }
    CHECK(calls_elsewhere("auto", 3000000, 1) == 0);
    CHECK(context_elsewhere("auto", 3000, 1, 1) == 0);
    /* auto takes one thread where the header says so. */
    CHECK(libpi_set_threads(2) == LIBPI_OK);
    CHECK(calls_elsewhere("auto", 999999, 0) == 0);
    CHECK(calls_elsewhere("auto", 1000000, 0) > 0);
    CHECK(context_elsewhere("auto", 999999, 0, 0) == 0);
    CHECK(context_elsewhere("auto", 3000000, 0, 0) > 0);
    CHECK(context_elsewhere("auto", 10, 10, 0) == 0);
    CHECK(context_elsewhere("auto", 2, 1, 0) > 0);
    CHECK(libpi_set_threads(1) == LIBPI_OK);
    CHECK(calls_elsewhere("auto", 3000000, 0) == 0);
    CHECK(context_elsewhere("auto", 3000, 1, 0) == 0);
    CHECK(libpi_set_threads(0) == LIBPI_OK);
    /* The others call on other threads, some of them even with one thread. */
    CHECK(calls_elsewhere("threads", 3000000, 1) > 0 && calls_elsewhere("rayon", 3000000, 1) > 0);
}

int main(void) {
    every_driver_counts();
    a_failure_stops_every_driver();
    the_error_number_is_that_of_the_last_call();
    odd_but_allowed();
    bad_input();
    serial_calls_on_the_callers_thread_alone();
    puts("all as the header says");
    return 0;
}
