/* Checks the contract of libpi.h: results, errors with a status and a message, and results that
 * stay as they were after an error. */
#include "libpi.h"

#include "check.h"

#include <pthread.h>

_Static_assert(sizeof(libpi_status) == 4 && sizeof(libpi_generator) == 4, "the ABI says int32_t");
_Static_assert((libpi_status)-1 < 0 && (libpi_generator)-1 < 0, "the ABI says signed");

static void fails(libpi_status got, libpi_status expected, const char *word) {
    FAILS(got, expected, word);
}

static void answers(void) {
    uint64_t hits = 0;
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 0, &hits) == LIBPI_OK && hits == 785987);
    CHECK(strcmp(libpi_last_error(), "") == 0);
    CHECK(libpi_hits(LIBPI_NPB, 271828183, 0, 1 << 24, 2, &hits) == LIBPI_OK && hits == 13176389);
    CHECK(libpi_hits(LIBPI_XOSHIRO, 42, 0, 1000000, 3, &hits) == LIBPI_OK && hits == 785360);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 0, 0, &hits) == LIBPI_OK && hits == 0);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, UINT64_MAX - 777776, 777777, 2, &hits) == LIBPI_OK &&
          hits == 610569);

    double pi = 0, error = 0, lower = 0, upper = 0;
    CHECK(libpi_estimate(785987, 1000000, &pi, &error) == LIBPI_OK);
    CHECK(pi > 3.1439 && pi < 3.1440 && error > 0.0016 && error < 0.0017);
    CHECK(libpi_interval(785987, 1000000, &lower, &upper) == LIBPI_OK);
    CHECK(lower < pi && pi < upper && upper - lower < 5 * error);

    uint64_t first = 0, count = 0, total = 0;
    for (uint64_t part = 0; part < 7; part++) {
        CHECK(libpi_split(65530, 1000000, 7, part, &first, &count) == LIBPI_OK);
        CHECK(count == 0 || first == 65530 + total);
        total += count;
    }
    CHECK(total == 1000000);
    CHECK(libpi_abi_version() == LIBPI_ABI_VERSION);
    CHECK(strcmp(libpi_version(), LIBPI_VERSION) == 0);
}

/* A known count of each generator. */
static const struct {
    uint64_t seed, first, count, hits;
} known[] = {
    [LIBPI_PHILOX] = {42, 999999, 1000001, 785622},
    [LIBPI_NPB] = {271828183, 65535, 1000003, 785678},
    [LIBPI_XOSHIRO] = {42, 100000, 1000000, 785378},
    [LIBPI_TEXTBOOK] = {42, 0, 1000000, 785398},
};

/* Runs every kernel that can run here under every driver. */
static void whole_catalog(void) {
    libpi_generator generator = 0;
    const char *kernel = NULL, *driver = NULL, *missing = NULL;
    uint32_t cells = 0;
    for (uint32_t k = 0; libpi_kernel_at(k, &generator, &kernel, &missing) == LIBPI_OK; k++) {
        if (missing != NULL) {
            CHECK(strlen(missing) > 10);
            uint64_t hits = 7;
            fails(libpi_hits_with(kernel, "auto", generator, 1, 0, 1, 1, &hits),
                  LIBPI_ERROR_MISSING, missing);
            CHECK(hits == 7);
            continue;
        }
        for (uint32_t d = 0; libpi_driver_at(d, &driver, &missing) == LIBPI_OK; d++) {
            int32_t threads = strcmp(driver, "serial") == 0 ? 1 : 2;
            uint64_t hits = 0;
            CHECK(missing == NULL);
            CHECK(libpi_hits_with(kernel, driver, generator, known[generator].seed,
                                  known[generator].first, known[generator].count, threads,
                                  &hits) == LIBPI_OK);
            /* Textbook kernels are statistical: their counts may differ by 5 standard errors. */
            uint64_t slack = generator == LIBPI_TEXTBOOK ? 2053 : 0;
            CHECK(known[generator].hits - slack <= hits && hits <= known[generator].hits + slack);
            cells++;
        }
    }
    CHECK(cells >= 4 * 3 * 5);
    fails(libpi_kernel_at(1000, &generator, &kernel, &missing), LIBPI_ERROR_INDEX, "1000");
    fails(libpi_driver_at(1000, &driver, &missing), LIBPI_ERROR_INDEX, "5 drivers");
}

/* Counts the multiples of a number. The seed carries a pointer to that number. */
static uint64_t multiples(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t divisor = *(const uint64_t *)(uintptr_t)seed, found = 0;
    for (uint64_t i = 0; i < count; i++) {
        found += (first + i) % divisor == 0;
    }
    return found;
}

static void own_kernel(void) {
    uint64_t divisor = 7, hits = 0;
    uint64_t seed = (uint64_t)(uintptr_t)&divisor;
    const char *driver = NULL, *missing = NULL;
    for (uint32_t d = 0; libpi_driver_at(d, &driver, &missing) == LIBPI_OK; d++) {
        int32_t threads = strcmp(driver, "serial") == 0 ? 1 : 3;
        CHECK(libpi_drive(driver, multiples, seed, 0, 700000, threads, &hits) == LIBPI_OK);
        CHECK(hits == 100000);
    }
    CHECK(libpi_drive("auto", multiples, seed, 0, 700000, 0, &hits) == LIBPI_OK && hits == 100000);
    CHECK(libpi_drive("auto", multiples, seed, 0, 0, 0, &hits) == LIBPI_OK && hits == 0);
}

/* The sum over the parts is taken modulo 2^64: three times 2^64 - 1 make 2^64 - 3. */
static uint64_t almost_2_to_the_64(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first, (void)count;
    return UINT64_MAX;
}

static void sums_wrap(void) {
    const char *driver = NULL, *missing = NULL;
    for (uint32_t d = 0; libpi_driver_at(d, &driver, &missing) == LIBPI_OK; d++) {
        uint64_t sum = 0;
        if (strcmp(driver, "serial") != 0) {
            CHECK(libpi_drive(driver, almost_2_to_the_64, 0, 0, 3 * 65536, 3, &sum) == LIBPI_OK);
            CHECK(sum == UINT64_MAX - 2);
        }
        /* Every driver takes a range of more than 2^62 indices in several pieces, here in four. */
        CHECK(libpi_drive(driver, almost_2_to_the_64, 0, 0, UINT64_MAX, 1, &sum) == LIBPI_OK);
        CHECK(sum == UINT64_MAX - 3);
    }
}

/* A kernel may itself call libpi. */
static uint64_t asks_libpi(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    CHECK(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED);
    CHECK(libpi_hits(LIBPI_PHILOX, seed, first, count, 1, &hits) == LIBPI_OK);
    return hits;
}

static void odd_but_allowed(void) {
    uint64_t hits = 0;
    double pi = 0;
    const char *names = NULL;
    CHECK(libpi_drive("threads", asks_libpi, 42, 0, 1000000, 2, &hits) == LIBPI_OK);
    CHECK(hits == 785987);
    CHECK(libpi_drive("serial", asks_libpi, 42, 0, 1000000, 1, &hits) == LIBPI_OK);
    CHECK(hits == 785987 && strcmp(libpi_last_error(), "") == 0);
    CHECK(libpi_estimate(785987, 1000000, &pi, &pi) == LIBPI_OK && pi > 0.0016 && pi < 0.0017);
    CHECK(libpi_split(65530, 1000000, 7, 6, &hits, &hits) == LIBPI_OK && hits == 148026);
    CHECK(libpi_driver_at(0, &names, &names) == LIBPI_OK && names == NULL);
    /* The last message may even be an argument. */
    CHECK(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED);
    fails(libpi_hits_with(libpi_last_error(), "auto", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NAME,
          "odd and below");
}

static void errors(void) {
    uint64_t hits = 7, other = 7;
    double value = 7;
    libpi_generator generator = 7;
    const char *name = NULL, *missing = NULL;

    fails(libpi_hits(LIBPI_PHILOX, 42, 0, 1, 1, NULL), LIBPI_ERROR_NULL, "hits");
    fails(libpi_hits(0, 42, 0, 1, 1, &hits), LIBPI_ERROR_GENERATOR, "LIBPI_PHILOX");
    fails(libpi_hits(99, 42, 0, 1, 1, &hits), LIBPI_ERROR_GENERATOR, "99");
    fails(libpi_hits(LIBPI_NPB, 42, 0, 1, 1, &hits), LIBPI_ERROR_SEED, "odd");
    fails(libpi_hits(LIBPI_PHILOX, 42, UINT64_MAX, 2, 1, &hits), LIBPI_ERROR_RANGE, "2^64");
    fails(libpi_hits(LIBPI_PHILOX, 42, 0, 1, -1, &hits), LIBPI_ERROR_THREADS, "-1");
    fails(libpi_hits(LIBPI_PHILOX, 42, 0, 1, 1025, &hits), LIBPI_ERROR_THREADS, "1025");

    fails(libpi_hits_with(NULL, "auto", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NULL, "kernel");
    fails(libpi_hits_with("auto", NULL, 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NULL, "driver");
    fails(libpi_hits_with("auto", "auto", 1, 42, 0, 1, 1, NULL), LIBPI_ERROR_NULL, "hits");
    fails(libpi_hits_with("rast", "auto", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NAME, "rust");
    fails(libpi_hits_with("c@x", "auto", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NAME, "level");
    fails(libpi_hits_with("c", "opnmp", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NAME, "openmp-c");
    fails(libpi_hits_with("\xff", "auto", 1, 42, 0, 1, 1, &hits), LIBPI_ERROR_NAME, "UTF-8");
    fails(libpi_hits_with("c", "serial", 1, 42, 0, 1, 2, &hits), LIBPI_ERROR_THREADS, "serial");

    fails(libpi_drive(NULL, multiples, 0, 0, 1, 1, &hits), LIBPI_ERROR_NULL, "driver");
    fails(libpi_drive("auto", NULL, 0, 0, 1, 1, &hits), LIBPI_ERROR_NULL, "kernel");
    fails(libpi_drive("auto", multiples, 0, 0, 1, 1, NULL), LIBPI_ERROR_NULL, "hits");
    fails(libpi_drive("auto", multiples, 0, 2, UINT64_MAX, 1, &hits), LIBPI_ERROR_RANGE, "2^64");

    fails(libpi_split(0, 1, 1, 1, &hits, &other), LIBPI_ERROR_PART, "part 1 of 1");
    fails(libpi_split(0, 1, 0, 0, &hits, &other), LIBPI_ERROR_PART, "part 0 of 0");
    fails(libpi_split(0, 1, 1, 0, NULL, &other), LIBPI_ERROR_NULL, "part_first");
    fails(libpi_split(0, 1, 1, 0, &hits, NULL), LIBPI_ERROR_NULL, "part_count");
    fails(libpi_estimate(2, 1, &value, &value), LIBPI_ERROR_HITS, "2 hits");
    fails(libpi_estimate(0, 0, &value, &value), LIBPI_ERROR_NO_SAMPLES, "no estimate");
    fails(libpi_estimate(1, 2, NULL, &value), LIBPI_ERROR_NULL, "pi");
    fails(libpi_estimate(1, 2, &value, NULL), LIBPI_ERROR_NULL, "standard_error");
    fails(libpi_interval(1, 2, NULL, &value), LIBPI_ERROR_NULL, "lower");
    fails(libpi_interval(1, 2, &value, NULL), LIBPI_ERROR_NULL, "upper");
    fails(libpi_kernel_at(0, NULL, &name, &missing), LIBPI_ERROR_NULL, "generator");
    fails(libpi_kernel_at(0, &generator, NULL, &missing), LIBPI_ERROR_NULL, "name");
    fails(libpi_kernel_at(0, &generator, &name, NULL), LIBPI_ERROR_NULL, "missing");
    fails(libpi_driver_at(0, NULL, &missing), LIBPI_ERROR_NULL, "name");
    fails(libpi_driver_at(0, &name, NULL), LIBPI_ERROR_NULL, "missing");

    /* The failed calls wrote nothing. */
    CHECK(hits == 7 && other == 7 && value == 7 && generator == 7 && name == NULL);
}

static void *in_another_thread(void *unused) {
    (void)unused;
    CHECK(strcmp(libpi_last_error(), "") == 0);
    fails(libpi_split(0, 1, 3, 5, NULL, NULL), LIBPI_ERROR_NULL, "part_first");
    return NULL;
}

static void last_error_is_the_threads_own(void) {
    uint64_t hits = 0;
    fails(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits), LIBPI_ERROR_SEED, "seed 2");
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, in_another_thread, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(strstr(libpi_last_error(), "seed 2") != NULL);
}

static int called_at_the_end;

/* The destructors of thread-specific data run after libpi's own data of the thread is gone. The
 * call uses one thread, because starting others here would make the C library leak 32 bytes. */
static void at_the_end_of_a_thread(void *unused) {
    uint64_t hits = 0;
    (void)unused;
    called_at_the_end = libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 1, &hits) == LIBPI_OK &&
                        hits == 785987 &&
                        libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED &&
                        strcmp(libpi_last_error(), "") == 0;
}

static void *sets_a_destructor(void *key) {
    uint64_t hits = 0;
    CHECK(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits) == LIBPI_ERROR_SEED);
    CHECK(pthread_setspecific(*(pthread_key_t *)key, key) == 0);
    return NULL;
}

static void a_thread_may_call_until_its_very_end(void) {
    pthread_key_t key;
    pthread_t thread;
    CHECK(pthread_key_create(&key, at_the_end_of_a_thread) == 0);
    CHECK(pthread_create(&thread, NULL, sets_a_destructor, &key) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(called_at_the_end);
    CHECK(pthread_key_delete(key) == 0);
}

/* Every status has a text of its own; every other number has one too. */
static void every_status_has_a_text(void) {
    const char *unknown = libpi_status_text(-1);
    for (libpi_status status = LIBPI_OK; status <= LIBPI_STOPPED; status++) {
        const char *text = libpi_status_text(status);
        CHECK(strlen(text) >= 7 && strcmp(text, unknown) != 0);
        CHECK(libpi_status_text(status) == text);
        for (libpi_status other = LIBPI_OK; other < status; other++)
            CHECK(strcmp(text, libpi_status_text(other)) != 0);
    }
    CHECK(strcmp(libpi_status_text(LIBPI_OK), "success") == 0);
    CHECK(strstr(libpi_status_text(LIBPI_ERROR_RANGE), "2^64") != NULL);
    const libpi_status others[] = {LIBPI_STOPPED + 1, 101, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 4; i++)
        CHECK(libpi_status_text(others[i]) == unknown && strlen(unknown) > 20);
    /* A text does not replace the last error. */
    uint64_t hits = 0;
    fails(libpi_hits(LIBPI_NPB, 2, 0, 1, 1, &hits), LIBPI_ERROR_SEED, "seed 2");
    CHECK(libpi_status_text(LIBPI_ERROR_SEED) != NULL);
    CHECK(strstr(libpi_last_error(), "seed 2") != NULL);
}

int main(void) {
    answers();
    every_status_has_a_text();
    whole_catalog();
    own_kernel();
    sums_wrap();
    odd_but_allowed();
    errors();
    last_error_is_the_threads_own();
    a_thread_may_call_until_its_very_end();
    puts("all as the header says");
    return 0;
}
