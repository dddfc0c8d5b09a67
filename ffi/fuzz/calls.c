/* Makes arbitrary calls of the whole C API, for libFuzzer. fuzz.sh builds and runs this.
 *
 * Checks of every call: the status is known and never a panic; it is LIBPI_OK exactly if the
 * arguments are valid; after an error there is a message and the results are untouched, after a
 * success there is no message. Checks of results: hits do not exceed the samples, are the same
 * under every kernel and driver, and add up over the parts of a range; a failing kernel's number
 * comes back; a stopped count has the hits of what is done; the parts of a range make up the range;
 * estimates are in [0, 4]. */
#include "libpi.h"

#include "arguments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t hits_of(libpi_generator generator, uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    CHECK(libpi_hits(generator, seed, first, count, 1, &hits) == LIBPI_OK && hits <= count);
    return hits;
}

static void hits(void) {
    libpi_generator generator = any_generator();
    uint64_t seed = number(), first = number(), count = number();
    int32_t threads = number_of_threads();
    bool with_names = byte() % 2 == 1;
    if (is_range(first, count)) {
        count %= 150000;
    }
    out answer = place(sizeof(uint64_t));
    name kernel = {NULL, YES}, driver = {NULL, YES};
    libpi_status status;
    if (with_names) {
        kernel = any_name(true, generator);
        driver = any_name(false, generator);
        status = libpi_hits_with(kernel.text, driver.text, generator, seed, first, count, threads,
                                 answer.place);
    } else {
        status = libpi_hits(generator, seed, first, count, threads, answer.place);
    }
    bool is_right = answer.place != NULL && LIBPI_PHILOX <= generator &&
                    generator <= LIBPI_TEXTBOOK && is_seed(generator, seed) &&
                    is_range(first, count) && are_threads_right(threads, is_serial(&driver));
    hold(status, all_right(is_right ? YES : NO, all_right(kernel.is_usable, driver.is_usable)));
    if (status != LIBPI_OK) {
        CHECK(is_untouched(&answer));
    } else {
        CHECK(value(&answer) <= count);
        if (generator != LIBPI_TEXTBOOK) {
            uint64_t cut = count == 0 ? 0 : raw() % count;
            uint64_t lower = hits_of(generator, seed, first, cut);
            CHECK(value(&answer) == lower + hits_of(generator, seed, first + cut, count - cut));
        }
    }
    free(answer.place);
    free(kernel.text);
    free(driver.text);
}

/* The kernel `own` uses f so that its sum over a range is known, modulo 2^64: f(end) - f(first). */
static uint64_t f(uint64_t seed, uint64_t x) { return x * x * seed + 3 * x; }

static uint64_t own(uint64_t seed, uint64_t first, uint64_t count) {
    CHECK(0 < count && count <= 1ULL << 62 && is_range(first, count));
    return f(seed, first + count) - f(seed, first);
}

static void drive(void) {
    uint64_t seed = number(), first = number(), count = number();
    int32_t threads = number_of_threads();
    name driver = any_name(false, 0);
    libpi_kernel kernel = byte() % 16 == 15 ? NULL : own;
    out answer = place(sizeof(uint64_t));
    libpi_status status =
        libpi_drive(driver.text, kernel, seed, first, count, threads, answer.place);
    bool is_right = answer.place != NULL && kernel != NULL && is_range(first, count) &&
                    are_threads_right(threads, is_serial(&driver));
    hold(status, all_right(is_right ? YES : NO, driver.is_usable));
    CHECK(status == LIBPI_OK ? value(&answer) == f(seed, first + count) - f(seed, first)
                             : is_untouched(&answer));
    free(answer.place);
    free(driver.text);
}

/* What a kernel that can fail shares with its caller. */
typedef struct {
    uint64_t first, count, longest, fails_at;
    int32_t error;
} run;

/* Counts as `own` does. Fails in the call that has the index `fails_at`. */
static int32_t own_or_error(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    const run *r = context;
    CHECK(*hits == 0 && 0 < count && count <= r->longest);
    CHECK(first - r->first < r->count && count <= r->count - (first - r->first));
    *hits = f(3, first + count) - f(3, first);
    return r->fails_at - first < count ? r->error : 0;
}

static void drive_context(void) {
    uint64_t first = number(), count = number(), block = number();
    int32_t threads = number_of_threads();
    name driver = any_name(false, 0);
    libpi_context_kernel kernel = byte() % 16 == 15 ? NULL : own_or_error;
    /* A range of many blocks is counted only if its first index fails. */
    bool is_long = count / (block == 0 ? 1 << 20 : block) > 2000;
    run r = {first, count, block == 0 ? 1 << 20 : block, first + (is_long ? 0 : number()),
             (int32_t)raw()};
    if (is_long && r.error == 0) {
        r.error = -1;
    }
    bool fails = r.error != 0 && r.fails_at - first < count;
    out answer = place(sizeof(uint64_t));
    libpi_status status =
        libpi_drive_context(driver.text, kernel, &r, first, count, block, threads, answer.place);
    bool is_right = answer.place != NULL && kernel != NULL && is_range(first, count) &&
                    block <= INT64_MAX && are_threads_right(threads, is_serial(&driver));
    hold(status, all_right(is_right && !fails ? YES : NO, driver.is_usable));
    if (is_right && fails && driver.is_usable == YES) {
        CHECK(status == LIBPI_ERROR_KERNEL && libpi_last_kernel_error() == r.error);
    }
    CHECK(status == LIBPI_OK ? value(&answer) == f(3, first + count) - f(3, first)
                             : is_untouched(&answer));
    free(answer.place);
    free(driver.text);
}

/* What a progress function shares with its caller. */
typedef struct {
    uint64_t count, last;
    uint32_t calls, stop_at;
} watch;

static int32_t stops(void *user_data, uint64_t done, uint64_t count) {
    watch *w = user_data;
    CHECK(count == w->count && w->last < done && done <= count);
    w->last = done;
    return ++w->calls == w->stop_at;
}

static void progress(void) {
    libpi_generator generator = any_generator();
    uint64_t seed = number(), first = number(), count = number();
    int32_t threads = number_of_threads();
    name kernel = any_name(true, generator), driver = any_name(false, generator);
    libpi_progress callback = byte() % 16 == 15 ? NULL : stops;
    bool is_short = byte() % 2 == 1;
    if (is_short && is_range(first, count)) {
        count %= 150000;
    }
    watch w = {count, 0, 0, is_short ? byte() % 4 : 1};
    out answer = place(sizeof(uint64_t)), done = place(sizeof(uint64_t));
    libpi_status status =
        libpi_hits_progress(kernel.text, driver.text, generator, seed, first, count, threads,
                            callback, &w, answer.place, done.place);
    bool is_right = answer.place != NULL && done.place != NULL && callback != NULL &&
                    LIBPI_PHILOX <= generator && generator <= LIBPI_TEXTBOOK &&
                    is_seed(generator, seed) && is_range(first, count) &&
                    are_threads_right(threads, is_serial(&driver));
    if (status == LIBPI_STOPPED) {
        CHECK(is_right && w.calls == w.stop_at && w.last < count);
    } else {
        hold(status, all_right(is_right ? YES : NO, all_right(kernel.is_usable, driver.is_usable)));
    }
    if (status == LIBPI_OK || status == LIBPI_STOPPED) {
        CHECK(value(&done) == w.last && value(&answer) <= w.last);
        if (generator != LIBPI_TEXTBOOK) {
            CHECK(value(&answer) == hits_of(generator, seed, first, w.last));
        }
    } else {
        CHECK(is_untouched(&answer) && is_untouched(&done) && w.calls == 0);
    }
    free(answer.place);
    free(done.place);
    free(kernel.text);
    free(driver.text);
}

/* Sets the default number of threads, and takes it back: other calls must stay cheap. */
static void threads(void) {
    int32_t before = libpi_threads(),
            wanted = byte() % 2 == 1 ? number_of_threads() : (int32_t)raw();
    CHECK(1 <= before && before <= 1024 && strlen(libpi_last_error()) == 0);
    libpi_status status = libpi_set_threads(wanted);
    hold(status, 0 <= wanted && wanted <= 1024 ? YES : NO);
    CHECK(libpi_threads() == (status != LIBPI_OK || wanted == 0 ? before : wanted));
    CHECK(status != LIBPI_OK || wanted == 0 ||
          strcmp(libpi_threads_rule(), "libpi_set_threads") == 0);
    CHECK(libpi_set_threads(0) == LIBPI_OK && libpi_threads() == before);
    CHECK(strlen(libpi_threads_rule()) > 0);
    CHECK(strlen(libpi_status_text((libpi_status)raw())) > 0);
}

static void split(void) {
    uint64_t first = number(), count = number(), parts = number(), part = number();
    out from = place(sizeof(uint64_t)), length = place(sizeof(uint64_t));
    libpi_status status = libpi_split(first, count, parts, part, from.place, length.place);
    bool is_right = from.place != NULL && length.place != NULL && part < parts;
    hold(status, is_right && is_range(first, count) ? YES : NO);
    if (status != LIBPI_OK) {
        CHECK(is_untouched(&from) && is_untouched(&length));
    } else if (value(&length) > 0) {
        uint64_t start = value(&from), end = start + value(&length);
        CHECK(start >= first && value(&length) <= count && start - first <= count - value(&length));
        CHECK(start == first || start % 65536 == 0);
        CHECK(end == first + count || end % 65536 == 0);
    }
    if (status == LIBPI_OK && parts <= 100) {
        uint64_t next = first, more = 0;
        for (uint64_t p = 0; p < parts; p++) {
            uint64_t start = 0;
            CHECK(libpi_split(first, count, parts, p, &start, &more) == LIBPI_OK);
            CHECK(more == 0 || start == next);
            next += more;
        }
        CHECK(next == first + count);
    }
    free(from.place);
    free(length.place);
}

static void estimate(void) {
    uint64_t count = number(), found = number();
    bool is_interval = byte() % 2 == 1;
    if (byte() % 4 != 0 && count != UINT64_MAX) {
        found %= count + 1;
    }
    out one = place(sizeof(double)), two = place(sizeof(double));
    libpi_status status = is_interval ? libpi_interval(found, count, one.place, two.place)
                                      : libpi_estimate(found, count, one.place, two.place);
    bool is_right = one.place != NULL && two.place != NULL && found <= count && count > 0;
    hold(status, is_right ? YES : NO);
    if (status != LIBPI_OK) {
        CHECK(is_untouched(&one) && is_untouched(&two));
    } else {
        double pi = 0, error = 0, lower = 0, upper = 0;
        CHECK(libpi_estimate(found, count, &pi, &error) == LIBPI_OK);
        CHECK(libpi_interval(found, count, &lower, &upper) == LIBPI_OK);
        CHECK(0 <= pi && pi <= 4 && 0 <= error && error <= 2);
        CHECK(0 <= lower && lower <= pi + 1e-15 && pi - 1e-15 <= upper && upper <= 4);
        CHECK(real(&one) == (is_interval ? lower : pi));
        CHECK(real(&two) == (is_interval ? upper : error));
    }
    free(one.place);
    free(two.place);
}

static void catalog(void) {
    uint32_t index = byte() % 4 == 0 ? (uint32_t)raw() : byte() % 64;
    bool is_kernel = byte() % 2 == 1;
    out generator = place(sizeof(libpi_generator));
    out text = place(sizeof(char *)), missing = place(sizeof(char *));
    libpi_status status = is_kernel
                              ? libpi_kernel_at(index, generator.place, text.place, missing.place)
                              : libpi_driver_at(index, text.place, missing.place);
    bool has_null = text.place == NULL || missing.place == NULL;
    if (is_kernel && generator.place == NULL) {
        has_null = true;
    }
    hold(status, has_null ? NO : UNKNOWN);
    if (status != LIBPI_OK) {
        CHECK(is_untouched(&generator) && is_untouched(&text) && is_untouched(&missing));
        CHECK(has_null || status == LIBPI_ERROR_INDEX);
    } else {
        CHECK(strlen(*(const char **)text.place) > 0);
        CHECK(index < 64);
    }
    free(generator.place);
    free(text.place);
    free(missing.place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const calls[])(void) = {hits,     hits,    hits,  drive,    drive_context,
                                          progress, threads, split, estimate, catalog};
    input = data;
    left = size;
    /* Several calls, because no call may affect a later one. */
    for (int i = 0; i < 3 && left > 0; i++) {
        calls[byte() % (sizeof calls / sizeof *calls)]();
    }
    CHECK(libpi_abi_version() == LIBPI_ABI_VERSION);
    CHECK(strcmp(libpi_version(), LIBPI_VERSION) == 0);
    return 0;
}
