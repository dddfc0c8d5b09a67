/* A kernel and a progress function that end their thread: the process ends with a message, or the
 * thread waits while Python ends. With the argument "python" the program is such a Python: it is
 * linked with -rdynamic, so that libpi finds its Py_IsInitialized. */
#define _POSIX_C_SOURCE 200809L

#include "libpi.h"

#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often libpi has asked, and how many answers say that Python still works. */
static atomic_int questions, answers;

int Py_IsInitialized(void);
int Py_IsInitialized(void) { return questions++ < answers; }

static uint64_t plain(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first, (void)count;
    pthread_exit(NULL);
}

static int32_t failing(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    (void)context, (void)first, (void)count, (void)hits;
    pthread_exit(NULL);
}

static int32_t progress(void *user_data, uint64_t done, uint64_t count) {
    (void)user_data, (void)done, (void)count;
    pthread_exit(NULL);
}

/* A way to call libpi. */
typedef struct {
    const char *driver;
    int which;
} way;

static void *calls(void *argument) {
    const way *w = argument;
    uint64_t hits = 0, done = 0;
    int32_t threads = threads_for(w->driver, 2);
    switch (w->which) {
    case 0:
        libpi_drive(w->driver, plain, 0, 0, 200000, threads, &hits);
        break;
    case 1:
        libpi_drive_context(w->driver, failing, NULL, 0, 9, 1, threads, &hits);
        break;
    default:
        libpi_hits_progress("auto", w->driver, LIBPI_PHILOX, 42, 0, 1 << 20, threads, progress,
                            NULL, &hits, &done);
    }
    puts("the call returned");
    exit(1);
}

/* Runs one way in a child whose standard error goes to a pipe. Returns how the child ended. */
static int ending(way w, int still_works, char *said, size_t size) {
    int ends[2], status = 0;
    pid_t child;
    ssize_t length;
    CHECK(pipe(ends) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pthread_t thread;
        dup2(ends[1], STDERR_FILENO);
        answers = still_works;
        CHECK(pthread_create(&thread, NULL, calls, &w) == 0);
        /* Python ends: its main thread goes on to the end of the process. */
        while (questions <= still_works)
            sched_yield();
        exit(0);
    }
    close(ends[1]);
    length = read(ends[0], said, size - 1);
    CHECK(length >= 0);
    said[length] = '\0';
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void the_process_ends_with_a_message(way w, int still_works) {
    const char *const rule =
        w.which < 2 ? "libpi: a kernel ended its thread (pthread_exit): it must return\n"
                    : "libpi: a progress function ended its thread (pthread_exit): it "
                      "must return\n";
    char said[200];
    int status = ending(w, still_works, said, sizeof said);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    /* Two threads may say it. */
    CHECK(strncmp(said, rule, strlen(rule)) == 0);
}

static void the_thread_waits(way w) {
    char said[200];
    CHECK(ending(w, 2, said, sizeof said) == 0 && said[0] == '\0');
}

int main(int count, char **words) {
    const int is_python = count > 1 && strcmp(words[1], "python") == 0;
    EACH_DRIVER(driver) for (int which = 0; which < 3; which++) {
        if (is_python)
            the_thread_waits((way){driver, which});
        else
            the_process_ends_with_a_message((way){driver, which}, 0);
    }
    if (is_python)
        the_process_ends_with_a_message((way){"serial", 0}, 1000000);
    puts("all as the header says");
    return 0;
}
