/* Counts the primes among the numbers [first, first + count). */
#include <stdbool.h>
#include <stdint.h>

static bool is_prime(uint64_t number) {
    if (number < 4) {
        return number > 1;
    }
    if (number % 2 == 0 || number % 3 == 0) {
        return false;
    }
    /* Every other prime is one below or above a multiple of 6. The quotient cannot overflow, as a
     * square could. */
    for (uint64_t divisor = 5; divisor <= number / divisor; divisor += 6) {
        if (number % divisor == 0 || number % (divisor + 2) == 0) {
            return false;
        }
    }
    return true;
}

/* A problem without random numbers needs no seed. */
uint64_t count_primes(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed;
    uint64_t primes = 0;
    for (uint64_t index = 0; index < count; index++) {
        primes += is_prime(first + index);
    }
    return primes;
}
