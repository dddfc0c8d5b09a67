/* pthread_cancel does not act during a call, and acts after it. */
#define _GNU_SOURCE

#include "libpi.h"

#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Where the thread is that will be cancelled, and whether it has been asked to end. */
static atomic_bool inside, asked, returned, cleaned_up;

/* Waits inside of a call until the thread has been asked to end. */
static void wait_for_the_wish(void) {
    inside = true;
    while (!asked)
        sched_yield();
    pthread_testcancel();
}

static uint64_t plain(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first;
    wait_for_the_wish();
    return count;
}

static int32_t failing(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    (void)context, (void)first, (void)count;
    wait_for_the_wish();
    /* A call within the call must not let the wish through either. */
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 100000, 1, hits) == LIBPI_OK);
    pthread_testcancel();
    return 5;
}

static int32_t stopping(void *user_data, uint64_t done, uint64_t count) {
    (void)user_data, (void)done, (void)count;
    wait_for_the_wish();
    return 1;
}

/* A way to call libpi. */
typedef struct {
    const char *driver;
    int which, type;
} way;

static void call(const way *w, uint64_t *hits) {
    uint64_t done = 0;
    int32_t threads = threads_for(w->driver, 2);
    switch (w->which) {
    case 0:
        CHECK(libpi_drive(w->driver, plain, 0, 0, 200000, threads, hits) == LIBPI_OK);
        break;
    case 1:
        CHECK(libpi_drive_context(w->driver, failing, NULL, 0, 9, 1, threads, hits) ==
              LIBPI_ERROR_KERNEL);
        break;
    default:
        CHECK(libpi_hits_progress("auto", w->driver, LIBPI_PHILOX, 42, 0, 1 << 30, threads,
                                  stopping, NULL, hits, &done) == LIBPI_STOPPED);
    }
}

static void clean_up(void *unused) {
    (void)unused;
    cleaned_up = true;
}

static void *calls(void *argument) {
    const way *w = argument;
    uint64_t hits = 0;
    pthread_cleanup_push(clean_up, NULL);
    CHECK(pthread_setcanceltype(w->type, NULL) == 0);
    call(w, &hits);
    returned = true;
    for (;;)
        pthread_testcancel();
    pthread_cleanup_pop(0);
    return NULL;
}

static void it_acts_after_the_call(way w) {
    pthread_t thread;
    void *result = NULL;
    inside = asked = returned = cleaned_up = false;
    CHECK(pthread_create(&thread, NULL, calls, &w) == 0);
    while (!inside)
        sched_yield();
    CHECK(pthread_cancel(thread) == 0);
    asked = true;
    CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED && cleaned_up);
    /* The asynchronous type acts before the next statement. */
    CHECK(returned == (w.type == PTHREAD_CANCEL_DEFERRED));
}

/* A call restores what the thread had chosen. */
static void *keeps_its_state(void *unused) {
    int old = -1;
    uint64_t hits = 0;
    (void)unused;
    for (int state = 0; state <= 1; state++) {
        CHECK(pthread_setcancelstate(state, NULL) == 0);
        CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 2, &hits) == LIBPI_OK && hits == 785987);
        CHECK(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED);
        CHECK(libpi_threads() > 0);
        CHECK(pthread_setcancelstate(state, &old) == 0 && old == state);
    }
    return NULL;
}

int main(void) {
    pthread_t thread;
    EACH_DRIVER(driver) for (int which = 0; which < 3; which++) {
        it_acts_after_the_call((way){driver, which, PTHREAD_CANCEL_DEFERRED});
        it_acts_after_the_call((way){driver, which, PTHREAD_CANCEL_ASYNCHRONOUS});
    }
    CHECK(pthread_create(&thread, NULL, keeps_its_state, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    puts("all as the header says");
    return 0;
}
