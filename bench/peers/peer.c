/* The main part of the peers in C, C++ and Fortran: reads a request, times the calls and writes the
 * answer, as bench/PROTOCOL.md says.
 */
#define _GNU_SOURCE /* for sched_getaffinity */
#include "peer.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_THREADS = 1024, LONGEST_LIST = 4096 };

static _Noreturn void refuse(const char *key, const char *value, const char *why) {
    fprintf(stderr, "%s %s: %s\n", key, value, why);
    exit(2);
}

static uint64_t number(const char *key, const char *text) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        refuse(key, text, "it must be a whole number in digits, below 2^64");
    return value;
}

struct request {
    uint64_t seed, first, count, warmup, runs, ranks, threads;
    char generator[80], kernel[80], driver[80];
};

/* Reads `key value` lines up to an empty line. Other keys are for other runners. */
static struct request read_request(void) {
    struct request r = {42, 0, 0, 0, 1, 1, 1, "philox", "auto", "serial"};
    const struct {
        const char *key;
        uint64_t *number;
        char *text;
    } keys[] = {{"seed", &r.seed, NULL},       {"first", &r.first, NULL},
                {"count", &r.count, NULL},     {"warmup", &r.warmup, NULL},
                {"runs", &r.runs, NULL},       {"ranks", &r.ranks, NULL},
                {"threads", &r.threads, NULL}, {"generator", NULL, r.generator},
                {"kernel", NULL, r.kernel},    {"driver", NULL, r.driver}};
    char *line = NULL, key[80], value[80];
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0 && sscanf(line, "%79s", key) == 1) {
        if (sscanf(line, "%*s %79s", value) != 1)
            refuse(key, "", "a key needs a value");
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            if (strcmp(key, keys[i].key) != 0)
                continue;
            if (keys[i].number != NULL)
                *keys[i].number = number(key, value);
            else
                strcpy(keys[i].text, value);
        }
    }
    free(line);
    if (r.count > 0 && r.first > UINT64_MAX - (r.count - 1))
        refuse("count", "", "first + count must be at most 2^64");
    if (r.ranks != 1)
        refuse("ranks", "", "this program has 1");
    if (r.threads < 1 || r.threads > MOST_THREADS)
        refuse("threads", "", "there must be 1 to 1024");
    return r;
}

/* The kernel with this name, or the first for `auto`. */
static peer_count *find(const struct peer_kernel *kernels, const char *name) {
    if (strcmp(name, "auto") == 0)
        return kernels->count;
    for (; kernels->name != NULL; kernels++) {
        if (strcmp(name, kernels->name) == 0)
            return kernels->count;
    }
    refuse("kernel", name, "this program does not have it");
}

static uint64_t serial(peer_count *count_part, uint64_t seed, uint64_t first, uint64_t count,
                       int threads) {
    (void)threads;
    return count_part(seed, first, count);
}

/* The CPUs on which each thread may run that a driver starts. */
static char cpus_of_workers[MOST_THREADS][LONGEST_LIST];
static int workers;

/* Writes the CPUs of this thread as a list: 0-3,8. A driver calls it like a kernel. */
static uint64_t note_worker(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first, (void)count;
    cpu_set_t set;
    char *list = cpus_of_workers[__atomic_fetch_add(&workers, 1, __ATOMIC_RELAXED) % MOST_THREADS];
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 0; /* more CPUs than the set can have */
    for (int cpu = 0, length = 0; cpu < CPU_SETSIZE && length < LONGEST_LIST - 16; cpu++) {
        int begin = cpu;
        while (cpu < CPU_SETSIZE && CPU_ISSET(cpu, &set))
            cpu++;
        if (cpu > begin)
            length += sprintf(list + length, "%s%d", length > 0 ? "," : "", begin);
        if (cpu > begin + 1)
            length += sprintf(list + length, "-%d", cpu - 1);
    }
    return 0;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int peer_answer(int exact, const char *version, const struct peer_kernel *kernels,
                const char *driver_name, peer_driver *driver) {
    struct request r = read_request();
    if (exact && strcmp(r.generator, "philox") != 0)
        refuse("generator", r.generator, "this program has philox");
    peer_count *count = find(kernels, r.kernel);
    if (strcmp(r.driver, "serial") == 0 || strcmp(r.driver, "auto") == 0)
        driver = serial;
    else if (strcmp(r.driver, driver_name) != 0)
        refuse("driver", r.driver, "this program does not have it");
    if (driver == serial && r.threads != 1)
        refuse("threads", "", "the driver serial has 1");

    int threads = (int)r.threads;
    driver(note_worker, 0, 0, 0, threads);
    printf("version %s\ninfo ranks 1\ninfo threads %d\ninfo built_with %s\n", version, workers,
           PEER_BUILT_WITH);
    for (int worker = 0; worker < workers && *cpus_of_workers[worker] != '\0'; worker++)
        printf("%s%s", worker == 0 ? "info worker_cpus " : " ", cpus_of_workers[worker]);
    putchar('\n');
    /* Each run reads this anew, so the compiler cannot move a call out of the timed part. */
    volatile uint64_t first = r.first;
    for (uint64_t run = 0; run < r.warmup + r.runs; run++) {
        double begin = seconds();
        uint64_t hits = driver(count, r.seed, first, r.count, threads);
        double end = seconds();
        if (run >= r.warmup)
            printf("run %.9f %" PRIu64 "\n", end - begin, hits);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

uint64_t peer_part(uint64_t first, uint64_t count, int part, int parts) {
    uint64_t share = count / (uint64_t)parts, rest = count % (uint64_t)parts,
             number = (uint64_t)part;
    return first + share * number + (number < rest ? number : rest);
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014), as in SAMPLER.md. */
uint64_t peer_seed(uint64_t seed, uint64_t first) {
    uint64_t z = seed + first * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

void peer_fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}
