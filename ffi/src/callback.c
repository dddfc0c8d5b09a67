/* Calls the caller's functions: kernels and progress functions.
 *
 * pthread_exit in such a function unwinds the thread, and must not unwind libpi, its drivers or an
 * OpenMP region. A cleanup handler runs before they are reached. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What callback.rs passes: a function and what it gets. */
struct kernel_call {
    uint64_t (*kernel)(uint64_t seed, uint64_t first, uint64_t count);
    uint64_t seed;
};
struct context_kernel_call {
    int32_t (*kernel)(void *context, uint64_t first, uint64_t count, uint64_t *hits);
    void *context;
};
struct progress_call {
    int32_t (*progress)(void *user_data, uint64_t done, uint64_t count);
    void *user_data;
};

/* How often, and after how many nanoseconds, a thread asks whether Python is ending. */
enum { QUESTIONS = 100, BETWEEN_QUESTIONS = 10000000 };

/* Returns whether the process has a Python that is ending, or ends within a second.
 *
 * Python 3.13 and older ends each thread that asks for the interpreter's lock from then on. It
 * does so a moment before Py_IsInitialized() becomes 0. */
static int python_is_ending(void) {
    const struct timespec pause = {0, BETWEEN_QUESTIONS};
    int (*is_initialized)(void) = NULL;
    void *const found = dlsym(RTLD_DEFAULT, "Py_IsInitialized");
    if (found == NULL)
        return 0;
    memcpy(&is_initialized, &found, sizeof found); /* ISO C has no cast from data to code. */
    for (int question = 0; question < QUESTIONS; ++question) {
        if (!is_initialized())
            return 1;
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* Keeps the thread from ending: for ever if Python is ending, as newer Pythons do. Otherwise the
 * process cannot go on, because the count would never be complete. */
static void on_thread_exit(void *name) {
    while (python_is_ending())
        pause();
    fprintf(stderr, "libpi: a %s ended its thread (pthread_exit): it must return\n",
            (const char *)name);
    abort();
}

uint64_t libpi_call_kernel(uint64_t call, uint64_t first, uint64_t count) {
    const struct kernel_call *const to = (const void *)(uintptr_t)call;
    uint64_t hits;
    pthread_cleanup_push(on_thread_exit, "kernel");
    hits = to->kernel(to->seed, first, count);
    pthread_cleanup_pop(0);
    return hits;
}

int32_t libpi_call_context_kernel(void *call, uint64_t first, uint64_t count, uint64_t *hits) {
    const struct context_kernel_call *const to = call;
    int32_t error;
    pthread_cleanup_push(on_thread_exit, "kernel");
    error = to->kernel(to->context, first, count, hits);
    pthread_cleanup_pop(0);
    return error;
}

int32_t libpi_call_progress(const struct progress_call *to, uint64_t done, uint64_t count) {
    int32_t stop;
    pthread_cleanup_push(on_thread_exit, "progress function");
    stop = to->progress(to->user_data, done, count);
    pthread_cleanup_pop(0);
    return stop;
}
