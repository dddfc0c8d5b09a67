/* A runner in plain C without libpi, by the protocol in bench/PROTOCOL.md. Its kernel is a plain
 * loop over Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11), one block after the other.
 *
 *     cc -O3 bench/runners/plain_philox.c -o plain-c
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The words of block b, read as signed: two samples (x, y). */
static void philox(uint64_t seed, uint64_t b, int32_t words[4]) {
    uint32_t c0 = (uint32_t)b, c1 = (uint32_t)(b >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    words[0] = (int32_t)c0, words[1] = (int32_t)c1, words[2] = (int32_t)c2, words[3] = (int32_t)c3;
}

static int hit(int64_t x, int64_t y) {
    return (uint64_t)(x * x) + (uint64_t)(y * y) < (uint64_t)1 << 62;
}

static uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    int32_t w[4];
    if (count > 0 && first % 2 == 1) {
        philox(seed, first++ / 2, w);
        hits += (uint64_t)hit(w[2], w[3]);
        count--;
    }
    for (uint64_t block = first / 2; count >= 2; block++, first += 2, count -= 2) {
        philox(seed, block, w);
        hits += (uint64_t)(hit(w[0], w[1]) + hit(w[2], w[3]));
    }
    if (count > 0) {
        philox(seed, first / 2, w);
        hits += (uint64_t)hit(w[0], w[1]);
    }
    return hits;
}

static void refuse(const char *key, const char *value, const char *why) {
    fprintf(stderr, "%s %s: %s\n", key, value, why);
    exit(2);
}

static uint64_t number(const char *key, const char *text) {
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        refuse(key, text, "it must be a whole number of 0 or more, below 2^64");
    return value;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
    uint64_t seed = 42, first = 0, count = 0, warmup = 0, runs = 1;
    const char *const names[] = {"seed", "first", "count", "warmup", "runs"};
    uint64_t *const numbers[] = {&seed, &first, &count, &warmup, &runs};
    char *line = NULL, key[64], value[64];
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0 && sscanf(line, "%63s", key) == 1) {
        if (sscanf(line, "%*s %63s", value) != 1)
            refuse(key, "", "a key needs a value");
        for (int i = 0; i < 5; i++)
            if (strcmp(key, names[i]) == 0)
                *numbers[i] = number(key, value);
        /* Refuse what this program cannot do. Otherwise it would be measured under a wrong name. */
        if (strcmp(key, "generator") == 0 && strcmp(value, "philox") != 0)
            refuse(key, value, "this program has only philox");
        /* The rest of the name tells how the program was compiled, as in plain-c@x86-64-v3. */
        if (strcmp(key, "kernel") == 0 && strncmp(value, "plain-c", strlen("plain-c")) != 0 &&
            strcmp(value, "auto") != 0)
            refuse(key, value, "this program has only plain-c");
        if (strcmp(key, "driver") == 0 && strcmp(value, "serial") != 0 &&
            strcmp(value, "auto") != 0)
            refuse(key, value, "this program has only serial");
        if ((strcmp(key, "threads") == 0 || strcmp(key, "ranks") == 0) && number(key, value) != 1)
            refuse(key, value, "this program has only 1");
    }
    free(line);
    if (count > 0 && first > UINT64_MAX - (count - 1)) {
        fprintf(stderr, "count %" PRIu64 ": first + count exceeds 2^64\n", count);
        return 2;
    }
    puts("version plain C 1.0, compiler " __VERSION__ "\ninfo ranks 1\ninfo threads 1");
#ifndef __OPTIMIZE__
    puts("info built_with " __VERSION__ " -O0"); /* pi check-runner refuses this */
#endif
    /* Each run reads this anew, so the compiler cannot move a call out of the timed part. */
    volatile uint64_t from = first;
    for (uint64_t run = 0; run < warmup + runs; run++) {
        double begin = seconds();
        uint64_t hits = count_hits(seed, from, count);
        double end = seconds();
        if (run >= warmup)
            printf("run %.9f %" PRIu64 "\n", end - begin, hits);
    }
    return 0;
}
