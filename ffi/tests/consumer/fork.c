/* A forked child can call libpi with every driver, whatever its parent did before. */
#define _GNU_SOURCE

#include "libpi.h"

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static void counts(const char *driver, int32_t threads) {
    uint64_t hits = 0;
    CHECK(libpi_hits_with("auto", driver, LIBPI_PHILOX, 42, 0, 1000000,
                          threads_for(driver, threads), &hits) == LIBPI_OK);
    CHECK(hits == 785987);
}

static void every_driver_counts(void) {
    uint64_t hits = 0;
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 0, &hits) == LIBPI_OK && hits == 785987);
    EACH_DRIVER(driver) for (int32_t threads = 1; threads <= 4; threads++) counts(driver, threads);
}

/* Starts a child that runs a function. */
static pid_t child_that(void (*runs)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60); /* ends a child that hangs, and the parent sees the signal */
        runs();
        _exit(0);
    }
    return child;
}

static void ended_well(pid_t child) {
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Everything again, in a child of a child too. */
static void every_driver_counts_down_to_the_grandchild(void) {
    every_driver_counts();
    ended_well(child_that(every_driver_counts));
    every_driver_counts();
}

static void *counts_for_the_first_time(void *unused) {
    (void)unused;
    counts("auto", 2);
    return NULL;
}

/* libpi has never been called here. The child is forked while another thread makes the first call.
 */
static void forks_during_the_first_call(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, counts_for_the_first_time, NULL) == 0);
    pid_t child = child_that(every_driver_counts);
    CHECK(pthread_join(thread, NULL) == 0);
    ended_well(child);
}

static atomic_bool is_over;

static void *counts_until_it_is_over(void *driver) {
    while (!is_over)
        counts(driver, 3);
    return NULL;
}

/* Forks while another thread counts, under each driver. */
static void a_fork_may_come_at_any_time(void) {
    EACH_DRIVER(driver) {
        pthread_t thread;
        is_over = false;
        CHECK(pthread_create(&thread, NULL, counts_until_it_is_over, (void *)(uintptr_t)driver) ==
              0);
        for (int i = 0; i < 5; i++)
            ended_well(child_that(every_driver_counts));
        is_over = true;
        CHECK(pthread_join(thread, NULL) == 0);
    }
}

/* With -fopenmp, the program has an OpenMP region of its own before libpi is called. */
static void own_region(void) {
    int sum = 0;
#ifdef _OPENMP
#pragma omp parallel num_threads(3) reduction(+ : sum)
#endif
    sum++;
    CHECK(sum > 0);
}

int main(void) {
    own_region();
    for (int i = 0; i < 20; i++)
        ended_well(child_that(forks_during_the_first_call));
    ended_well(child_that(every_driver_counts));
    every_driver_counts();
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = child_that(every_driver_counts_down_to_the_grandchild);
    every_driver_counts();
    for (int i = 0; i < 3; i++)
        ended_well(children[i]);
    a_fork_may_come_at_any_time();
    puts("all as the header says");
    return 0;
}
