/* Kernels that break one rule each, and one that keeps all. They count the indices that are no
 * multiple of 5, which libpi cannot know. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KERNEL(name) uint64_t name(uint64_t seed, uint64_t first, uint64_t count)

static uint64_t multiples_below(uint64_t n) { return n / 5 + (n % 5 != 0); }

KERNEL(good) {
    (void)seed;
    if (count == 0)
        return 0;
    uint64_t last = first + (count - 1);
    return count - (last / 5 - multiples_below(first) + 1);
}

/* Wrong counts. */

KERNEL(one_for_nothing) { return count == 0 ? 1 : good(seed, first, count); }

KERNEL(odd_starts) { return good(seed, first, count) - (first % 2 == 1 && count > 1); }

KERNEL(long_ranges) { return good(seed, first, count) + (count > 1000); }

KERNEL(first_of_32_bits) { return good(seed, (uint32_t)first, count); }

KERNEL(count_of_32_bits) { return good(seed, first, (uint32_t)count); }

KERNEL(signed_end) {
    return (int64_t)(first + count) < (int64_t)first ? 0 : good(seed, first, count);
}

KERNEL(end_wraps) {
    return first + count < first || first + count == 0 ? 0 : good(seed, first, count);
}

KERNEL(from_2_to_32) { return good(seed, first, count) + (count >= (uint64_t)1 << 32); }

KERNEL(from_2_to_33) { return good(seed, first, count) + (count >= (uint64_t)1 << 33); }

KERNEL(signed_count) { return (int64_t)count < 0 ? 0 : good(seed, first, count); }

KERNEL(counts_twice) { return 2 * good(seed, first, count); }

static pthread_t first_thread;

__attribute__((constructor)) static void set_thread(void) { first_thread = pthread_self(); }

KERNEL(depends_on_thread) {
    return pthread_equal(pthread_self(), first_thread) ? good(seed, first, count) : 0;
}

/* State. */

KERNEL(counts_its_calls) {
    static uint64_t calls;
    return good(seed, first, count) + (calls++ > 20);
}

KERNEL(remembers) {
    static uint64_t last;
    uint64_t before = last;
    last = first;
    return good(seed, first, count) + (before > first);
}

KERNEL(races) {
    static volatile uint64_t hits, number;
    hits = 0;
    for (number = 0; number < count; number++)
        hits += (first + number) % 5 != 0;
    return seed == 0 ? 0 : hits;
}

/* No return. */

KERNEL(crashes) {
    static char *volatile nowhere;
    if (first % 8 == 3)
        *nowhere = 1;
    return good(seed, first, count);
}

KERNEL(aborts) {
    if (first >= (uint64_t)1 << 32)
        abort();
    return good(seed, first, count);
}

KERNEL(divides_by_0) {
    volatile uint64_t zero_for_7 = count != 7;
    return good(seed, first, count) + count / zero_for_7 - count;
}

KERNEL(leaves_with_0) {
    if (count > 100)
        exit(0);
    return good(seed, first, count);
}

KERNEL(leaves_with_3) {
    if (first == 1)
        _exit(3);
    return good(seed, first, count);
}

KERNEL(ends_its_thread) {
    if (count > 100)
        pthread_exit(NULL);
    return good(seed, first, count);
}

KERNEL(never_ends) {
    uint64_t hits = 0;
    for (volatile uint64_t i = first; count > 0 && i <= first + (count - 1); i++)
        hits += i % 5 != 0;
    return seed == 0 ? 0 : hits;
}

KERNEL(always_waits) {
    for (;;)
        pause();
    return good(seed, first, count);
}

KERNEL(is_slow) {
    sleep(3);
    return good(seed, first, count);
}

static jmp_buf ended;

/* Its frame is overwritten after it returns. */
__attribute__((constructor, noinline)) static void set_mark(void) {
    volatile char frame[512] = {0};
    if (setjmp(ended) != 0)
        abort();
    (void)frame;
}

KERNEL(jumps) {
    if (count > 2)
        longjmp(ended, 1);
    return good(seed, first, count);
}

KERNEL(forks) {
    if (count == 7)
        fork();
    return good(seed, first, count);
}

KERNEL(deep_stack) {
    volatile char large[4 << 20];
    /* From the top of the stack downwards, so that the first page below it is met first. */
    for (size_t left = sizeof large; left > 0; left -= 4096)
        large[left - 1] = (char)seed;
    return good(seed, first, count) + (large[8191] != (char)seed);
}

/* Traces. */

static void *wait_long(void *nothing) {
    sleep(1000);
    return nothing;
}

KERNEL(starts_a_thread) {
    static pthread_t thread;
    if (thread == 0)
        pthread_create(&thread, NULL, wait_long, NULL);
    return good(seed, first, count);
}

KERNEL(starts_a_process) {
    static pid_t process;
    if (process == 0 && (process = fork()) == 0)
        _exit(0);
    return good(seed, first, count);
}

/* The process has no parent and another group, so it outlives both. */
KERNEL(starts_a_daemon) {
    static pid_t process;
    if (process == 0 && (process = fork()) == 0) {
        setsid();
        if (fork() == 0)
            sleep(1000);
        _exit(0);
    }
    waitpid(process, NULL, 0);
    return good(seed, first, count);
}

static void nothing(int signal) { (void)signal; }

KERNEL(handles_signals) {
    signal(SIGFPE, nothing);
    return good(seed, first, count);
}

KERNEL(blocks_signals) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return good(seed, first, count);
}

KERNEL(rounds_down) {
    fesetround(FE_DOWNWARD);
    return good(seed, first, count);
}

KERNEL(pins) {
    cpu_set_t one;
    sched_getaffinity(0, sizeof one, &one);
    for (int cpu = 0, kept = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &one) && kept++)
            CPU_CLR(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return good(seed, first, count);
}

KERNEL(sets_a_variable) {
    setenv("LEFT_BY_A_KERNEL", "1", 1);
    return good(seed, first, count);
}

KERNEL(sets_the_locale) {
    setlocale(LC_ALL, "C.UTF-8");
    return good(seed, first, count);
}

KERNEL(goes_elsewhere) {
    if (chdir("/usr") != 0)
        abort();
    return good(seed, first, count);
}

KERNEL(sets_the_file_mask) {
    umask(0);
    return good(seed, first, count);
}

KERNEL(opens_a_file) {
    static int file = -1;
    if (file < 0)
        file = open("/dev/zero", O_RDONLY);
    return good(seed, first, count);
}

KERNEL(leaks) {
    char *volatile kept = malloc(100);
    if (kept != NULL)
        kept[0] = (char)seed;
    return good(seed, first, count);
}

KERNEL(prints) {
    if (count == 3)
        printf("three samples\n");
    return good(seed, first, count);
}
