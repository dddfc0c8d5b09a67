/* Checks a kernel in a shared library: known counts, every length of its ends, and four threads at
 * once.
 *
 *     gallery kernel.so
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t (*kernel)(uint64_t seed, uint64_t first, uint64_t count);

/* From SAMPLER.md. */
static const struct known {
    uint64_t seed, first, count, hits;
} known[] = {
    {42, 0, 1000000, 785987},
    {0, 0, 10000000, 7854924},
    {UINT64_MAX, 0, 16777216, 13177369},
    {42, 999999, 1000001, 785622},
    {42, 8589934591, 3, 2},
    {42, 17179869183, 1000000, 785333},
    {42, 9223372036854275807, 1000003, 785207},
    {42, 18446744073708773839u, 777777, 610569},
    {42, UINT64_MAX, 0, 0},
};

/* Returns NULL, or the first known count that the kernel gets wrong. */
static void *check(void *unused) {
    (void)unused;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (kernel(known[i].seed, known[i].first, known[i].count) != known[i].hits)
            return (void *)&known[i];
    return NULL;
}

int main(int argc, char **argv) {
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *symbol = library ? dlsym(library, "philox") : NULL;
    if (!symbol) {
        fprintf(stderr, "cannot load philox: %s\n", argc == 2 ? dlerror() : "name one library");
        return 2;
    }
    memcpy(&kernel, &symbol, sizeof kernel);
    uint64_t sum = 0;
    for (uint64_t last = 1000; last < 1300; last++) {
        if (kernel(42, 1000, last - 1000) != sum ||
            kernel(42, 999, last - 999) != kernel(42, 999, 1) + sum) {
            fprintf(stderr, "the hits from 1000 to %" PRIu64 " are wrong\n", last);
            return 1;
        }
        sum += kernel(42, last, 1);
    }
    pthread_t threads[4];
    for (int t = 0; t < 4; t++)
        if (pthread_create(&threads[t], NULL, check, NULL))
            return 2;
    int failed = 0;
    for (int t = 0; t < 4; t++) {
        void *answer;
        pthread_join(threads[t], &answer);
        if (!answer)
            continue;
        const struct known *wrong = answer;
        fprintf(stderr, "wrong: seed %" PRIu64 ", %" PRIu64 " samples from %" PRIu64 "\n",
                wrong->seed, wrong->count, wrong->first);
        failed = 1;
    }
    return failed;
}
