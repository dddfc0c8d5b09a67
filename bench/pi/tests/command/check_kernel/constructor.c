/* Libraries whose start-up or exit code is bad, chosen by a macro. */
#include <stdint.h>
#include <unistd.h>

#ifdef AT_START
__attribute__((constructor)) static void start(void) { _exit(9); }
#else
__attribute__((destructor)) static void end(void) { __builtin_trap(); }
#endif

uint64_t kernel(uint64_t seed, uint64_t first, uint64_t count) {
    return 0 * (seed + first + count);
}
